"""Finding the news of a plan, and who wants to hear it."""

from collections.abc import Sequence

from sqlalchemy import select

from facilitation.domain.contact import Contact, Purpose
from facilitation.domain.refusals import NotFound
from facilitation.domain.series import Update
from facilitation.storage.work import Work


def update(work: Work, series_id: int, update_id: int) -> Update:
    found = work.session.get(Update, update_id)
    if found is None or found.series_id != series_id:
        raise NotFound(what="update")
    return found


def newest(work: Work, series_id: int) -> Update | None:
    """What was written last, taken back or not."""
    return work.session.scalar(
        select(Update)
        .where(Update.series_id == series_id)
        .order_by(Update.written_at.desc(), Update.id.desc())
        .limit(1)
    )


def readers(work: Work, series_id: int) -> Sequence[Contact]:
    """Who confirmed that they want to hear the news of this plan; every address once.

    Who asked several questions may have left it on several receipts.
    """
    confirmed = work.session.scalars(
        select(Contact)
        .where(
            Contact.series_id == series_id,
            Contact.purpose == Purpose.NEWS,
            Contact.confirmed_at.is_not(None),
        )
        .order_by(Contact.id)
    )
    return list({contact.email: contact for contact in confirmed}.values())
