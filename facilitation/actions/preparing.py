"""What is prepared before an evening: the answers to questions that will come."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from facilitation.domain.prepared import (
    LIBRARY_LIMIT,
    AnswerKind,
    PreparedAnswer,
    same_question,
)
from facilitation.domain.refusals import Invalid, Outdated
from facilitation.storage import finding, prepared
from facilitation.storage.work import Work


@dataclass(frozen=True)
class PreparedText:
    """What a colleague fills in, cleaned."""

    question: str
    answer: str
    kind: AnswerKind = AnswerKind.FACTUAL
    speaker: str = ""
    source: str = ""
    review_on: date | None = None


@dataclass(frozen=True)
class Imported:
    """How many answers came in new, and how many were rewritten because they stood there."""

    added: int
    rewritten: int


def add_answer(work: Work, series_id: int, text: PreparedText) -> int:
    """Put an answer in the library of this plan; a question stands there once."""
    finding.series(work, series_id)
    standing = _by_question(work, series_id)
    if same_question(text.question) in standing:
        raise Invalid(question="taken")
    if len(standing) >= LIBRARY_LIMIT:
        raise Invalid(question="library_full")
    return _add(work, series_id, text).id


def edit_answer(
    work: Work, series_id: int, answer_id: int, text: PreparedText, *, version: int | None = None
) -> int:
    """Rewrite it, unless somebody else was first."""
    found = prepared.find(work.session, series_id, answer_id)
    if version is not None and version != found.version:
        raise Outdated(question_id=0, newest=found.version)
    if _by_question(work, series_id).get(same_question(text.question), found) is not found:
        raise Invalid(question="taken")
    _rewrite(found, text)
    return answer_id


def remove_answer(work: Work, series_id: int, answer_id: int) -> int:
    """Take it out of the library; what was said with its words stays."""
    work.session.delete(prepared.find(work.session, series_id, answer_id))
    return answer_id


def import_answers(work: Work, series_id: int, texts: Sequence[PreparedText]) -> Imported:
    """Put in all of them or none; what stands there already is rewritten, so twice is once."""
    finding.series(work, series_id)
    standing = _by_question(work, series_id)
    new = [text for text in texts if same_question(text.question) not in standing]
    if len(standing) + len(new) > LIBRARY_LIMIT:
        raise Invalid(file="library_full")
    rewritten = 0
    for text in texts:
        found = standing.get(same_question(text.question))
        if found is None:
            _add(work, series_id, text)
        elif _said(found) != text:
            _rewrite(found, text)
            rewritten += 1
    return Imported(added=len(new), rewritten=rewritten)


def _by_question(work: Work, series_id: int) -> dict[str, PreparedAnswer]:
    return {same_question(one.question): one for one in prepared.all_of(work.session, series_id)}


def _add(work: Work, series_id: int, text: PreparedText) -> PreparedAnswer:
    answer = PreparedAnswer(series_id=series_id, **asdict(text))
    work.session.add(answer)
    work.session.flush()
    return answer


def _rewrite(found: PreparedAnswer, text: PreparedText) -> None:
    for field, said in asdict(text).items():
        setattr(found, field, said)
    found.version += 1


def _said(found: PreparedAnswer) -> PreparedText:
    return PreparedText(
        question=found.question,
        answer=found.answer,
        kind=found.kind,
        speaker=found.speaker,
        source=found.source,
        review_on=found.review_on,
    )
