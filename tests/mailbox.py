"""A mail server for tests: real SMTP on a real port, that can be as unwilling as real ones are."""

import random
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass(frozen=True)
class Accepted:
    """A mail that the server said it would take care of."""

    to: str
    message: EmailMessage

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])


@dataclass
class Mailbox:
    """What was accepted, in order; and how often this server is unwilling, as parts of one."""

    refuses: dict[str, int] = field(default_factory=dict)  # recipients, each with its code
    puts_off: float = 0.0  # answers "450 later" instead of "250 yes"
    hangs_up: float = 0.0  # accepts, and ends the line before it says so
    closes: float = 0.0  # says "421 closing" and does
    slowness: float = 0.0  # seconds for each mail, so that a kill strikes in the middle of one
    seed: int = 0
    accepted: list[Accepted] = field(default_factory=list)
    tried: int = 0
    unsaid: int = 0  # accepted, and never told
    port: int = 0

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def by_recipient(self) -> dict[str, list[str]]:
        """The Message-IDs that each recipient got, repeats and all."""
        found: dict[str, list[str]] = {}
        for one in self.accepted:
            found.setdefault(one.to, []).append(one.id)
        return found


class Line(socketserver.StreamRequestHandler):
    """One client, from greeting to goodbye (RFC 5321)."""

    def handle(self) -> None:
        self.box: Mailbox = self.server.box  # type: ignore[attr-defined]
        self.recipient = ""
        self.say("220 mailbox")
        try:
            while (line := self.rfile.readline()) and self.answer(line.decode().strip()):
                pass
        except OSError:
            pass

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def answer(self, said: str) -> bool:
        """Answer one command; False ends the line."""
        word = said[:4].upper()
        if word == "DATA":
            return self.take_mail()
        if word == "RCPT":
            return self.take_recipient(said.partition("<")[2].partition(">")[0])
        if word == "QUIT":
            self.say("221 bye")
            return False
        self.say("250 yes" if word in {"EHLO", "HELO", "MAIL", "RSET", "NOOP"} else "500 what?")
        return True

    def take_recipient(self, recipient: str) -> bool:
        self.recipient = recipient
        self.box.tried += 1
        if self.box.dice.random() < self.box.closes:
            self.say("421 closing")
            return False
        code = self.box.refuses.get(recipient, 250)
        self.say(f"{code} {recipient}")
        return True

    def take_mail(self) -> bool:
        self.say("354 go on")
        body = b""
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            body += line.removeprefix(b".")
        threading.Event().wait(self.box.slowness)
        if self.box.dice.random() < self.box.puts_off:
            self.say("450 later")
            return True
        message = message_from_bytes(body, policy=policy.default)
        self.box.accepted.append(Accepted(self.recipient, message))
        if self.box.dice.random() < self.box.hangs_up:
            self.box.unsaid += 1
            return False
        self.say("250 yes")
        return True


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


@contextmanager
def a_mailbox(port: int = 0, **how: object) -> Iterator[Mailbox]:
    """A mail server that listens until the end of the block."""
    box = Mailbox(**how)  # type: ignore[arg-type]
    with _Server(("127.0.0.1", port), Line) as server:
        server.box = box  # type: ignore[attr-defined]
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
