"""Colleagues and partners are invited by a link: it works once, for a week, for one of them."""

import pytest

from facilitation.actions import accounts
from facilitation.domain.lifecycle import Role
from facilitation.domain.refusals import Invalid, NotFound
from facilitation.storage import people
from tests.makers import a_meeting

EMAIL = "partner@coa.example"


def invite(database, meeting, email=EMAIL, role=Role.ANSWERER):
    return database.perform(accounts.invite, meeting.id, email=email, name="Pim", role=role)


def accept(database, token, password_hash="hashed"):
    return database.perform(accounts.accept_invitation, token, password_hash=password_hash)


@pytest.fixture
def meeting(database):
    return a_meeting(database)


def test_who_is_invited_has_the_role_and_signs_in_after_choosing_a_password(database, meeting):
    invited = invite(database, meeting)
    with database.read() as session:
        assert people.password_of(session, EMAIL) is None

    account_id = accept(database, invited.token)

    with database.read() as session:
        assert people.password_of(session, EMAIL) == (account_id, "hashed")
        (colleague,) = people.colleagues(session, meeting.id)
    assert (colleague.role, colleague.can_sign_in) == (Role.ANSWERER, True)


def test_a_link_works_once(database, meeting):
    token = invite(database, meeting).token
    accept(database, token)

    with pytest.raises(NotFound):
        accept(database, token, "another")


def test_a_link_works_for_a_week(database, meeting, clock):
    token = invite(database, meeting).token
    clock.move(days=7, seconds=1)

    with pytest.raises(NotFound):
        accept(database, token)


def test_another_link_ends_the_one_before(database, meeting):
    first = invite(database, meeting)

    second = database.perform(accounts.invite_again, meeting.id, account_id=first.account_id)

    with pytest.raises(NotFound):
        accept(database, first.token)
    assert accept(database, second.token) == first.account_id


def test_who_can_sign_in_already_gets_the_role_and_no_link(database, meeting):
    accept(database, invite(database, meeting).token)
    other = a_meeting(database)

    assert invite(database, other, role=Role.MODERATOR).token is None
    with database.read() as session:
        assert [found.role for found in people.colleagues(session, other.id)] == [Role.MODERATOR]


def test_who_does_not_work_on_the_meeting_is_not_sent_another_link(database, meeting):
    invited = invite(database, meeting)

    with pytest.raises(NotFound):
        database.perform(
            accounts.invite_again, a_meeting(database).id, account_id=invited.account_id
        )


def test_an_invitation_does_not_make_an_organiser_nor_the_first_link_a_partner(database, meeting):
    invitation, first = invite(database, meeting).token, database.perform(accounts.make_first_link)
    fields = {"email": "olga@gemeente.example", "name": "Olga", "password_hash": "hashed"}

    with pytest.raises(NotFound):
        database.perform(accounts.use_first_link, invitation, **fields)
    with pytest.raises(NotFound):
        accept(database, first)

    assert database.perform(accounts.use_first_link, first, **fields)


def test_an_address_that_is_taken_is_still_one_account(database, meeting):
    invite(database, meeting)

    with pytest.raises(Invalid):
        database.perform(
            accounts.add_account, email=EMAIL, name="P", password_hash="h", is_organiser=False
        )
