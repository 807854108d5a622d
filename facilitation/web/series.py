"""The public page of a plan: its evenings, its news, every question with what became of it."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from facilitation.domain.audience import Fate
from facilitation.domain.meeting import local_day
from facilitation.domain.refusals import NotFound
from facilitation.domain.text import LINE_LIMIT, clean_line
from facilitation.storage import series
from facilitation.storage.queries import MeetingFacts
from facilitation.storage.series import Point, PublicPage, UpdateFacts
from facilitation.web import addresses
from facilitation.web.access import public, staff_or_none
from facilitation.web.cards import public_facts
from facilitation.web.codes import count_wrong_code
from facilitation.web.services import services

screen = Blueprint("series", __name__)

# A browser always asks, and mostly hears 304; a cache before us may answer for a minute.
SHARED_MINUTE = "public, max-age=0, s-maxage=60"


@screen.get("/t/<code>")
@public
def page(code: str) -> Response:
    """Everything that there is to read about a plan, or what holds the words of `q`."""
    shown = _find(code)
    words = clean_line(request.args.get("q", ""))[:LINE_LIMIT]
    points = [point for point in shown.points if _holds(words, _said_in(point))]
    html = render_template(
        "series/page.html",
        page=shown,
        meeting=shown.newest,
        words=words,
        updates=[update for update in shown.updates if _holds(words, (update.title, update.text))],
        topics=_by_topic(_with_fate(points, Fate.ANSWERED)),
        owed=_with_fate(points, Fate.OWED),
        elsewhere=_with_fate(points, Fate.ELSEWHERE),
        unanswered=_with_fate(points, Fate.UNANSWERED),
        days_late=_days_late,
        telephone=_telephone,
    )
    return _kept(Response(html), shown)


@screen.get("/t/<code>/questions/<int:question_id>")
@public
def question(code: str, question_id: int) -> AnyResponse:
    """One question by itself, at an address that stays; what was merged leads on."""
    shown = _find(code)
    with services().database.read() as session:
        root_id = series.root_of(session, question_id)
    found = next((point for point in shown.points if point.question.id == root_id), None)
    if found is None:
        raise NotFound(what="question")
    if root_id != question_id:
        return redirect(url_for("series.question", code=shown.series.code, question_id=root_id))
    html = render_template(
        "series/question.html", page=shown, meeting=found.meeting, point=found, days_late=_days_late
    )
    return _kept(Response(html), shown)


@screen.get("/t/<code>/feed.atom")
@public
def feed(code: str) -> Response:
    """The news and the published answers as an Atom feed (RFC 4287)."""
    shown = _find(code)
    answers = {point: moment for point in shown.points if (moment := _published_at(point))}
    moments = [*answers.values(), *(update.written_at for update in shown.updates)]
    text = render_template(
        "series/feed.xml",
        page=shown,
        answers=sorted(answers.items(), key=lambda answer: answer[1], reverse=True),
        base=addresses.base(),
        updated=max(moments, default=shown.series.created_at),
    )
    return _kept(Response(text, content_type="application/atom+xml; charset=utf-8"), shown)


@screen.get("/t/<code>.json")
@public
def as_json(code: str) -> Response:
    """What the page says, as data."""
    shown = _find(code)
    plan = shown.series
    response = jsonify(
        code=plan.code,
        title=plan.title,
        about=plan.about,
        contact={
            "name": plan.contact_name,
            "email": plan.contact_email,
            "phone": plan.contact_phone,
        },
        meetings=[_meeting_facts(meeting) for meeting in shown.meetings],
        updates=[_update_facts(update) for update in shown.updates],
        questions=[_point_facts(point, plan.code) for point in shown.points],
        moderation=vars(shown.tally),
    )
    return _kept(response, shown)


def _find(code: str) -> PublicPage:
    """The page of this code; one with nothing on it yet is for staff only."""
    try:
        with services().database.read() as session:
            found = series.public_page(session, code.upper())
    except NotFound:
        count_wrong_code()
        raise
    if not found.has_begun and staff_or_none() is None:
        raise NotFound(what="series")
    return found


def _kept(response: Response, shown: PublicPage) -> Response:
    """Let browsers and caches keep it, unless it hands out a cookie or is a preview for staff."""
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32], weak=True)
    if shown.has_begun and "lang" not in request.args:
        response.headers["Cache-Control"] = SHARED_MINUTE
    response.vary.update(("Accept-Language", "Cookie"))
    response.make_conditional(request)
    return response


def _holds(words: str, texts: Iterable[str]) -> bool:
    """Whether every word occurs somewhere in these texts, in capitals or not."""
    text = "\n".join(texts).casefold()
    return all(word in text for word in words.casefold().split())


def _said_in(point: Point) -> tuple[str, ...]:
    """What the page shows of a question, and no more: else a search would tell the rest."""
    question, owed = point.question, point.question.follow_up
    shown = (question.text, question.speaker, question.summary, point.topic)
    if owed is None:
        return shown
    return (*shown, owed.owner, owed.organisation, owed.promise, owed.told, owed.public_reason)


def _with_fate(points: Iterable[Point], fate: Fate) -> list[Point]:
    return [point for point in points if point.fate is fate]


def _by_topic(points: Iterable[Point]) -> list[tuple[str, list[Point]]]:
    """The topics, the most asked about first; what has none comes last."""
    topics: dict[str, list[Point]] = {}
    for point in points:
        topics.setdefault(point.topic, []).append(point)

    def order(topic: tuple[str, Sequence[Point]]) -> tuple[bool, int, str]:
        return not topic[0], -sum(point.asked for point in topic[1]), topic[0]

    return sorted(topics.items(), key=order)


def _days_late(due: date | None) -> int:
    """How many days the promised day has passed."""
    return max(0, (local_day(services().database.now()) - due).days) if due else 0


def _telephone(number: str) -> str:
    """A telephone number as a link wants it."""
    return re.sub(r"[^\d+]", "", number)


def _published_at(point: Point) -> datetime | None:
    owed = point.question.follow_up
    return owed.published_at if owed and owed.told else None


def _meeting_facts(meeting: MeetingFacts) -> dict[str, Any]:
    return {
        "code": meeting.code,
        "title": meeting.title,
        "starts": meeting.starts_at.isoformat(),
        "place": meeting.place,
        "state": meeting.state,
        "takes_questions": meeting.takes_questions,
        "link": f"{addresses.base()}{url_for('phone.page', code=meeting.code)}",
    }


def _update_facts(update: UpdateFacts) -> dict[str, Any]:
    return {
        "id": update.id,
        "title": update.title,
        "text": update.text,
        "written": update.written_at.isoformat(),
    }


def _point_facts(point: Point, code: str) -> dict[str, Any]:
    owed = point.question.follow_up
    facts = public_facts(point.question)
    for internal in ("order", "version"):  # these move without a change that anybody reads
        del facts[internal]
    return facts | {
        "meeting": point.meeting.code,
        "asked": point.asked,
        "outcome": point.fate,
        "organisation": owed.organisation if owed else "",
        "public_reason": owed.public_reason if owed else "",
        "published": owed.published_at.isoformat() if owed and owed.published_at else None,
        "link": f"{addresses.base()}"
        + url_for("series.question", code=code, question_id=point.question.id),
    }
