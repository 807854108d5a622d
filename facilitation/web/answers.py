"""The answers page: every question that was on the wall, with its answer or who will give it."""

from flask import Blueprint, Response, jsonify, render_template
from werkzeug.wrappers import Response as AnyResponse

from facilitation.domain.audience import Audience
from facilitation.storage import queries
from facilitation.storage.queries import MeetingFacts, QuestionFacts
from facilitation.web.access import public
from facilitation.web.cards import public_facts
from facilitation.web.codes import find_meeting
from facilitation.web.services import services
from facilitation.web.tables import csv_response

screen = Blueprint("answers", __name__)

COLUMNS = ("number", "kind", "state", "text", "topic", "count", "speaker", "summary", "answer")
PROMISED = ("owner", "due", "promise")


@screen.get("/m/<code>/answers")
@public
def page(code: str) -> str:
    meeting = find_meeting(code)
    return render_template("answers/page.html", meeting=meeting, questions=_answered(meeting))


@screen.get("/m/<code>/answers.json")
@public
def as_json(code: str) -> AnyResponse:
    meeting = find_meeting(code)
    return jsonify(
        title=meeting.title,
        starts=meeting.starts_at.isoformat(),
        questions=[public_facts(question) for question in _answered(meeting)],
    )


@screen.get("/m/<code>/answers.csv")
@public
def as_csv(code: str) -> Response:
    meeting = find_meeting(code)
    rows = [public_facts(question) for question in _answered(meeting)]
    return csv_response(f"answers-{meeting.code}", (*COLUMNS, *PROMISED), rows)


def _answered(meeting: MeetingFacts) -> list[QuestionFacts]:
    """What is public, and off-topic points once there is something to tell about them."""
    with services().database.read() as session:
        public_ones = queries.wall(session, meeting, Audience.PUBLIC)
        owed = queries.register(session, meeting.id)
    told = [question for question in owed if _is_told_off_topic(question)]
    return sorted([*public_ones, *told], key=lambda question: -question.support_count)


def _is_told_off_topic(question: QuestionFacts) -> bool:
    return (
        question.state.is_off_topic
        and question.follow_up is not None
        and question.follow_up.state.is_published
    )
