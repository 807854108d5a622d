"""When people are forgotten, and the report of a day on which some were."""

from datetime import date, timedelta

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from facilitation.domain.mapping import Base

# After the evening: long enough for every answer to be given and asked about.
MEETING_KEPT = timedelta(days=365)
# What was mailed is told by the page; the row is kept for questions about the mail itself.
MAIL_KEPT = timedelta(days=30)
# A session that ended says who worked when.
SESSION_KEPT = timedelta(days=30)


class Erasure(Base):
    """What was erased on one day: how many of what, and nothing of whom."""

    __tablename__ = "erasures"

    day: Mapped[date] = mapped_column(primary_key=True)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
