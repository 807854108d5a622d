"""Rooms, publish, pulse: the only Python file that knows Socket.IO; only `connect` comes in."""

import contextlib
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

from flask import Flask
from flask_babel import force_locale
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import SocketIO
from werkzeug.http import parse_cookie

from facilitation import logs
from facilitation.domain.audience import Audience, may_see
from facilitation.domain.events import (
    Announcement,
    Event,
    MeetingChanged,
    QuestionChanged,
    RoleWithdrawn,
    SessionsEnded,
    SupportChanged,
)
from facilitation.domain.lifecycle import STAFF_ROLES, Role
from facilitation.domain.refusals import NotFound, Refusal
from facilitation.runtime import Runtime
from facilitation.settings import Settings
from facilitation.storage import people, queries
from facilitation.storage.database import Database
from facilitation.storage.meetings import Meetings
from facilitation.storage.queries import MeetingFacts, QuestionFacts
from facilitation.web import access
from facilitation.web.cards import SCREENS, Seat, draw, draw_own
from facilitation.web.codes import find_meeting
from facilitation.web.direct import Direct
from facilitation.web.languages import LANGUAGES
from facilitation.web.listeners import (
    Listener,
    Listeners,
    audience_room,
    device_room,
    seat_room,
)

FRAME_LIMIT = 16 * 1024
PULSE_SECONDS = 8
TICK_SECONDS = 0.2
MOST_TOGETHER = 20  # changes in one message, so that none gets long
LOOK_SECONDS = 0.5  # between two looks at who stopped reading
MOST_UNREAD = 100  # messages; a screen that reads is behind by one or two
CONSOLE_ROLES = STAFF_ROLES - {Role.ANSWERER}


class Live:
    """Tells every open screen what changed, and what it may see of it."""

    def __init__(
        self,
        app: Flask,
        settings: Settings,
        database: Database,
        meetings: Meetings,
        runtime: Runtime,
        origins: Any,
    ) -> None:
        self._app = app
        self._settings = settings
        self._database = database
        self._meetings = meetings
        self._runtime = runtime
        self._listeners = Listeners()
        self._queue: deque[Announcement] = deque()
        self._is_publishing = False
        self._dirty: dict[int, set[int]] = defaultdict(set)
        self._counted: Counter[int] = Counter()
        self._ticked: dict[int, float] = {}
        self._dropped_at = 0.0
        self.refused = Counter[str]()
        self.pulsed_at = time.monotonic()
        self.is_leaving = False
        self._socketio = SocketIO(
            app,
            async_mode=runtime.async_mode,
            cors_allowed_origins=origins,
            transports=["websocket"],
            max_http_buffer_size=FRAME_LIMIT,
            # Only to find out who is gone: screens hear by the pulse that we are there.
            ping_interval=25,
            ping_timeout=20,
            manage_session=False,
            serve_client=False,
        )
        self._direct: Direct | None = None
        # At the server itself: Flask-SocketIO would make a request of each, and nobody needs it.
        self._server = self._socketio.server
        self._server.on("connect", self._connect)
        self._server.on("disconnect", self._disconnect)
        self._server.on("*", self._refuse_event)

    # -- coming and going

    def _connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        """Let a screen listen: phones and halls by the code, consoles by their session and role."""
        listener = self._listener(environ, auth if isinstance(auth, dict) else {})
        self._listeners.add(sid, listener)
        for room in listener.rooms:
            self._server.enter_room(sid, room)
        meeting = self._meetings.by_id(listener.meeting_id)
        self._emit("pulse", _pulse(meeting, listener.seat.audience), sid)

    def _listener(self, environ: dict[str, Any], auth: dict[str, Any]) -> Listener:
        screen, lang = auth.get("screen"), auth.get("lang")
        if not isinstance(screen, str) or screen not in SCREENS or lang not in LANGUAGES:
            raise Refused("screen or language unknown")
        named = str(auth.get("meeting"))[:20]
        if SCREENS[screen] is Audience.PUBLIC:
            meeting = self._public_meeting(environ, named)
            device = access.read_device(self._settings, parse_cookie(environ), meeting.id)
            return Listener(meeting.id, Seat(screen, lang), device=device)
        with self._app.request_context(environ):
            meeting = self._by_id(named)
            staff = access.staff_or_none()
            roles = staff.roles_in(meeting.id) & CONSOLE_ROLES if staff else frozenset()
            if staff is None or not roles or not access.is_own_page(origin_needed=True):
                raise Refused("not allowed")
        return Listener(
            meeting.id,
            Seat(screen, lang, roles),
            session_id=staff.session_id,
            account_id=staff.account_id,
        )

    def _public_meeting(self, environ: dict[str, Any], named: str) -> MeetingFacts:
        """The meeting as phones and halls know it; whatever is not plain is looked at as a page."""
        with contextlib.suppress(Refusal):
            meeting = self._meetings.by_code(named.upper() if named.isascii() else "")
            if not meeting.state.is_prepared:
                return meeting
        with self._app.request_context(environ):
            return _by_code(named)

    def _by_id(self, named: str) -> MeetingFacts:
        """The meeting as consoles know it."""
        if not (named.isascii() and named.isdecimal() and len(named) < 10):
            return _by_code(named)
        try:
            return self._meetings.by_id(int(named))
        except NotFound as refusal:
            raise Refused("no such meeting") from refusal

    def _disconnect(self, sid: str, *reason: object) -> None:
        self._listeners.remove(sid)

    def _refuse_event(self, name: str, sid: str, *data: object) -> None:
        """Commands come by HTTP: what comes here is counted, and whoever sent it is sent away."""
        self.refused["event"] += 1
        self._server.disconnect(sid)

    # -- telling

    def publish(self, announcement: Announcement) -> None:
        """Tell it after what was announced before; returns at once."""
        self._queue.append(announcement)
        if not self._is_publishing:
            self._is_publishing = True
            self._runtime.spawn(self._drain)

    def _drain(self) -> None:
        try:
            while self._queue:
                announcement = self._next()
                try:
                    self._tell(announcement)
                except Exception:  # the pulse brings the screens up to date in any case
                    logs.fail("a change was not told")
                self._drop_stalled()
                if self._queue:
                    self._runtime.sleep(0)  # a burst must not hold up everybody else
        finally:
            self._is_publishing = False

    def _next(self) -> Announcement:
        """The oldest, with those after it that can be told in the same message."""
        announcement = self._queue.popleft()
        while self._queue and len(announcement.events) < MOST_TOGETHER:
            joined = announcement.joined(self._queue[0])
            if joined is None:
                break
            announcement = joined
            self._queue.popleft()
        return announcement

    def _tell(self, announcement: Announcement) -> None:
        for event in announcement.events:
            self._close_ended(event)
        if not self._listeners.seats(announcement.meeting_id):
            return
        if announcement.raises:
            self._tell_changes(announcement)
        supported = [e for e in announcement.events if isinstance(e, SupportChanged)]
        if supported:
            self._count(announcement.meeting_id, supported)

    def _tell_changes(self, announcement: Announcement) -> None:
        changes = [e for e in announcement.events if isinstance(e, QuestionChanged)]
        ids = list(dict.fromkeys(change.question_id for change in changes))
        with self._database.read() as session:
            meeting = queries.meeting(session, announcement.meeting_id)
            following = queries.askers_following(session, meeting.id, ids)
            found = queries.questions(session, meeting.id, [*ids, *following])
        with self._drawing():
            for seat in self._listeners.seats(meeting.id):
                # A card of the console shows what its question goes on in: that is told as well.
                self._tell_seat(announcement, meeting, seat, changes, found)
            self._tell_askers(meeting, _told_to_askers(changes, found))

    def _tell_seat(
        self,
        announcement: Announcement,
        meeting: MeetingFacts,
        seat: Seat,
        changes: Sequence[QuestionChanged],
        changed: Sequence[QuestionFacts],
    ) -> None:
        rise = announcement.raises.get(seat.audience)
        if rise is None:
            return
        # A dealt wall is one small message with a gap in it: each screen takes its region anew.
        is_whole = not announcement.is_of_questions
        heard = _heard(changes, changed, seat, meeting)
        with force_locale(seat.lang):
            cards = [_card(question, meeting, seat) for question in heard]
        self._emit(
            "changed",
            {
                "epoch": announcement.epoch,
                "previous": -1 if is_whole and not _is_view(announcement) else rise.previous,
                "revision": rise.revision,
                "meeting": {"state": meeting.state, "view": meeting.view},
                "cards": cards,
            },
            seat_room(meeting.id, seat),
        )

    def _tell_askers(self, meeting: MeetingFacts, questions: Sequence[QuestionFacts]) -> None:
        """To each device its own questions, and those only."""
        asked: dict[str, list[QuestionFacts]] = defaultdict(list)
        for question in questions:
            asked[question.device].append(question)
        for device, lang in product(asked, LANGUAGES):
            room = device_room(meeting.id, device, lang)
            if not self._listeners.is_open(room):
                continue
            with force_locale(lang):
                cards = [
                    {"id": own.id, "html": draw_own(own, meeting), "order": own.number}
                    for own in asked[device]
                ]
            self._emit("mine", {"cards": cards}, room)

    # -- counting

    def _count(self, meeting_id: int, changes: Sequence[SupportChanged]) -> None:
        """Tell counts at once if it was quiet; else gather them, at most five times a second."""
        is_waiting = bool(self._dirty[meeting_id])
        self._dirty[meeting_id].update(change.question_id for change in changes)
        newest = max(change.supports for change in changes)
        self._counted[meeting_id] = max(self._counted[meeting_id], newest)
        if is_waiting:
            return
        due = self._ticked.get(meeting_id, 0) + TICK_SECONDS - time.monotonic()
        if due <= 0:
            self._tick(meeting_id)
        else:
            self._runtime.after(due, self._tick, meeting_id)

    def _tick(self, meeting_id: int) -> None:
        dirty = self._dirty.pop(meeting_id, set())
        self._ticked[meeting_id] = time.monotonic()
        with self._database.read() as session:
            meeting = queries.meeting(session, meeting_id)
            found = queries.questions(session, meeting_id, list(dirty))
        for audience in Audience:
            counts = {
                question.id: question.support_count
                for question in found
                if may_see(audience, question.sight(), paused_at=meeting.paused_at)
            }
            if counts:
                # Only as far as was announced: the database may hold more, of other questions.
                message = {"supports": self._counted[meeting_id], "counts": counts}
                self._emit("counted", message, audience_room(meeting_id, audience))

    # -- staying true

    def run_pulse(self) -> None:
        """For ever: tell every screen how far we are, so that none stays behind."""
        while True:
            self._runtime.sleep(PULSE_SECONDS)
            try:
                self.pulse()
            except Exception:  # the next one comes in a few seconds
                logs.fail("a pulse failed")

    def pulse(self) -> None:
        """Tell revisions from the database, and close the consoles whose right has ended."""
        self._drop_stalled()
        for meeting_id in self._listeners.meetings():
            meeting = self._meetings.by_id(meeting_id)
            for audience in Audience:
                room = audience_room(meeting_id, audience)
                self._emit("pulse", _pulse(meeting, audience), room)
        self._close(self._has_lost_its_right)
        self.pulsed_at = time.monotonic()

    def sockets(self) -> Counter[str]:
        """How many of each screen listen now."""
        return self._listeners.screens()

    def say_goodbye(self) -> None:
        """Tell every screen that we go away, so that each comes back at a moment of its own."""
        self.is_leaving = True
        self._socketio.emit("bye", {})

    def _has_lost_its_right(self, who: Listener) -> bool:
        if who.session_id is None:
            return False
        with self._database.read() as session:
            staff = people.session_holder(session, who.session_id, self._database.now())
        return staff is None or not staff.roles_in(who.meeting_id) & CONSOLE_ROLES

    def _close_ended(self, event: Event) -> None:
        """Close the consoles whose right ended with this."""
        match event:
            case SessionsEnded(session_ids=ended):
                self._close(lambda who: who.session_id in ended)
            case RoleWithdrawn(meeting_id=meeting_id, account_id=account_id):
                self._close(
                    lambda who: (who.meeting_id, who.account_id) == (meeting_id, account_id)
                )

    def _close(self, is_meant: Callable[[Listener], bool]) -> None:
        for sid in self._listeners.who(is_meant):
            self._listeners.remove(sid)
            with contextlib.suppress(KeyError):
                self._server.disconnect(sid)

    def _drop_stalled(self) -> None:
        """Let go of screens that stopped reading: what waits for them would grow without end.

        Each comes back by itself, and fetches what it missed.
        """
        if time.monotonic() < self._dropped_at + LOOK_SECONDS:
            return
        self._dropped_at = time.monotonic()
        for socket in list(self._server.eio.sockets.values()):
            if socket.queue.qsize() > MOST_UNREAD:
                self.refused["stalled"] += 1
                while not socket.queue.empty():
                    socket.queue.get_nowait()
                    socket.queue.task_done()
                # Without the closing packet, which it would not read either.
                socket.close(wait=False, abort=True)

    # -- sending

    def write_directly(self) -> bool:
        """Send straight to idle screens from now on; false when engineio is not as we know it."""
        with contextlib.suppress(AttributeError, KeyError, TypeError):
            self._direct = Direct(self._server, self._runtime.spawn)
        return self._direct is not None

    def _emit(self, name: str, message: dict[str, Any], room: str) -> None:
        if self._direct is not None:
            self._direct.emit(name, message, room)
        else:
            self._socketio.emit(name, message, to=room)

    @contextlib.contextmanager
    def _drawing(self) -> Iterator[None]:
        """Cards are drawn outside any request: nobody waits for a broadcast."""
        with self._app.test_request_context("/"):
            yield


def _by_code(named: str) -> MeetingFacts:
    """The meeting as phones and halls know it; guessing is slowed here as at its page."""
    try:
        return find_meeting(named if named.isascii() else "")
    except Refusal as refusal:
        raise Refused("no such meeting") from refusal


def _pulse(meeting: MeetingFacts, audience: Audience) -> dict[str, Any]:
    return {
        "epoch": meeting.epoch,
        "revision": meeting.revision(audience),
        "supports": meeting.supports,
        "meeting": {"state": meeting.state, "view": meeting.view},
    }


def _told_to_askers(
    changes: Sequence[QuestionChanged], found: Sequence[QuestionFacts]
) -> list[QuestionFacts]:
    """Not what only staff notice: a saved draft is no news for who waits for the answer."""
    told = {change.question_id for change in changes if not change.is_internal}
    return [q for q in found if q.id in told or (q.followed is not None and q.followed.id in told)]


def _heard(
    changes: Sequence[QuestionChanged],
    changed: Sequence[QuestionFacts],
    seat: Seat,
    meeting: MeetingFacts,
) -> list[QuestionFacts]:
    """The questions that this audience could see before, or can see now."""
    before = {
        change.question_id
        for change in changes
        if may_see(seat.audience, change.before, paused_at=meeting.paused_at)
    }
    return [
        question
        for question in changed
        if question.id in before
        or may_see(seat.audience, question.sight(), paused_at=meeting.paused_at)
    ]


def _card(question: QuestionFacts, meeting: MeetingFacts, seat: Seat) -> dict[str, Any]:
    if not may_see(seat.audience, question.sight(), paused_at=meeting.paused_at):
        return {"id": question.id, "html": None, "order": 0}
    return {
        "id": question.id,
        "html": draw(question, meeting, seat),
        "order": question.order,
        "state": question.state,
    }


def _is_view(announcement: Announcement) -> bool:
    """Only another view in the hall: phones need not fetch anything for it."""
    return all(
        isinstance(event, MeetingChanged) and event.step == "view" for event in announcement.events
    )
