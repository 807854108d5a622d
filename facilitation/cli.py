"""Commands for scripts and for the server's keeper: a third door to the same actions."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from facilitation.actions import accounts, forgetting, hosting
from facilitation.actions.hosting import MeetingText
from facilitation.domain.lifecycle import STAFF_ROLES, Role
from facilitation.domain.people import Actor
from facilitation.domain.refusals import Refusal
from facilitation.storage import backup, people, queries, verifying
from facilitation.storage.queries import MeetingFacts
from facilitation.web.accounts import SHORTEST_PASSWORD, hasher
from facilitation.web.forms import Fields
from facilitation.web.services import services

KEEPER = Actor(roles=frozenset({Role.ORGANISER}), name="command line")
# From each state a meeting can be made in, the steps that lead there.
WAYS: dict[str, tuple[str, ...]] = {
    "draft": (),
    "open": ("open",),
    "live": ("open", "start"),
    "paused": ("open", "start", "pause"),
    "closed": ("open", "start", "close"),
}
# The steps of a meeting that have an action of their own.
TAKEN: dict[str, Callable[..., int]] = {
    "close": hosting.close_meeting,
    "clear": hosting.clear_rehearsal,
}

staff = AppGroup("staff", help="People with an account.")
meeting = AppGroup("meeting", help="Meetings.")


def install(app: Flask) -> None:
    app.cli.add_command(staff)
    app.cli.add_command(meeting)
    for command in (back_up, restore, verify, forget):
        app.cli.add_command(command)


def _perform(action: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Perform a command on up-to-date tables; a refusal becomes one line and exit status 1."""
    database = services().database
    database.migrate()
    try:
        return database.perform(action, *args, **kwargs)
    except Refusal as refusal:
        raise click.ClickException(f"refused: {type(refusal).__name__} {refusal.facts}") from None


@staff.command("add")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option(
    "--role", type=click.Choice(sorted(role.value for role in STAFF_ROLES)), default="organiser"
)
@click.option("--meeting", "meeting_id", type=int, help="Needed for every role but organiser.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add_staff(
    email: str, name: str, role: str, meeting_id: int | None, password_stdin: bool
) -> None:
    """Add an account; with --meeting, with a role in that meeting."""
    is_organiser = role == Role.ORGANISER
    if not is_organiser and meeting_id is None:
        raise click.UsageError(f"--role {role} goes with --meeting ID")
    address = _email(email)
    known = _known(address)
    if is_organiser or not known:
        hashed = _read_password(password_stdin)
        _perform(
            accounts.add_account,
            email=address,
            name=name,
            password_hash=hashed,
            is_organiser=is_organiser,
        )
    if not is_organiser:
        _perform(accounts.grant_role, meeting_id, email=address, role=Role(role))
    click.echo(json.dumps({"email": address, "role": role, "meeting": meeting_id}))


@staff.command("password")
@click.option("--email", required=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def reset_password(email: str, password_stdin: bool) -> None:
    """Give an account another password; its sessions end."""
    hashed = _read_password(password_stdin)
    _perform(accounts.set_password, email=_email(email), password_hash=hashed)


@staff.command("link")
def make_link() -> None:
    """Print a one-time link that makes the first organiser."""
    token = _perform(accounts.make_first_link)
    if token is None:
        raise click.ClickException("there is an organiser already: use staff add")
    click.echo(f"{services().settings.public_url}/staff/welcome/{token}")


@meeting.command("create")
@click.option("--title", required=True)
@click.option("--starts", required=True, help="YYYY-MM-DDTHH:MM, Dutch time.")
@click.option("--moderation", type=click.Choice(["on", "off"]), default="on")
@click.option("--state", type=click.Choice(list(WAYS)), default="draft")
def create_meeting(title: str, starts: str, moderation: str, state: str) -> None:
    """Create a meeting and print its addresses as one line of JSON."""
    fields = Fields({"title": title, "starts": starts})
    text = MeetingText(
        title=fields.line("title"),
        starts_at=fields.moment("starts"),
        is_moderated=moderation == "on",
    )
    _check(fields)
    meeting_id: int = _perform(hosting.create_meeting, text)
    for step in WAYS[state]:
        _take(meeting_id, step)
    click.echo(json.dumps(_addresses(_meeting(meeting_id))))


@meeting.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
def list_meetings(as_json: bool) -> None:
    """All meetings, the latest evening first."""
    services().database.migrate()
    with services().database.read() as session:
        found = queries.meetings(session)
    if as_json:
        click.echo(json.dumps([_addresses(one) for one in found]))
        return
    for one in found:
        click.echo(f"{one.id}\t{one.code}\t{one.state}\t{one.title}")


@meeting.command("step")
@click.argument("meeting_id", type=int)
@click.argument("step")
def step_meeting(meeting_id: int, step: str) -> None:
    """Take a step of the meeting's life: open, start, pause, resume, close, reopen, archive."""
    _take(meeting_id, step)
    click.echo(json.dumps(_addresses(_meeting(meeting_id))))


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def back_up(file: Path) -> None:
    """Copy the database into FILE, also while a server runs."""
    try:
        backup.back_up(backup.file_of(services().database.url), file)
    except (backup.Impossible, OSError) as why:
        raise click.ClickException(str(why)) from None
    click.echo(json.dumps({"backup": str(file), "bytes": file.stat().st_size}))


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def restore(file: Path) -> None:
    """Put FILE in the place of the database, which is set aside; refused while a server runs."""
    database = services().database
    try:
        place = backup.file_of(database.url)
        aside = backup.restore(file, place, now=database.now())
    except (backup.Impossible, OSError) as why:
        raise click.ClickException(str(why)) from None
    click.echo(json.dumps({"restored": str(place), "set_aside": aside and str(aside)}))


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path, exists=True), required=False)
@with_appcontext
def verify(file: Path | None) -> None:
    """Look whether the database, or the backup FILE, hangs together; exit status 1 if not."""
    database = services().database
    if file is None:
        with database.read() as session:
            found = verifying.flaws(session, database.now())
    else:
        found = verifying.flaws_in_file(file, database.now())
    click.echo(json.dumps({"flaws": found}))
    if found:
        sys.exit(1)


@click.command("forget")
@with_appcontext
def forget() -> None:
    """Erase what has reached its day, as the server does daily; prints how many of what."""
    click.echo(json.dumps({"forgotten": _perform(forgetting.forget)}))


def _take(meeting_id: int, step: str) -> None:
    if step in TAKEN:
        _perform(TAKEN[step], meeting_id, by=KEEPER)
    else:
        _perform(hosting.take_meeting_step, meeting_id, step, by=KEEPER)


def _meeting(meeting_id: int) -> MeetingFacts:
    with services().database.read() as session:
        return queries.meeting(session, meeting_id)


def _addresses(one: MeetingFacts) -> dict[str, Any]:
    base = services().settings.public_url
    return {
        "id": one.id,
        "code": one.code,
        "title": one.title,
        "state": one.state,
        "phone": f"{base}/m/{one.code}",
        "hall": f"{base}/m/{one.code}/hall",
        "answers": f"{base}/m/{one.code}/answers",
        "console": f"{base}/staff/meetings/{one.id}/console",
        "register": f"{base}/staff/meetings/{one.id}/register",
    }


def _known(email: str) -> bool:
    services().database.migrate()
    with services().database.read() as session:
        return people.password_of(session, email) is not None


def _email(raw: str) -> str:
    fields = Fields({"email": raw})
    address = fields.email("email")
    _check(fields)
    return address


def _read_password(from_stdin: bool) -> str:
    raw = (
        sys.stdin.readline().rstrip("\n")
        if from_stdin
        else click.prompt("Password", hide_input=True)
    )
    fields = Fields({"password": raw})
    password = fields.secret("password", shortest=SHORTEST_PASSWORD)
    _check(fields)
    return hasher.hash(password)


def _check(fields: Fields) -> None:
    try:
        fields.check()
    except Refusal as refusal:
        raise click.UsageError(f"refused: {refusal.facts['problems']}") from None
