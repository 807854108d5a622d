"""Sends what is in the outbox, beside the hall: a mail is claimed, drawn, carried, then marked.

Whatever happens in between, it is carried again under the same Message-ID: never lost, and known
as the same by whoever gets it twice.
"""

from collections.abc import Callable, Sequence
from email.message import EmailMessage

from flask import Flask

from facilitation import logs
from facilitation.actions import mailing
from facilitation.carriers import Carrier, Down, Refused, carrier_for
from facilitation.domain.mail import MailKind
from facilitation.domain.refusals import Unavailable
from facilitation.storage import outbox
from facilitation.web import mails
from facilitation.web.services import NAME, Services

LOOK_SECONDS = 2.0  # between two looks into the outbox
LONGEST_PAUSE = 300.0  # seconds, while the mail server is down
MOST = 20  # mails claimed at once


class Postman:
    """Goes round for ever; `look` is one round."""

    def __init__(self, app: Flask, carrier: Carrier | None = None) -> None:
        self._app = app
        self._joined: Services = app.extensions[NAME]
        self._carrier = carrier or carrier_for(self._joined.settings)
        self.pause = LOOK_SECONDS

    def run(self) -> None:
        """For ever: look, and rest when there is nothing to do or the mail server is down."""
        if not self._joined.settings.redis_url:  # we are alone: what was begun, we began
            while not self._safely(self._begin_anew):
                self._joined.runtime.sleep(self.pause)
        while True:
            if not self._safely(self.look):
                self._joined.runtime.sleep(self.pause)

    def _begin_anew(self) -> bool:
        self._joined.database.perform(mailing.let_go_all_mails)
        return True

    def look(self) -> bool:
        """Owe what this morning brings and send what is due; whether there may be more."""
        database = self._joined.database
        with database.read() as session:
            is_morning = bool(outbox.staff_mails(session, database.now()))
            is_any_due = outbox.is_any_due(session, database.now())
            self._joined.metrics.note_mails_waiting(outbox.waiting(session))
        if is_morning:
            database.perform(mailing.owe_staff_mails)
        if not is_morning and not is_any_due:
            return False
        return self._send(database.perform(mailing.begin_mails, most=MOST))

    def _send(self, mail_ids: Sequence[int]) -> bool:
        left = list(mail_ids)
        try:
            while left:
                self._send_one(left[0])
                left.pop(0)
            self.pause = LOOK_SECONDS
        except Down as why:
            logs.say("mail cannot be sent now", reason=str(why))
            self.pause = min(2 * self.pause, LONGEST_PAUSE)
            return False
        finally:
            if left:
                self._joined.database.perform(mailing.let_go_mails, left)
            self._joined.runtime.offload(self._carrier.close)
        return bool(mail_ids)

    def _send_one(self, mail_id: int) -> None:
        database = self._joined.database
        with database.read() as session:
            letter = outbox.letter(session, mail_id, database.now())
        if letter is None:
            database.perform(mailing.drop_mail, mail_id)
            return
        message = self._draw(letter)
        if message is None:
            self._put_off(letter, code=0)
            return
        try:
            self._joined.runtime.offload(self._carrier.carry, message)
        except Refused as why:
            self._take_back(letter, why)
        else:
            database.perform(mailing.note_mail_sent, mail_id)
            self._note(letter.kind, "sent", 250)

    def _draw(self, letter: outbox.Letter) -> EmailMessage | None:
        """None when it cannot be written: one such mail keeps no other waiting."""
        try:
            with self._app.app_context():
                return mails.compose(letter, self._joined.settings)
        except Exception:
            logs.fail("a mail could not be written", reason=str(letter.kind))
            return None

    def _take_back(self, letter: outbox.Letter, why: Refused) -> None:
        if not why.is_final:
            self._put_off(letter, code=why.code)
            return
        self._joined.database.perform(mailing.give_up_mail, letter.id, code=why.code)
        self._note(letter.kind, "given up", why.code)

    def _put_off(self, letter: outbox.Letter, *, code: int) -> None:
        waits = self._joined.database.perform(mailing.put_off_mail, letter.id, code=code)
        self._note(letter.kind, "put off" if waits else "given up", code)

    def _note(self, kind: MailKind, outcome: str, code: int) -> None:
        """Count it; log it without a word about whom it went to."""
        self._joined.metrics.note_mail(outcome)
        logs.say(f"a mail was {outcome}", reason=str(kind), status=code or None)

    def _safely(self, task: Callable[[], bool]) -> bool:
        """A round that fails is said and done again later: the postman goes on."""
        try:
            return task()
        except Unavailable as why:  # the log says elsewhere what is wrong with the database
            logs.say("the outbox cannot be read now", reason=str(why.facts.get("reason", "")))
        except Exception:
            logs.fail("the outbox was not looked after")
        return False
