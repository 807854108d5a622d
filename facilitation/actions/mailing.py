"""The life of a mail in the outbox: begun, then sent, put off, given up or dropped."""

from collections.abc import Sequence
from datetime import timedelta

from facilitation.domain.mail import Mail
from facilitation.storage import outbox
from facilitation.storage.work import Work

FIRST_WAIT = timedelta(minutes=1)  # before the second try; then twice as long each time
LONGEST_WAIT = timedelta(hours=2)
PATIENCE = timedelta(days=2)  # after which a mail that is refused is not tried again


def begin_mails(work: Work, *, most: int) -> list[int]:
    """Claim what is due, so that nobody else sends it meanwhile."""
    begun = outbox.due(work, most)
    for mail in begun:
        mail.begun_at = work.now
    return [mail.id for mail in begun]


def let_go_mails(work: Work, mail_ids: Sequence[int]) -> None:
    """Give back what was begun and not tried: it waits as it did."""
    for mail in outbox.still_waiting(work, mail_ids):
        mail.begun_at = None


def let_go_all_mails(work: Work) -> None:
    """Give back what an earlier life of this process had begun; for who sends alone."""
    for mail in outbox.begun(work):
        mail.begun_at = None


def note_mail_sent(work: Work, mail_id: int) -> None:
    """The mail server took it: it is theirs from now on."""
    for mail in outbox.still_waiting(work, [mail_id]):
        mail.sent_at = work.now


def put_off_mail(work: Work, mail_id: int, *, code: int | None = None) -> bool:
    """Try it again later; after two days give up, and say so by False."""
    for mail in outbox.still_waiting(work, [mail_id]):
        if work.now - mail.made_at > PATIENCE:
            _give_up(work, mail, code)
            return False
        mail.attempts += 1
        mail.begun_at = None
        mail.next_at = work.now + min(FIRST_WAIT * 2 ** min(mail.attempts - 1, 9), LONGEST_WAIT)
    return True


def give_up_mail(work: Work, mail_id: int, *, code: int | None = None) -> None:
    """It was refused for good. The code is kept; the words of the refusal may hold an address."""
    for mail in outbox.still_waiting(work, [mail_id]):
        _give_up(work, mail, code)


def drop_mail(work: Work, mail_id: int) -> None:
    """Forget a mail that has nothing to tell any more.

    That an address was asked to confirm is remembered: it is asked once a day.
    """
    for mail in outbox.still_waiting(work, [mail_id]):
        if mail.kind.asks_consent:
            _give_up(work, mail, None)
        else:
            work.session.delete(mail)


def owe_staff_mails(work: Work) -> int:
    """Owe reminders and the weekly digest, each once a day to each account."""
    owed = outbox.staff_mails(work.session, work.now)
    for kind, account_id, day in owed:
        work.session.add(
            Mail(
                key=outbox.staff_key(kind, account_id, day),
                kind=kind,
                made_at=work.now,
                next_at=work.now,
                account_id=account_id,
                facts={"day": day.isoformat()},
            )
        )
    return len(owed)


def _give_up(work: Work, mail: Mail, code: int | None) -> None:
    mail.given_up_at = work.now
    if code:
        mail.facts = {**mail.facts, "refused": code}
