"""Word back to the people who asked: put into the outbox with the change it tells of."""

from datetime import timedelta

from facilitation.domain.mail import Mail, MailKind
from facilitation.domain.question import Question
from facilitation.storage import finding
from facilitation.storage.work import Work

# What is done in the hall may be undone in the hall: its mail waits, and then tells what stands.
GRACE = timedelta(minutes=30)

# Of the steps of a question and of a follow-up: those that its askers are mailed of.
TOLD = {
    "answer": MailKind.ANSWERED,
    "acknowledge": MailKind.ANSWERED,
    "defer": MailKind.PROMISED,
    "follow_up.assign": MailKind.PROMISED,
    "follow_up.move": MailKind.MOVED,
    "follow_up.publish": MailKind.ANSWERED,
    "follow_up.answer": MailKind.ANSWERED,
    "follow_up.close": MailKind.CLOSED,
}


def tell_askers(work: Work, question: Question, step: str, *, reason: str = "") -> None:
    """Owe a mail to everybody who asked this, or what was merged into it, and left an address.

    One for each change: the key names the versions that it tells of. A change of the register
    alone leaves the question's as it was.
    """
    kind = TOLD.get(step)
    if kind is None:
        return
    wait = timedelta(0) if step.startswith("follow_up.") else GRACE
    work.session.flush()
    versions = f"{question.version}.{question.follow_up.version if question.follow_up else 0}"
    for contact in finding.contacts_of(work, finding.family(work, question.id)):
        key = f"{kind}:{contact.id}:{question.id}:{versions}"
        mail = finding.mail_by_key(work, key) or Mail(
            key=key,
            kind=kind,
            contact_id=contact.id,
            made_at=work.now,
            next_at=work.now + wait,
            facts={"question": question.id, "reason": reason},
        )
        mail.next_at = min(mail.next_at, work.now + wait)
        work.session.add(mail)
