"""A server that tells who can see a question now, and forgets who could see it before."""
# ruff: noqa: E402 (eventlet patches before the other imports, as in app.py)

import eventlet

eventlet.monkey_patch()

from facilitation.domain.audience import may_see
from facilitation.start import run
from facilitation.web import live


def heard_without_before(changes, changed, seat, meeting):
    return [
        question
        for question in changed
        if may_see(seat.audience, question.sight(), paused_at=meeting.paused_at)
    ]


live._heard = heard_without_before

raise SystemExit(run())
