"""How the process runs: the only module beside app.py that knows eventlet.

`Threads` is for tests and commands, `Green` for the server. Leaving eventlet is a change here.
"""

import contextlib
import gc
import logging
import resource
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from queue import Full
from typing import Any, ParamSpec, Protocol, TypeVar

from facilitation import logs

P = ParamSpec("P")
Answer = TypeVar("Answer")
Question = TypeVar("Question")

MOST_WAITING = 2_000  # commands; more than the writer takes in a few seconds
LARGEST_BATCH = 200

# Given how to save a batch and what to do when its answers are out, gives how to submit one.
Gather = Callable[
    [Callable[[Sequence[Any]], Sequence[Any]], Callable[[Sequence[Any]], None]],
    Callable[[Any], Any],
]

BACKLOG = 4096
MOST_CONNECTIONS = 20_000
MOST_KEEPERS = 64  # who look after us, on a listener of their own
IDLE_SECONDS = 75  # after which a silent HTTP connection is closed
COLLECT_AFTER = (50_000, 20, 10)
DRAIN_SECONDS = 8  # SIGTERM to exit stays under ten


class Runtime(Protocol):
    """What the rest of the house may ask of the process."""

    async_mode: str

    def spawn(self, task: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None: ...

    def after(self, seconds: float, task: Callable[..., object], *args: object) -> None: ...

    def offload(self, task: Callable[P, Answer], *args: P.args, **kwargs: P.kwargs) -> Answer: ...

    def sleep(self, seconds: float) -> None: ...

    def gather(
        self,
        save: Callable[[Sequence[Any]], Sequence[Any]],
        then: Callable[[Sequence[Any]], None],
    ) -> Callable[[Any], Any]: ...

    def gather_for_postgresql(
        self,
        save: Callable[[Sequence[Any]], Sequence[Any]],
        then: Callable[[Sequence[Any]], None],
    ) -> Callable[[Any], Any]: ...


class Threads:
    """Everything at once and in order: what is spawned, or meant for later, is done by now."""

    async_mode = "threading"

    def spawn(self, task: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        task(*args, **kwargs)

    def after(self, seconds: float, task: Callable[..., object], *args: object) -> None:
        task(*args)

    def offload(self, task: Callable[P, Answer], *args: P.args, **kwargs: P.kwargs) -> Answer:
        return task(*args, **kwargs)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def gather(
        self,
        save: Callable[[Sequence[Any]], Sequence[Any]],
        then: Callable[[Sequence[Any]], None],
    ) -> Callable[[Any], Any]:
        """One at a time: the batch is the command itself."""
        turn = threading.Lock()

        def submit(command: Any) -> Any:
            with turn:
                outcomes = save([command])
            _tell(then, outcomes)
            return outcomes[0]

        return submit

    gather_for_postgresql = gather


class Green:
    """Green threads on one loop; what computes for long goes to a real thread."""

    async_mode = "eventlet"

    def __init__(self) -> None:
        import eventlet
        import eventlet.debug
        import eventlet.patcher
        import eventlet.tpool

        if not eventlet.patcher.is_monkey_patched("socket"):
            raise RuntimeError("eventlet must patch before any other import: start app.py itself")
        eventlet.debug.hub_exceptions(False)  # it prints what was typed; `_logged` says where
        self._eventlet = eventlet

    def spawn(self, task: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        self._eventlet.spawn_n(_logged, task, *args, **kwargs)

    def after(self, seconds: float, task: Callable[..., object], *args: object) -> None:
        self._eventlet.spawn_after(seconds, _logged, task, *args)

    def offload(self, task: Callable[P, Answer], *args: P.args, **kwargs: P.kwargs) -> Answer:
        return self._eventlet.tpool.execute(task, *args, **kwargs)  # type: ignore[no-any-return]

    def sleep(self, seconds: float) -> None:
        self._eventlet.sleep(seconds)

    def gather(
        self,
        save: Callable[[Sequence[Any]], Sequence[Any]],
        then: Callable[[Sequence[Any]], None],
    ) -> Callable[[Any], Any]:
        """While one batch is being saved in a real thread, the next one gathers."""
        return _Batches(lambda batch: self.offload(save, batch), then).submit

    def gather_for_postgresql(
        self,
        save: Callable[[Sequence[Any]], Sequence[Any]],
        then: Callable[[Sequence[Any]], None],
    ) -> Callable[[Any], Any]:
        """The same for PostgreSQL, whose readers wait as green threads do.

        Only a batch is saved in a real thread: it holds the turn of all processes, and on the loop
        each of its statements would wait until every phone that is being answered had its go.
        """
        import psycopg.waiting

        if psycopg.waiting.wait is not psycopg.waiting.wait_select:
            raise RuntimeError("PSYCOPG_WAIT_FUNC must be wait_select before psycopg is imported")
        return self.gather(save, then)


def _logged(task: Callable[..., object], *args: Any, **kwargs: Any) -> None:
    """Nobody waits for what was spawned: when it fails, the log says so."""
    try:
        task(*args, **kwargs)
    except Exception:
        logs.fail("a task failed")


def _tell(then: Callable[[Sequence[Any]], None], outcomes: Sequence[Any]) -> None:
    """What is saved stays saved and answered, also when nobody can be told of it."""
    try:
        then(outcomes)
    except Exception:  # the pulse brings the screens up to date in any case; the writer goes on
        logs.fail("what was saved was not told")


class _Batches:
    """The commands that wait for the writer: bounded, in order, one batch at a time."""

    def __init__(
        self,
        save: Callable[[Sequence[Any]], Sequence[Any]],
        then: Callable[[Sequence[Any]], None],
    ) -> None:
        self._save, self._then = save, then
        self._waiting: deque[tuple[Any, Any]] = deque()
        self._is_saving = False

    def submit(self, command: Any) -> Any:
        """Wait until the command is saved, or raise `Full` when too many wait already."""
        import eventlet
        import eventlet.event

        if len(self._waiting) >= MOST_WAITING:
            raise Full
        answered = eventlet.event.Event()
        self._waiting.append((command, answered))
        if not self._is_saving:
            self._is_saving = True
            eventlet.spawn_n(self._save_all)
        return answered.wait()

    def _save_all(self) -> None:
        while self._waiting:
            size = min(len(self._waiting), LARGEST_BATCH)
            self._save_batch([self._waiting.popleft() for _ in range(size)])
        self._is_saving = False

    def _save_batch(self, batch: Sequence[tuple[Any, Any]]) -> None:
        commands = [command for command, _ in batch]
        try:
            outcomes = self._save(commands)
        except Exception as why:  # whoever waits must hear of it, and the writer goes on
            outcomes = [why] * len(batch)
        for (_, answered), outcome in zip(batch, outcomes, strict=True):
            answered.send(outcome)
        _tell(self._then, outcomes)


class Requests:
    """WSGI middleware that counts requests under way, so that a stop can wait for them.

    It also refuses websocket compression, which costs a hall of phones 93 KB each.
    """

    def __init__(self, wsgi: Callable[..., Any]) -> None:
        self._wsgi = wsgi
        self.under_way = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        if environ.get("HTTP_UPGRADE", "").lower() == "websocket":
            return self._wsgi(environ, start_response)
        self.under_way += 1
        try:
            return self._wsgi(environ, start_response)
        except Exception:  # eventlet answers 500, and would say nothing of it
            logs.fail("a request failed")
            raise
        finally:
            self.under_way -= 1


def listen(host: str, port: int) -> socket.socket:
    """A listening socket for a hall full of phones; refuses a port that is already served."""
    import eventlet

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = eventlet.listen((host, port), family=family, backlog=BACKLOG, reuse_port=False)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted ones inherit it
    return listening  # type: ignore[no-any-return]


def serve(
    wsgi: Callable[..., Any], listening: socket.socket, *, say_goodbye: Callable[[], None]
) -> None:
    """Serve until SIGTERM or SIGINT; then stop listening, tell the screens, finish, and return."""
    import eventlet
    import eventlet.wsgi

    _raise_file_limit()
    _spare_the_collector()
    requests = Requests(wsgi)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, frame: stop.set())
    server = eventlet.spawn(
        eventlet.wsgi.server,
        listening,
        requests,
        max_size=MOST_CONNECTIONS,
        socket_timeout=IDLE_SECONDS,
        log=logging.getLogger("eventlet.wsgi"),
        log_output=False,
        debug=False,
    )
    while not stop.is_set() and not server.dead:
        eventlet.sleep(0.1)
    listening.close()
    say_goodbye()
    _drain(requests, eventlet.sleep)


def serve_beside(wsgi: Callable[..., Any], listening: socket.socket) -> None:
    """Serve a few keepers beside the hall, with a pool that phones cannot fill."""
    import eventlet
    import eventlet.wsgi

    eventlet.spawn(
        eventlet.wsgi.server,
        listening,
        wsgi,
        max_size=MOST_KEEPERS,
        socket_timeout=10,
        keepalive=False,
        log=logging.getLogger("eventlet.wsgi"),
        log_output=False,
        debug=False,
    )


def _drain(requests: Requests, sleep: Callable[[float], None]) -> None:
    deadline = time.monotonic() + DRAIN_SECONDS
    while requests.under_way and time.monotonic() < deadline:
        sleep(0.05)
    sleep(0.1)  # lets the last answers leave


def _spare_the_collector() -> None:
    """Keep Python's collector from walking every phone whenever a page is drawn.

    What is loaded by now stays for good. What comes and goes in circles is still found, later:
    a full walk once in some ten million objects, that is in tens of thousands of connections.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def _raise_file_limit() -> None:
    """A phone is a file: ask for as many as the machine allows us."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
