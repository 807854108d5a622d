"""Every command there is, each made ready on a database, so that a fault can strike it anywhere."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial

from facilitation.actions import accounts, asking, hosting
from facilitation.actions.hosting import MeetingText
from facilitation.domain.lifecycle import FollowUpState, Kind, MeetingState, QuestionState, Role
from facilitation.domain.meeting import View
from facilitation.domain.question import Source
from facilitation.storage.database import Database
from tests.makers import (
    EVENING,
    FOLLOW_UP_ACTIONS,
    FOLLOW_UP_FIELDS,
    MODERATOR,
    ORGANISER,
    QUESTION_ACTIONS,
    QUESTION_FIELDS,
    a_colleague,
    a_follow_up,
    a_key,
    a_meeting,
    a_question,
    a_rehearsal,
    an_asker,
    support,
)

Command = Callable[[Database], object]

# From which state each step is tried here; its own tests try them from all.
QUESTION_FROM = {
    "approve": QuestionState.WAITING,
    "put_back": QuestionState.ON_STAGE,
    "undo": QuestionState.DEFERRED,
}
FOLLOW_UP_FROM = {
    "approve": FollowUpState.DRAFTED,
    "publish": FollowUpState.APPROVED,
    "reopen": FollowUpState.PUBLISHED,
}
MEETING_FROM = {
    "open": MeetingState.DRAFT,
    "rehearse": MeetingState.DRAFT,
    "start": MeetingState.OPEN,
    "pause": MeetingState.LIVE,
    "resume": MeetingState.PAUSED,
    "reopen": MeetingState.CLOSED,
    "archive": MeetingState.CLOSED,
}


def _step(name: str, database: Database) -> Command:
    meeting = a_meeting(database)
    state = QUESTION_FROM.get(name, QuestionState.ON_WALL)
    kind = Kind.CONCERN if name == "acknowledge" else Kind.QUESTION
    question = a_question(database, meeting, state=state, kind=kind)
    fields = dict(QUESTION_FIELDS.get(name, {}))
    if name == "merge":
        fields["into"] = a_question(database, meeting, state=QuestionState.ON_WALL).id
    if name == "call":
        a_question(database, meeting, state=QuestionState.ON_STAGE)
    action = QUESTION_ACTIONS[name]
    return lambda it: it.perform(action, meeting.id, question.id, by=MODERATOR, **fields)


def _follow_up(name: str, database: Database) -> Command:
    state = FOLLOW_UP_FROM.get(name, FollowUpState.OPEN)
    question = a_follow_up(database, a_meeting(database), state=state)
    assert question.follow_up is not None
    owed, fields = question.follow_up.id, FOLLOW_UP_FIELDS.get(name, {})
    action = FOLLOW_UP_ACTIONS[name]
    return lambda it: it.perform(action, question.meeting_id, owed, by=MODERATOR, **fields)


def _meeting(name: str, database: Database) -> Command:
    meeting = a_meeting(database, state=MEETING_FROM[name])
    return lambda it: it.perform(hosting.take_meeting_step, meeting.id, name, by=ORGANISER)


def _ask(database: Database) -> Command:
    code = a_meeting(database).code
    sent = {"key": a_key(), "kind": Kind.IDEA, "text": "Een speeltuin?", "name": ""}
    return lambda it: it.perform(asking.ask_question, code, by=an_asker("toestel"), **sent)


def _enter(database: Database) -> Command:
    meeting = a_meeting(database)
    sent = {"key": a_key(), "kind": Kind.IDEA, "text": "Een speeltuin?", "name": ""}
    return lambda it: it.perform(
        asking.enter_question, meeting.id, source=Source.PAPER, by=MODERATOR, **sent
    )


def _withdraw(database: Database) -> Command:
    receipt = a_question(database, a_meeting(database), state=QuestionState.ON_WALL).receipt
    return lambda it: it.perform(asking.withdraw_question, receipt)


def _support(database: Database) -> Command:
    meeting = a_meeting(database)
    question = a_question(database, meeting, state=QuestionState.ON_WALL)
    return lambda it: it.perform(
        asking.support_question, meeting.code, question.id, device="toestel"
    )


def _drop_support(database: Database) -> Command:
    meeting = a_meeting(database)
    question = a_question(database, meeting, state=QuestionState.ON_WALL)
    support(database, question, "toestel")
    return lambda it: it.perform(asking.drop_support, meeting.code, question.id, device="toestel")


def _create(database: Database) -> Command:
    text = MeetingText(title="Opvang", starts_at=EVENING)
    return lambda it: it.perform(hosting.create_meeting, text)


def _close(database: Database) -> Command:
    meeting = a_meeting(database)
    for state in (QuestionState.WAITING, QuestionState.ON_WALL, QuestionState.ON_STAGE):
        a_question(database, meeting, state=state)
    return lambda it: it.perform(hosting.close_meeting, meeting.id, by=ORGANISER)


def _clear(database: Database) -> Command:
    meeting = a_rehearsal(database)
    a_question(database, meeting, state=QuestionState.DEFERRED)
    return lambda it: it.perform(hosting.clear_rehearsal, meeting.id, by=ORGANISER)


def _view(database: Database) -> Command:
    meeting = a_meeting(database)
    return lambda it: it.perform(hosting.show_view, meeting.id, view=View.STAGE, by=ORGANISER)


def _sort(database: Database) -> Command:
    meeting = a_meeting(database)
    a_question(database, meeting, state=QuestionState.ON_WALL)
    support(database, a_question(database, meeting, state=QuestionState.ON_WALL))
    return lambda it: it.perform(hosting.sort_wall, meeting.id, by=ORGANISER)


def _add_account(database: Database) -> Command:
    who = {"email": an_email(), "name": "Anna", "password_hash": "x", "is_organiser": True}
    return lambda it: it.perform(accounts.add_account, **who)


def _sign_in(database: Database) -> Command:
    account = a_colleague(database, role=Role.ORGANISER)
    return lambda it: it.perform(accounts.sign_in, account)


def _set_password(database: Database) -> Command:
    email = an_email()
    account = a_colleague(database, role=Role.ORGANISER, email=email)
    database.perform(accounts.sign_in, account)
    return lambda it: it.perform(accounts.set_password, email=email, password_hash="y")


def _grant(database: Database) -> Command:
    meeting, email = a_meeting(database), an_email()
    a_colleague(database, role=Role.SCRIBE, email=email)
    return lambda it: it.perform(accounts.grant_role, meeting.id, email=email, role=Role.MODERATOR)


def _withdraw_role(database: Database) -> Command:
    meeting = a_meeting(database)
    account = a_colleague(database, role=Role.SCRIBE, meeting=meeting)
    return lambda it: it.perform(
        accounts.withdraw_role, meeting.id, account_id=account, role=Role.SCRIBE
    )


def _first_link(database: Database) -> Command:
    return lambda it: it.perform(accounts.make_first_link)


def _use_first_link(database: Database) -> Command:
    token = database.perform(accounts.make_first_link)
    who = {"email": an_email(), "name": "Anna", "password_hash": "x"}
    return lambda it: it.perform(accounts.use_first_link, token, **who)


def _sign_out(database: Database) -> Command:
    account = a_colleague(database, role=Role.ORGANISER)
    token = database.perform(accounts.sign_in, account).token
    return lambda it: it.perform(accounts.sign_out, token)


def an_email() -> str:
    return f"{a_key()}@example.org"


MADE: dict[str, Callable[[Database], Command]] = {
    **{name: partial(_step, name) for name in QUESTION_ACTIONS},
    **{f"follow-up {name}": partial(_follow_up, name) for name in FOLLOW_UP_ACTIONS},
    **{f"meeting {name}": partial(_meeting, name) for name in MEETING_FROM},
    "ask": _ask,
    "enter": _enter,
    "withdraw": _withdraw,
    "support": _support,
    "drop support": _drop_support,
    "create": _create,
    "close": _close,
    "clear": _clear,
    "view": _view,
    "sort": _sort,
    "add account": _add_account,
    "set password": _set_password,
    "sign in": _sign_in,
    "sign out": _sign_out,
    "grant role": _grant,
    "withdraw role": _withdraw_role,
    "first link": _first_link,
    "use first link": _use_first_link,
}


def kept(database: Database) -> list[str]:
    """All that another process finds in the file."""
    with closing(sqlite3.connect(database.url.removeprefix("sqlite:///"))) as other:
        return list(other.iterdump())
