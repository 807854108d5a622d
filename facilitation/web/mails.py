"""The words of a mail, in its reader's language: made when it is sent, of what then stands."""

import hashlib
from collections.abc import Callable, Mapping
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from typing import Any
from urllib.parse import urlsplit

from flask import render_template
from flask_babel import force_locale, gettext, ngettext

from facilitation.domain.lifecycle import Kind
from facilitation.domain.mail import MailKind
from facilitation.settings import Settings
from facilitation.storage.outbox import Letter


class Whole(UnstructuredHeader):
    """A header that is an address to press: never broken up, and never encoded."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", Whole)  # type: ignore[arg-type]  # a mixin, as its own
POLICY = SMTP.clone(header_factory=_HEADERS)


def compose(letter: Letter, settings: Settings) -> EmailMessage:
    """The whole mail; a `ValueError` when its address is none that a mail server would take."""
    with force_locale(letter.language):
        subject = " ".join(_SUBJECTS[letter.kind](letter).split())
        words = render_template(
            f"mails/{letter.kind}.txt",
            letter=letter,
            base=settings.public_url,
            mine=f"{settings.public_url}/mail/{letter.token}",
            what=_what(letter),
        )
    return _message(letter, settings, subject, words)


def _message(letter: Letter, settings: Settings, subject: str, words: str) -> EmailMessage:
    message = EmailMessage(policy=POLICY)
    message["Subject"] = subject
    message["From"] = settings.mail_from
    message["To"] = Address(addr_spec=_ascii(letter.email))
    message["Date"] = letter.made_at
    message["Message-ID"] = message_id(letter, settings)
    message["Auto-Submitted"] = "auto-generated"
    if letter.plan and letter.plan.contact_email:
        message["Reply-To"] = Address(addr_spec=_ascii(letter.plan.contact_email))
    if letter.token:
        message["List-Unsubscribe"] = f"<{settings.public_url}/mail/{letter.token}/stop>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    # Quoted-printable: a mail server that takes seven bits only takes this too.
    message.set_content(words.strip() + "\n", cte="quoted-printable")
    return message


def message_id(letter: Letter, settings: Settings) -> str:
    """The same for the same mail, however often it is sent: whoever gets it twice can tell."""
    name = hashlib.sha256(f"{letter.key} {letter.made_at.isoformat()}".encode()).hexdigest()
    return f"<{name[:32]}@{urlsplit(settings.public_url).hostname}>"


def _ascii(email: str) -> str:
    """As mail servers want it: the host in Punycode."""
    name, _, host = email.rpartition("@")
    return f"{name}@{host.encode('idna').decode()}" if host else email


def _what(letter: Letter) -> str:
    """What the asker sent in, as it is called within a sentence."""
    sent = letter.own or letter.question
    named = {Kind.CONCERN: gettext("your concern"), Kind.IDEA: gettext("your idea")}
    return named.get(sent.kind if sent else Kind.QUESTION, gettext("your question"))


def _numbered(letter: Letter) -> Mapping[str, Any]:
    sent = letter.own or letter.question
    return {"what": _what(letter), "number": sent.number if sent else ""}


def _answered(letter: Letter) -> str:
    if letter.question and letter.question.kind is Kind.QUESTION:
        return gettext("Answer to %(what)s (no. %(number)s)", **_numbered(letter))
    return gettext("What we do with %(what)s (no. %(number)s)", **_numbered(letter))


def _plan(letter: Letter) -> str:
    return letter.plan.title if letter.plan else ""


def _digest(letter: Letter) -> str:
    count = letter.week.open if letter.week else 0
    return ngettext("The register: %(num)d point open", "The register: %(num)d points open", count)


_SUBJECTS: Mapping[MailKind, Callable[[Letter], str]] = {
    MailKind.CONFIRM: lambda letter: gettext(
        "Please confirm your e-mail address: %(plan)s", plan=_plan(letter)
    ),
    MailKind.RECEIVED: lambda letter: gettext(
        "We have received %(what)s (no. %(number)s)", **_numbered(letter)
    ),
    MailKind.PROMISED: lambda letter: gettext(
        "When you hear more about %(what)s (no. %(number)s)", **_numbered(letter)
    ),
    MailKind.MOVED: lambda letter: gettext(
        "Another date for the answer to %(what)s (no. %(number)s)", **_numbered(letter)
    ),
    MailKind.ANSWERED: _answered,
    MailKind.CLOSED: lambda letter: gettext(
        "There will be no answer to %(what)s (no. %(number)s)", **_numbered(letter)
    ),
    MailKind.NEWS: lambda letter: gettext(
        "News about %(plan)s: %(title)s", plan=_plan(letter), title=letter.title
    ),
    MailKind.REMINDER: lambda letter: ngettext(
        "Reminder: %(num)d answer to give", "Reminder: %(num)d answers to give", len(letter.owed)
    ),
    MailKind.DIGEST: _digest,
}
