"""Makers: an evening as a test needs it, made by the real actions; a test names what matters."""

import itertools
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_socketio import SocketIOTestClient

from facilitation.actions import accounts, asking, following_up, hosting, moderating
from facilitation.actions.hosting import MeetingText
from facilitation.domain.lifecycle import FollowUpState, Kind, MeetingState, QuestionState, Role
from facilitation.domain.meeting import View
from facilitation.domain.people import Actor
from facilitation.settings import Settings
from facilitation.storage import finding, queries
from facilitation.storage.database import Database
from facilitation.storage.queries import MeetingFacts, QuestionFacts
from facilitation.storage.work import Work
from facilitation.web.services import NAME, Services

EVENING = datetime(2026, 12, 1, 18, 30, tzinfo=UTC)  # 19.30 in the Netherlands
IN_TWO_WEEKS = date(2026, 12, 15)
OWN_PAGE = {"Origin": "http://localhost"}

ORGANISER = Actor(roles=frozenset({Role.ORGANISER}), name="Olga")
MODERATOR = Actor(roles=frozenset({Role.MODERATOR}), name="Mo")
SCRIBE = Actor(roles=frozenset({Role.SCRIBE}), name="Sam")
ANSWERER = Actor(roles=frozenset({Role.ANSWERER}), name="Anna")
STAFF = {
    Role.ORGANISER: ORGANISER,
    Role.MODERATOR: MODERATOR,
    Role.SCRIBE: SCRIBE,
    Role.ANSWERER: ANSWERER,
}

_count = itertools.count(1)


class Clock:
    """The one thing that is faked: it stands still until a test moves it."""

    def __init__(self, moment: datetime = EVENING) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def move(self, **delta: float) -> None:
        self.moment += timedelta(**delta)


# -- the meeting

MEETING_WAYS: Mapping[MeetingState, tuple[str, ...]] = {
    MeetingState.DRAFT: (),
    MeetingState.OPEN: ("open",),
    MeetingState.LIVE: ("open", "start"),
    MeetingState.PAUSED: ("open", "start", "pause"),
    MeetingState.CLOSED: ("open", "start", "close"),
    MeetingState.ARCHIVED: ("open", "start", "close", "archive"),
}


def a_meeting(
    database: Database, *, state: MeetingState = MeetingState.LIVE, **text: Any
) -> MeetingFacts:
    """An evening in this state; `text` is what the organiser filled in."""
    filled_in = {"title": "Opvang aan de Dorpsstraat", "starts_at": EVENING} | text
    meeting_id = database.perform(hosting.create_meeting, MeetingText(**filled_in))
    for step in MEETING_WAYS[state]:
        take_meeting(database, meeting_id, step)
    return meeting_now(database, meeting_id)


def a_rehearsal(database: Database, **text: Any) -> MeetingFacts:
    """An evening that is only tried out."""
    meeting = a_meeting(database, state=MeetingState.DRAFT, **text)
    return take_meeting(database, meeting.id, "rehearse")


def take_meeting(
    database: Database,
    meeting_id: int,
    step: str,
    *,
    by: Actor = ORGANISER,
    view: View = View.STAGE,
) -> MeetingFacts:
    """Take a step of the meeting's life by its own action."""
    match step:
        case "close":
            database.perform(hosting.close_meeting, meeting_id, by=by)
        case "clear":
            database.perform(hosting.clear_rehearsal, meeting_id, by=by)
        case "sort":
            database.perform(hosting.sort_wall, meeting_id, by=by)
        case "view":
            database.perform(hosting.show_view, meeting_id, view=view, by=by)
        case _:
            database.perform(hosting.take_meeting_step, meeting_id, step, by=by)
    return meeting_now(database, meeting_id)


def meeting_now(database: Database, meeting: int | MeetingFacts) -> MeetingFacts:
    with database.read() as session:
        return queries.meeting(session, meeting if isinstance(meeting, int) else meeting.id)


# -- the question

QUESTION_ACTIONS: Mapping[str, Callable[..., int]] = {
    "approve": moderating.approve_question,
    "call": moderating.call_question,
    "put_back": moderating.put_back_question,
    "answer": moderating.answer_question,
    "acknowledge": moderating.acknowledge_question,
    "defer": moderating.defer_question,
    "park": moderating.park_question,
    "merge": moderating.merge_question,
    "decline": moderating.decline_question,
    "take_down": moderating.take_down_question,
    "edit": moderating.edit_question,
    "undo": moderating.undo_step,
}

QUESTION_FIELDS: Mapping[str, Mapping[str, Any]] = {
    "answer": {"speaker": "Wethouder De Vries", "summary": "Ja, dat is zo."},
    "acknowledge": {"speaker": "Wethouder De Vries", "summary": "Wij hebben het gehoord."},
    "defer": {
        "owner": "COA",
        "due": IN_TWO_WEEKS,
        "promise": "Het COA zoekt dit uit en laat het vóór 15 december weten.",
    },
    "park": {"owner": "", "due": None, "note": ""},
    "decline": {"reason": "Dit gaat over een persoon."},
    "edit": {"text": "Hoeveel mensen komen er precies?", "topic_id": None, "kind": None},
}

# How a question gets into each state.
QUESTION_WAYS: Mapping[QuestionState, tuple[str, ...]] = {
    QuestionState.WAITING: (),
    QuestionState.ON_WALL: ("approve",),
    QuestionState.ON_STAGE: ("call",),
    QuestionState.ANSWERED: ("answer",),
    QuestionState.DEFERRED: ("defer",),
    QuestionState.ACKNOWLEDGED: ("acknowledge",),
    QuestionState.PARKED: ("park",),
    QuestionState.DECLINED: ("decline",),
    QuestionState.MERGED: ("merge",),
    QuestionState.WITHDRAWN: ("withdraw",),
}


def a_key() -> str:
    return str(uuid.uuid4())


def an_asker(device: str | None = None) -> Actor:
    return Actor(roles=frozenset({Role.ASKER}), device=device or a_key())


def a_question(
    database: Database,
    meeting: MeetingFacts,
    *,
    state: QuestionState = QuestionState.WAITING,
    kind: Kind = Kind.QUESTION,
    text: str | None = None,
    name: str = "",
    device: str | None = None,
) -> QuestionFacts:
    """A question that a resident asked and that came into this state by the real steps.

    A concern is never answered and a question never acknowledged: where a test wants that pair,
    its kind is put right afterwards, past the steps.
    """
    asked_as = _KIND_FOR.get(state, kind)
    asked = database.perform(
        asking.ask_question,
        meeting.code,
        key=a_key(),
        kind=asked_as,
        text=text or f"Hoeveel mensen komen er? (vraag {next(_count)})",
        name=name,
        by=an_asker(device),
    )
    question = question_now(database, meeting.id, asked.id)
    for step in QUESTION_WAYS[state]:
        if question.state is not state:
            question = take(database, question, step)
    if question.kind is not kind:
        database.perform(_put_kind_right, question, kind)
    return now(database, question)


def _put_kind_right(work: Work, question: QuestionFacts, kind: Kind) -> None:
    """Make a pair that no step leads to any more, as an older version may have left it."""
    finding.question(work, question.meeting_id, question.id).kind = kind


# The few kinds that a way asks for; Kind.IDEA and Kind.CONCERN walk the same ones.
_KIND_FOR = {QuestionState.ANSWERED: Kind.QUESTION, QuestionState.ACKNOWLEDGED: Kind.CONCERN}


class Stock:
    """Questions of every state and kind, made when first wanted: for tests that try everything."""

    def __init__(self, database: Database, meeting: MeetingFacts) -> None:
        self.database = database
        self.meeting = meeting
        self._kept: dict[tuple[QuestionState, Kind], QuestionFacts] = {}

    def question(self, state: QuestionState, kind: Kind) -> QuestionFacts:
        """One that is still as it was made; another one when a step was taken with it."""
        kept = self._kept.get((state, kind))
        if kept is None or now(self.database, kept).version != kept.version:
            kept = a_question(self.database, self.meeting, state=state, kind=kind)
            self._kept[state, kind] = kept
        return now(self.database, kept)


def take(
    database: Database,
    question: QuestionFacts,
    step: str,
    *,
    by: Actor = MODERATOR,
    version: int | None = None,
    **fields: Any,
) -> QuestionFacts:
    """Take a step of the question's life by its own action, with fields that are right."""
    if step == "withdraw":
        database.perform(asking.withdraw_question, question.receipt)
        return now(database, question)
    sent = {**QUESTION_FIELDS.get(step, {}), **fields}
    if step == "merge" and "into" not in sent:
        meeting = meeting_now(database, question.meeting_id)
        sent["into"] = a_question(database, meeting, state=QuestionState.ON_WALL).id
    action = QUESTION_ACTIONS[step]
    database.perform(action, question.meeting_id, question.id, by=by, version=version, **sent)
    return now(database, question)


def support(database: Database, question: QuestionFacts, device: str | None = None) -> int:
    """Let a device say that it has this question too; the count that it gets to see."""
    meeting = meeting_now(database, question.meeting_id)
    return database.perform(
        asking.support_question, meeting.code, question.id, device=device or a_key()
    ).count


def drop_support(database: Database, question: QuestionFacts, device: str) -> int:
    meeting = meeting_now(database, question.meeting_id)
    return database.perform(asking.drop_support, meeting.code, question.id, device=device).count


def now(database: Database, question: QuestionFacts) -> QuestionFacts:
    """How the question stands now."""
    return question_now(database, question.meeting_id, question.id)


def question_now(database: Database, meeting_id: int, question_id: int) -> QuestionFacts:
    with database.read() as session:
        return queries.question(session, meeting_id, question_id)


def apart_from_versions(question: QuestionFacts) -> QuestionFacts:
    """The question without what counts on by itself: versions, and when it was placed."""
    owed = question.follow_up and replace(question.follow_up, version=0, id=0, opened_at=EVENING)
    return replace(question, version=0, placed_at=None, can_undo=False, follow_up=owed)


# -- the follow-up

FOLLOW_UP_ACTIONS: Mapping[str, Callable[..., int]] = {
    "assign": following_up.assign_follow_up,
    "draft": following_up.draft_answer,
    "approve": following_up.approve_answer,
    "publish": following_up.publish_answer,
    "answer": following_up.answer_at_once,
    "close": following_up.close_follow_up,
    "reopen": following_up.reopen_follow_up,
}

FOLLOW_UP_FIELDS: Mapping[str, Mapping[str, Any]] = {
    "assign": {"owner": following_up.Owner("Politie"), "due": IN_TWO_WEEKS, "promise": ""},
    "draft": {"answer": "Er komen 120 mensen."},
    "answer": {"answer": "Er komen 120 mensen."},
    "close": {"public_reason": "Dit weten wij pas volgend jaar."},
}

FOLLOW_UP_WAYS: Mapping[FollowUpState, tuple[str, ...]] = {
    FollowUpState.OPEN: (),
    FollowUpState.ASSIGNED: ("assign",),
    FollowUpState.DRAFTED: ("draft",),
    FollowUpState.APPROVED: ("draft", "approve"),
    FollowUpState.PUBLISHED: ("draft", "publish"),
    FollowUpState.CLOSED: ("close",),
}


def a_follow_up(
    database: Database,
    meeting: MeetingFacts,
    *,
    state: FollowUpState = FollowUpState.OPEN,
    kind: Kind = Kind.QUESTION,
) -> QuestionFacts:
    """A parked question with its point in the register in this state."""
    question = a_question(database, meeting, state=QuestionState.PARKED, kind=kind)
    for step in FOLLOW_UP_WAYS[state]:
        question = follow_up(database, question, step)
    return question


def follow_up(
    database: Database,
    question: QuestionFacts,
    step: str,
    *,
    by: Actor = MODERATOR,
    version: int | None = None,
    **fields: Any,
) -> QuestionFacts:
    """Take a step of the life of the question's follow-up."""
    assert question.follow_up is not None, "this question has no follow-up"
    sent = {**FOLLOW_UP_FIELDS.get(step, {}), **fields}
    action = FOLLOW_UP_ACTIONS[step]
    database.perform(
        action, question.meeting_id, question.follow_up.id, by=by, version=version, **sent
    )
    return now(database, question)


# -- people and doors


def some_settings(folder: Path, **changes: Any) -> Settings:
    """Settings of a server that keeps everything in this folder."""
    plain = Settings(
        host="127.0.0.1",
        port=8000,
        instance=folder,
        public_url="http://localhost:8000",
        knows_public_url=False,
        database_url=f"sqlite:///{folder / 'vragenmuur.db'}",
        has_example=False,
        has_limits=True,
        secret_key=b"only for tests, thirty-two bytes!",
    )
    return replace(plain, **changes)


def services_of(app: Flask) -> Services:
    services: Services = app.extensions[NAME]
    return services


def database_of(app: Flask) -> Database:
    return services_of(app).database


def a_colleague(
    database: Database,
    *,
    role: Role,
    meeting: MeetingFacts | None = None,
    email: str | None = None,
    password_hash: str | None = None,
) -> int:
    """An account with this role: an organiser everywhere, others in one meeting."""
    address = email or f"{role}-{next(_count)}@example.org"
    account_id = database.perform(
        accounts.add_account,
        email=address,
        name=f"Collega {role}",
        password_hash=password_hash,
        is_organiser=role is Role.ORGANISER,
    )
    if meeting is not None and role is not Role.ORGANISER:
        database.perform(accounts.grant_role, meeting.id, email=address, role=role)
    return account_id


def a_browser(
    app: Flask,
    *,
    account_id: int | None = None,
    accept: str = "application/json",
    site: str | None = "same-origin",
) -> FlaskClient:
    """A browser on one of our own pages, or one that says nothing of its page (`site=None`).

    With an account it is signed in.
    """
    client = app.test_client()
    if site is not None:
        client.environ_base["HTTP_SEC_FETCH_SITE"] = site
    client.environ_base["HTTP_ACCEPT"] = accept
    if account_id is not None:
        session = database_of(app).perform(accounts.sign_in, account_id)
        client.set_cookie("staff", session.token)
    return client


def a_phone(app: Flask, meeting: MeetingFacts) -> FlaskClient:
    """A phone that was on the meeting's page, and so has its device cookie."""
    client = a_browser(app)
    send_question(client, meeting, text="Mag ik iets vragen?")
    return client


def send_question(client: FlaskClient, meeting: MeetingFacts, **changes: Any) -> Any:
    """Send a question as the phone's outbox does."""
    sent = {"key": a_key(), "kind": "question", "text": "Hoeveel mensen komen er?"} | changes
    return client.post(f"/m/{meeting.code}/questions", json=sent)


def a_screen(
    app: Flask,
    meeting: MeetingFacts,
    *,
    screen: str = "phone",
    lang: str = "nl",
    browser: FlaskClient | None = None,
    headers: Mapping[str, str] | None = None,
) -> SocketIOTestClient:
    """A screen that listens, or was refused: `is_connected` tells."""
    named = meeting.id if screen == "console" else meeting.code
    return app.extensions["socketio"].test_client(
        app,
        auth={"meeting": named, "screen": screen, "lang": lang},
        flask_test_client=browser or app.test_client(),
        headers=dict(OWN_PAGE if headers is None else headers),
    )
