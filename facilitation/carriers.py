"""Who carries a mail away: a mail server by SMTP, or a folder where none is set."""

import contextlib
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from facilitation.settings import MailServer, Settings

PATIENCE = 30.0  # seconds for each answer of the mail server
CLOSING = 421  # "service not available, closing": nothing is wrong with the mail itself


class Refused(Exception):
    """This mail was not taken. The code of the answer, 0 when none came; never its words."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code

    @property
    def is_final(self) -> bool:
        """Whether trying again would bring the same answer (RFC 5321, 4.2.1)."""
        return self.code >= 500


class Down(Exception):
    """No mail can be carried now; the reason in a word."""


class Carrier(Protocol):
    def carry(self, message: EmailMessage) -> None:
        """Return once it is somebody else's; raises `Refused` for this mail, `Down` for all."""

    def close(self) -> None: ...


def carrier_for(settings: Settings) -> Carrier:
    if settings.mail_server is None:
        return Folder(settings.instance / "outbox")
    return Smtp(settings.mail_server)


class Folder:
    """Keeps each mail as a file, named so that the same mail is there once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def carry(self, message: EmailMessage) -> None:
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            half = self._folder / f"{name}.part"
            half.write_bytes(message.as_bytes())
            half.replace(self._folder / f"{name}.eml")
        except OSError as why:
            raise Down(type(why).__name__) from why

    def close(self) -> None:
        pass


class Smtp:
    """One line to the mail server, kept for the mails of a moment."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._line: smtplib.SMTP | None = None

    def carry(self, message: EmailMessage) -> None:
        line = self._line = self._line or self._connect()
        sender, to = (message[name].addresses[0].addr_spec for name in ("From", "To"))
        try:
            line.sendmail(sender, [to], message.as_bytes())
        except smtplib.SMTPRecipientsRefused as why:
            raise self._refusal(*(code for code, _ in why.recipients.values())) from None
        except smtplib.SMTPDataError as why:
            raise self._refusal(why.smtp_code) from None
        except smtplib.SMTPSenderRefused as why:  # it will refuse all others too
            self.close()
            raise Down(f"sender {why.smtp_code}") from None
        except (smtplib.SMTPException, OSError):  # taken or not: nobody can say
            raise self._refusal(0) from None

    def close(self) -> None:
        if self._line is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._line.quit()
            self._line.close()
            self._line = None

    def _refusal(self, code: int) -> Refused:
        if code in {0, CLOSING}:
            self.close()
            return Refused(0)
        return Refused(code)

    def _connect(self) -> smtplib.SMTP:
        line: smtplib.SMTP | None = None
        try:
            line = self._open()
            if self._server.needs_tls:
                line.starttls(context=ssl.create_default_context())
            if self._server.user:
                line.login(self._server.user, self._server.password)
        except (smtplib.SMTPException, OSError) as why:
            if line is not None:
                line.close()
            raise Down(type(why).__name__) from None
        return line

    def _open(self) -> smtplib.SMTP:
        where = (self._server.host, self._server.port)
        if self._server.is_tls:
            safely = ssl.create_default_context()
            return smtplib.SMTP_SSL(*where, timeout=PATIENCE, context=safely)
        return smtplib.SMTP(*where, timeout=PATIENCE)
