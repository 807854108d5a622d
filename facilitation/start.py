"""Starting: settings, tables, the example evening, the first link, the addresses; then serve."""

import io
import os
import signal
import socket
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

import segno
from flask import Flask

from facilitation import create_app, logs
from facilitation.actions import accounts, forgetting
from facilitation.domain.refusals import Unavailable
from facilitation.example import make_example
from facilitation.postman import Postman
from facilitation.runtime import Green, listen, serve, serve_beside
from facilitation.settings import Settings, Unsafe, read_settings
from facilitation.storage import queries
from facilitation.web import health, pages
from facilitation.web.services import NAME, Services
from facilitation.workers import run_workers

FORGET_SECONDS = 3600


def run() -> int:
    """Serve until told to stop; the answer is the exit status."""
    try:
        settings = read_settings()
    except Unsafe as why:
        print(f"Not started: {why}", file=sys.stderr)
        return 2
    if settings.workers > 1:
        return run_together(settings)
    port = settings.port
    try:
        listening, beside = listen(settings.host, port), None
        if settings.health_port is not None:
            port = settings.health_port
            beside = listen(settings.health_host, port)
    except OSError as why:
        print(f"Not started: port {port} cannot be used ({why.strerror}).", file=sys.stderr)
        return 1
    logs.set_up()
    app = create_app(settings, Green())
    joined: Services = app.extensions[NAME]
    prepare(joined)
    pages.load_templates(app)
    is_direct = settings.writes_directly and joined.live.write_directly()
    if settings.worker is None:
        print_addresses(app, joined)
    else:
        joined.runtime.spawn(stop_with_parent, os.getppid(), joined.runtime.sleep)
    joined.runtime.spawn(joined.live.run_pulse)
    if joined.relay is not None:
        joined.runtime.spawn(joined.relay.run)
    joined.runtime.spawn(joined.metrics.watch_loop, joined.runtime.sleep)
    if settings.does_chores:
        joined.runtime.spawn(Postman(app).run)
        joined.runtime.spawn(forget_daily, joined)
    if beside is not None:
        serve_beside(health.beside(app), beside)
    logs.say(
        "started",
        process=os.getpid(),
        port=settings.port,
        health_port=settings.health_port,
        direct_writes=is_direct,
    )
    serve(app, listening, say_goodbye=lambda: _say_goodbye(joined))
    logs.say("stopped", process=os.getpid())
    return 0


def _say_goodbye(joined: Services) -> None:
    logs.say("stopping", process=os.getpid(), sockets=joined.live.sockets().total())
    joined.live.say_goodbye()


def run_together(settings: Settings) -> int:
    """Prepare once, say where everything is, and keep the workers alive."""
    app = create_app(settings, Green())
    joined: Services = app.extensions[NAME]
    prepare(joined)
    print_addresses(app, joined)
    joined.database.dispose()
    return run_workers(settings.workers)


def forget_daily(joined: Services) -> None:
    """For ever: erase what has reached its day. Looking every hour finds it on the day itself."""
    while True:
        try:
            joined.database.perform(forgetting.forget)
        except Unavailable:  # the log says elsewhere what is wrong with the database
            logs.say("nobody could be forgotten now")
        joined.runtime.sleep(FORGET_SECONDS)


def stop_with_parent(parent: int, sleep: Callable[[float], None]) -> None:
    """A worker without the process that looks after it would keep its port for ever."""
    while os.getppid() == parent:
        sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def prepare(joined: Services) -> None:
    """Bring the tables up to date, refuse a forgetful database, make the example once."""
    joined.database.migrate()
    joined.database.check()
    with joined.database.read() as session:
        is_empty = not queries.meetings(session)
    if is_empty and joined.settings.has_example:
        make_example(joined.database)


def print_addresses(app: Flask, joined: Services) -> None:
    """Where the screens are, with a QR code that a phone on the same network can scan."""
    base, near = joined.settings.public_url, _near_address(joined.settings)
    token = joined.database.perform(accounts.make_first_link)
    with joined.database.read() as session:
        meetings = queries.meetings(session)
    print(f"\nVragenmuur is running at {base}\n")
    for meeting in meetings[:3]:
        print(f"  {meeting.title}  (code {meeting.code}, {meeting.state})")
        print(f"    phone     {base}/m/{meeting.code}")
        print(f"    hall      {base}/m/{meeting.code}/hall")
        print(f"    answers   {base}/m/{meeting.code}/answers")
        print(f"    console   {base}/staff/meetings/{meeting.id}/console")
        print(f"    register  {base}/staff/meetings/{meeting.id}/register")
    if meetings:
        print(f"\n  On a phone in the same network: {near}/m/{meetings[0].code}\n")
        print(_terminal_qr(f"{near}/m/{meetings[0].code}"))
    if token:
        print("  First organiser: open this link once, within seven days, and choose a password:")
        print(f"    {base}/staff/welcome/{token}\n")
    sys.stdout.flush()


def _terminal_qr(address: str) -> str:
    drawn = io.StringIO()
    segno.make(address, error="l", micro=False).terminal(drawn, compact=True, border=2)
    return drawn.getvalue()


def _near_address(settings: Settings) -> str:
    """The address at which the local network reaches us, when no public one was set."""
    if settings.knows_public_url:
        return settings.public_url
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: only asks which address would be used
            host = probe.getsockname()[0]
        except OSError:
            host = urlsplit(settings.public_url).hostname or "localhost"
    return f"http://{host}:{settings.port}"
