"""The answers page: every question that was on the wall, with its answer or who will give it."""

from flask import Blueprint, Response, jsonify, render_template
from werkzeug.wrappers import Response as AnyResponse

from facilitation.storage import queries, series
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
    with services().database.read() as session:
        plan = series.by_id(session, meeting.series_id)
    return render_template(
        "answers/page.html", meeting=meeting, series=plan, questions=_answered(meeting)
    )


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
    with services().database.read() as session:
        return queries.told(session, meeting)
