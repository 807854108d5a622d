"""Inviting: the link is shown once to who invites, and opens the meeting to who holds it."""

import re

import pytest

from facilitation.domain.lifecycle import Role
from tests.makers import a_browser, a_colleague, a_meeting, database_of

PARTNER = {"email": "pim@coa.example", "name": "Pim", "role": "answerer"}
PASSWORD = "een zin die makkelijk is"


@pytest.fixture
def meeting(app):
    return a_meeting(database_of(app))


@pytest.fixture
def organiser(app):
    account_id = a_colleague(database_of(app), role=Role.ORGANISER)
    return a_browser(app, account_id=account_id, accept="text/html")


def link_in(page) -> str:
    found = re.search(r'href="http://localhost(?::\d+)?(/staff/welcome/[^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]


def invite(organiser, meeting, **changes):
    return organiser.post(f"/staff/meetings/{meeting.id}/people", data=PARTNER | changes)


def test_a_partner_chooses_a_password_and_comes_to_the_register(app, organiser, meeting):
    page = invite(organiser, meeting)
    partner = a_browser(app, accept="text/html")

    welcomed = partner.get(link_in(page))
    started = partner.post(link_in(page), data={"password": PASSWORD})

    assert (page.status_code, welcomed.status_code, started.status_code) == (200, 200, 303)
    assert PARTNER["email"] in welcomed.text
    assert partner.get(f"/staff/meetings/{meeting.id}/register").status_code == 200
    assert partner.get(f"/staff/meetings/{meeting.id}/console").status_code == 403
    assert partner.get(link_in(page)).status_code == 404


def test_the_link_is_not_on_the_page_again_and_another_one_ends_it(app, organiser, meeting):
    first = link_in(invite(organiser, meeting))
    again = organiser.get(f"/staff/meetings/{meeting.id}")
    assert "/staff/welcome/" not in again.text

    address = re.search(r"/staff/meetings/\d+/people/\d+/link", again.text)
    second = link_in(organiser.post(address[0]))

    visitor = a_browser(app, accept="text/html")
    assert visitor.get(first).status_code == 404
    assert visitor.get(second).status_code == 200


def test_who_can_sign_in_gets_no_link_and_no_other_password(app, organiser, meeting):
    visitor = a_browser(app, accept="text/html")
    visitor.post(link_in(invite(organiser, meeting)), data={"password": PASSWORD})

    again = invite(organiser, meeting, role="moderator")

    assert again.status_code == 303
    assert visitor.get(f"/staff/meetings/{meeting.id}/console").status_code == 200


@pytest.mark.parametrize(
    ("field", "value"), [("email", "geen adres"), ("role", "organiser"), ("role", "keizer")]
)
def test_what_cannot_be_invited_is_said_and_kept(organiser, meeting, field, value):
    page = invite(organiser, meeting, **{field: value})

    assert page.status_code == 422
    assert PARTNER["name"] in page.text


def test_a_short_password_is_refused_and_the_link_still_works(app, organiser, meeting):
    path, visitor = link_in(invite(organiser, meeting)), a_browser(app, accept="text/html")

    refused = visitor.post(path, data={"password": "kort"})

    assert refused.status_code == 422
    assert visitor.post(path, data={"password": PASSWORD}).status_code == 303
