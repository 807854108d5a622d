"""Answers that were prepared before anybody asked: who may give them, and until when they hold."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from facilitation.domain.mapping import Base, one_of

LIBRARY_LIMIT = 500  # prepared answers of one plan: more nobody keeps up to date


class AnswerKind(StrEnum):
    """What is asked for, and with that who should answer (handbook A)."""

    FACTUAL = "factual"
    PROCEDURAL = "procedural"
    POLITICAL = "political"

    @property
    def is_for_everybody(self) -> bool:
        """Whether a colleague at the desk may say it; a political question is passed on."""
        return self is not AnswerKind.POLITICAL


class PreparedAnswer(Base):
    """A question that will come, its answer, and who may and will give it."""

    __tablename__ = "prepared_answers"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), index=True)
    question: Mapped[str]
    answer: Mapped[str]
    kind: Mapped[AnswerKind] = mapped_column(one_of(AnswerKind), default=AnswerKind.FACTUAL)
    speaker: Mapped[str] = mapped_column(String(200), default="")
    source: Mapped[str] = mapped_column(String(500), default="")
    review_on: Mapped[date | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)


def same_question(text: str) -> str:
    """By what two prepared questions are the same one: their words, without case and marks."""
    return " ".join(text.casefold().strip(" ?!.").split())
