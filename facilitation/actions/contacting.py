"""What an asker does afterwards: leave an address, judge the answer, add to the question."""

from collections.abc import Iterable, Sequence

from facilitation.domain.contact import Contact, Purpose, confirmation_key, delete_day
from facilitation.domain.mail import Mail, MailKind
from facilitation.domain.meeting import local_day
from facilitation.domain.question import Clarification, Question, Verdict
from facilitation.domain.refusals import Invalid, NotOpen
from facilitation.storage import finding
from facilitation.storage.work import Work


def leave_address(
    work: Work, receipt: str, *, email: str, purposes: Iterable[Purpose], language: str
) -> None:
    """Keep an address for each purpose by itself, and owe it the mail that asks whether it is so.

    Says the same whether or not we know the address already.
    """
    question = finding.question_by_receipt(work, receipt)
    _check_not_taken_back(question)
    kept = {contact.purpose: contact for contact in _left_before(work, question, email)}
    for purpose in purposes:
        if purpose not in kept:
            kept[purpose] = _new_contact(work, question, email, purpose, language)
    work.session.flush()
    waiting = [contact for contact in kept.values() if contact.confirmed_at is None]
    if waiting:
        _ask_to_confirm(work, email, waiting)


def confirm_address(work: Work, token: str) -> None:
    """From now on it is used, for all that the mail with this link asked."""
    for contact in finding.contacts_asked_with(work, finding.contact_by_token(work, token)):
        contact.confirmed_at = contact.confirmed_at or work.now


def stop_mails(work: Work, token: str) -> None:
    """Forget the address for this purpose; what was still to be mailed to it goes with it."""
    contact = finding.contact_by_token(work, token)
    is_for_one = contact.purpose.is_about_one_question
    _forget(work, [contact] if is_for_one else finding.contacts_like(work, contact))


def erase_addresses(work: Work, receipt: str) -> None:
    """Forget every address that was left on this receipt."""
    question = finding.question_by_receipt(work, receipt)
    _forget(work, finding.contacts_from(work, question.id))


def give_verdict(work: Work, receipt: str, *, verdict: Verdict) -> None:
    """Say whether this answers the question; it reopens nothing by itself."""
    question = finding.question_by_receipt(work, receipt)
    if not finding.root(work, question).is_answered:
        raise NotOpen(step="verdict", state=question.state)
    question.verdict, question.verdict_at = verdict, work.now


def clarify_question(work: Work, receipt: str, *, text: str) -> None:
    """Add to one's own question, for colleagues to read; the same words twice are kept once."""
    question = finding.question_by_receipt(work, receipt)
    if not finding.root(work, question).takes_clarification:
        raise NotOpen(step="clarify", state=question.state)
    if not text:
        raise Invalid(text="nothing_added")
    last = finding.last_clarification(work, question.id)
    if last is None or last.text != text:
        work.session.add(Clarification(question_id=question.id, text=text, sent_at=work.now))


def _check_not_taken_back(question: Question) -> None:
    if question.state.is_taken_back:
        raise NotOpen(step="address", state=question.state)


def _left_before(work: Work, question: Question, email: str) -> Sequence[Contact]:
    return [found for found in finding.contacts_from(work, question.id) if found.email == email]


def _new_contact(
    work: Work, question: Question, email: str, purpose: Purpose, language: str
) -> Contact:
    meeting = finding.meeting(work, question.meeting_id)
    contact = Contact(
        series_id=meeting.series_id,
        question_id=question.id,
        email=email,
        purpose=purpose,
        language=language,
        asked_at=work.now,
        delete_on=delete_day(local_day(meeting.starts_at), today=local_day(work.now)),
    )
    work.session.add(contact)
    return contact


def _ask_to_confirm(work: Work, email: str, waiting: Sequence[Contact]) -> None:
    """One mail to an address on a day, whoever asks; its link then confirms what came later too."""
    key = confirmation_key(email, local_day(work.now))
    ids = [contact.id for contact in waiting]
    mail = finding.mail_by_key(work, key)
    if mail is None:
        mail = Mail(key=key, kind=MailKind.CONFIRM, made_at=work.now, next_at=work.now)
        work.session.add(mail)
    elif mail.contact_id is None:
        if mail.sent_at is not None:
            return  # what it asked was erased since, and no second one goes out today
        mail.given_up_at = None
    known = mail.facts.get("contacts", [])
    mail.contact_id = mail.contact_id or ids[0]
    mail.facts = {"contacts": [*known, *(one for one in ids if one not in known)]}


def _forget(work: Work, contacts: Sequence[Contact]) -> None:
    for contact in contacts:
        for mail in finding.confirmations(work, contact.id):
            _keep_that_it_was_asked(work, mail, contact)
    work.session.flush()
    for contact in contacts:
        work.session.delete(contact)


def _keep_that_it_was_asked(work: Work, mail: Mail, contact: Contact) -> None:
    """Who erases an address and leaves it again does not get it mailed again on that day."""
    if local_day(mail.made_at) != local_day(work.now):
        return  # goes with the contact
    left = [one for one in mail.facts["contacts"] if one != contact.id]
    is_sent = mail.sent_at is not None
    mail.contact_id = left[0] if left and not is_sent else None
    mail.facts = {"contacts": left if mail.contact_id else []}
    if mail.contact_id is None and not is_sent:
        mail.given_up_at = work.now
