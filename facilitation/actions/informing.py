"""What organisers tell everybody about a plan: whom to reach, and the news in between."""

from dataclasses import asdict, dataclass

from facilitation.domain.mail import Mail, MailKind
from facilitation.domain.people import Actor
from facilitation.domain.refusals import Outdated
from facilitation.domain.series import Series, Update
from facilitation.storage import finding, news
from facilitation.storage.work import Work


@dataclass(frozen=True)
class SeriesText:
    """What the organiser fills in about the plan, cleaned."""

    title: str
    about: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    needs_second_reader: bool = False


def edit_series(work: Work, series_id: int, text: SeriesText, *, version: int | None = None) -> int:
    """Rewrite what is said about the plan, and how many eyes an answer needs."""
    series = finding.series(work, series_id)
    if version is not None and version != series.version:
        raise Outdated(question_id=0, newest=series.version)
    for field, said in asdict(text).items():
        setattr(series, field, said)
    series.version += 1
    return series_id


def write_update(work: Work, series_id: int, *, title: str, text: str, by: Actor) -> int:
    """Put news on the plan's page, and owe a mail to everybody who wants to hear of it.

    The same news right after itself is a button that was pressed twice: it stands there once.
    """
    series = finding.series(work, series_id)
    newest = news.newest(work, series_id)
    if newest is not None and _is_repeated(newest, title, text):
        return newest.id
    update = Update(
        series_id=series_id,
        title=title,
        text=text,
        written_at=work.now,
        account_id=by.account_id,
    )
    work.session.add(update)
    work.session.flush()
    _tell_readers(work, series, update)
    return update.id


def hide_update(work: Work, series_id: int, update_id: int) -> int:
    """Take news back: it is off the page and the feed, and no mail about it goes out any more."""
    update = news.update(work, series_id, update_id)
    update.hidden_at = update.hidden_at or work.now
    return update_id


def _is_repeated(newest: Update, title: str, text: str) -> bool:
    return newest.hidden_at is None and (newest.title, newest.text) == (title, text)


def _tell_readers(work: Work, series: Series, update: Update) -> None:
    for contact in news.readers(work, series.id):
        work.session.add(
            Mail(
                key=f"{MailKind.NEWS}:{contact.id}:{update.id}",
                kind=MailKind.NEWS,
                contact_id=contact.id,
                made_at=work.now,
                next_at=work.now,
                facts={"update": update.id},
            )
        )
