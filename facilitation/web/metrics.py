"""Figures about the process, for its keepers only: how much, how fast, how late. About nobody."""

import time
from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from facilitation import logs
from facilitation.domain.refusals import NotFound
from facilitation.runtime import Gather
from facilitation.storage.writer import Writer
from facilitation.web.access import SAFE_METHODS, public
from facilitation.web.services import services

if TYPE_CHECKING:
    from facilitation.web.live import Live

KEEPER = "keeper"  # the server's own word for who came by the listener of its own: no header is
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
LOOK_SECONDS = 0.05  # between two looks at how late the loop is
QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
SIZES = (1, 2, 5, 10, 20, 50, 100, 200)

screen = Blueprint("metrics", __name__)


@screen.get("/metrics")
@public
def figures() -> Response:
    """Everything, as Prometheus reads it; for everybody else there is no such page."""
    if not _is_private():
        raise NotFound(what="page")
    text = generate_latest(services().metrics.registry)
    return Response(text, headers={"Cache-Control": "no-store"}, content_type=CONTENT_TYPE_LATEST)


def _is_private() -> bool:
    """Whether our own listener was asked, or this machine itself where no proxy stands before us.

    Behind a proxy on the same machine everybody comes from it: with https the only way in is the
    listener of our own.
    """
    if request.remote_user == KEEPER:
        return True
    if services().settings.is_https or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


class Metrics:
    """What is counted as it happens, and what is looked up when somebody asks."""

    def __init__(self) -> None:
        self._writer: Writer | None = None
        self._under_way = 0
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._acknowledged = self._a(
            Counter, "acknowledged", "Commands that were kept and answered", ["command"]
        )
        self._refused = self._a(Counter, "refused", "Requests that were refused", ["reason"])
        self._waiting = self._a(
            Gauge, "writer_waiting", "Commands that wait for the writer, or are being saved"
        )
        self._waiting.set_function(lambda: self._under_way)
        self._batch = self._a(
            Histogram, "writer_batch_commands", "Commands saved in one transaction", buckets=SIZES
        )
        self._saving = self._a(
            Histogram, "writer_batch_seconds", "From first command to synced", buckets=QUICK
        )
        self._commit = self._a(
            Histogram, "writer_commit_seconds", "How long the disk took for it", buckets=QUICK
        )
        self._mails_waiting = self._a(Gauge, "mails_waiting", "Mails still to be sent")
        self._mails = self._a(Counter, "mails", "Mails by what became of them", ["outcome"])
        self._lag = self._a(
            Histogram, "loop_lag_seconds", "How late the loop wakes what it should", buckets=QUICK
        )

    def _a(self, kind: Any, name: str, words: str, *labels: Any, **how: Any) -> Any:
        return kind(f"vragenmuur_{name}", words, *labels, registry=self.registry, **how)

    def install(self, app: Flask, live: "Live", writer: Writer) -> None:
        self._writer = writer
        app.before_request(_note_the_time)
        app.after_request(self._note_answer)
        self.registry.register(Listening(live))

    def note(
        self,
        endpoint: str | None,
        status: int,
        began: float,
        *,
        is_safe: bool = False,
        refused: str | None = None,
        meeting_id: int | None = None,
        step: str | None = None,
    ) -> None:
        """Count a command or a refusal; log a command, and what went wrong on our side.

        Of the address only the meeting's number, and a step that was taken: the rest may be
        anything.
        """
        if status >= 400:
            self._refused.labels(refused or f"status-{status}").inc()
        elif not is_safe:
            self._acknowledged.labels(endpoint).inc()
        if not is_safe or status >= 500:
            logs.say(
                "page" if is_safe else "command",
                endpoint=endpoint,
                status=status,
                reason=refused,
                meeting=meeting_id,
                step=step if status < 400 else None,
                ms=round((time.monotonic() - began) * 1000, 1),
            )

    def _note_answer(self, response: Response) -> Response:
        named = request.view_args or {}
        self.note(
            request.endpoint,
            response.status_code,
            g.began,
            is_safe=request.method in SAFE_METHODS,
            refused=g.get("refused"),
            meeting_id=named.get("meeting_id"),
            step=named.get("step"),
        )
        return response

    def note_mail(self, outcome: str) -> None:
        """Count a mail that was sent, put off or given up."""
        self._mails.labels(outcome.replace(" ", "-")).inc()

    def note_mails_waiting(self, count: int) -> None:
        self._mails_waiting.set(count)

    def measured(self, gather: Gather) -> Gather:
        """The same gathering, with a look at how many wait and how long a batch takes.

        The batch is timed in the writer's thread and written down outside it: no locks there.
        """

        def gather_measured(
            save: Callable[[Sequence[Any]], Sequence[Any]], then: Callable[[Sequence[Any]], None]
        ) -> Callable[[Any], Any]:
            took = 0.0

            def save_timed(commands: Sequence[Any]) -> Sequence[Any]:
                nonlocal took
                began = time.monotonic()
                try:
                    return save(commands)
                finally:
                    took = time.monotonic() - began

            def then_noted(outcomes: Sequence[Any]) -> None:
                self._batch.observe(len(outcomes))
                self._saving.observe(took)
                if self._writer is not None:
                    self._commit.observe(self._writer.commit_seconds)
                then(outcomes)

            submit = gather(save_timed, then_noted)

            def submit_counted(command: Any) -> Any:
                self._under_way += 1
                try:
                    return submit(command)
                finally:
                    self._under_way -= 1

            return submit_counted

        return gather_measured

    def watch_loop(self, sleep: Callable[[float], None]) -> None:
        """For ever: see how late we wake."""
        while True:
            began = time.monotonic()
            sleep(LOOK_SECONDS)
            self._lag.observe(max(0.0, time.monotonic() - began - LOOK_SECONDS))


def _note_the_time() -> None:
    g.began = time.monotonic()


class Listening(Collector):
    """What the live channel knows, looked up when it is asked for."""

    def __init__(self, live: "Live") -> None:
        self._live = live

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        sockets = GaugeMetricFamily(
            "vragenmuur_sockets", "Screens that listen now", labels=["screen"]
        )
        for screen_name, count in self._live.sockets().items():
            sockets.add_metric([screen_name], count)
        yield sockets
        dropped = CounterMetricFamily(
            "vragenmuur_sockets_dropped", "Screens that were sent away", labels=["reason"]
        )
        for reason, count in self._live.refused.items():
            dropped.add_metric([reason], count)
        yield dropped
        yield GaugeMetricFamily(
            "vragenmuur_pulse_age_seconds",
            "Since every screen was last told how far we are",
            value=time.monotonic() - self._live.pulsed_at,
        )
