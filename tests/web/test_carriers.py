"""Carrying mail to a real mail server that takes it, puts it off, refuses it, or is not there."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from facilitation.carriers import Down, Refused, Smtp
from facilitation.postman import Postman
from facilitation.settings import MailServer, read_settings
from facilitation.storage import outbox
from tests.mailbox import Mailbox, a_mailbox
from tests.makers import a_follow_up, a_meeting, database_of, follow_up
from tests.server import free_port
from tests.web.test_mails import a_reader


def a_message(to: str = "bewoner@example.org", text: str = "Dag") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = "Vragenmuur <vragen@gemeente.example>"
    message["To"] = Address(addr_spec=to)
    message["Message-ID"] = "<een@gemeente.example>"
    message.set_content(text, cte="quoted-printable")
    return message


def a_line(box: Mailbox, **changes: object) -> Smtp:
    return Smtp(MailServer("127.0.0.1", box.port, needs_tls=False, **changes))


def carried(box: Mailbox, message: EmailMessage | None = None) -> str:
    """Carry one mail and say in a word what came of it."""
    line = a_line(box)
    try:
        line.carry(message or a_message())
    except Refused as why:
        return f"{'never' if why.is_final else 'later'} {why.code}"
    except Down:
        return "down"
    finally:
        line.close()
    return "taken"


@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        ({}, "taken"),
        ({"refuses": {"bewoner@example.org": 550}}, "never 550"),
        ({"refuses": {"bewoner@example.org": 451}}, "later 451"),
        ({"puts_off": 1.0}, "later 450"),
        ({"hangs_up": 1.0}, "later 0"),
        ({"closes": 1.0}, "later 0"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else None,
)
def test_each_answer_of_a_mail_server_is_understood(how, outcome):
    with a_mailbox(**how) as box:
        assert carried(box) == outcome


def test_a_line_that_ended_is_opened_anew_for_the_next_mail():
    with a_mailbox(closes=1.0) as box:
        line = a_line(box)
        with pytest.raises(Refused):
            line.carry(a_message())
        box.closes = 0.0
        line.carry(a_message())
        line.close()

        assert len(box.accepted) == 1


def test_lines_with_a_dot_arrive_as_they_were_written():
    text = "Eerst dit.\n.\n.Bcc: anderen@example.org\nRCPT TO:<anderen@example.org>\n"
    with a_mailbox() as box:
        assert carried(box, a_message(text=text)) == "taken"

        assert box.accepted[0].message.get_content().splitlines() == text.splitlines()
        assert list(box.by_recipient()) == ["bewoner@example.org"]


def test_no_password_goes_over_a_line_that_others_can_read():
    with a_mailbox() as box:
        server = MailServer("127.0.0.1", box.port, user="wij", password="geheim", needs_tls=True)

        with pytest.raises(Down):
            Smtp(server).carry(a_message())


@pytest.mark.parametrize(
    ("url", "needs_tls"),
    [
        ("smtp://mail.example.nl", True),
        ("smtp://localhost:2525", False),
        ("smtp://user:password@localhost", False),
        ("smtp://10.0.0.5:25", False),
        ("smtp://user:password@10.0.0.5:25", True),
        ("smtps://mail.example.nl", False),  # is so from the first byte
    ],
)
def test_where_a_line_must_be_private(tmp_path, url, needs_tls):
    told = {"INSTANCE": str(tmp_path), "SMTP_URL": url, "MAIL_FROM": "vragen@gemeente.example"}

    server = read_settings(told).mail_server

    assert server is not None
    assert server.needs_tls is needs_tls
    assert server.is_tls is url.startswith("smtps:")


def test_signs_in_a_password_are_written_as_in_addresses(tmp_path):
    url = "smtp://wij%40gemeente.example:g%2Fh%3A@mail.example"
    told = {"INSTANCE": str(tmp_path), "SMTP_URL": url, "MAIL_FROM": "vragen@gemeente.example"}

    settings = read_settings(told)

    assert settings.mail_server is not None
    assert settings.mail_server.user == "wij@gemeente.example"
    assert settings.mail_server.password == "g/h:"
    assert "g/h:" not in repr(settings)


def test_while_the_mail_server_is_down_everything_waits_and_then_goes(tmp_path, new_app, clock):
    port = free_port()
    server = MailServer("127.0.0.1", port, needs_tls=False)
    app = new_app(tmp_path, clock=clock, mail_server=server)
    database = database_of(app)
    question = a_follow_up(database, a_meeting(database))
    for one in range(3):
        a_reader(database, question, email=f"bewoner-{one}@example.org")
    follow_up(database, question, "answer")
    postman = Postman(app)

    pauses = []
    for _ in range(12):
        assert postman.look() is False
        pauses.append(postman.pause)
        clock.move(days=1)
    with database.read() as session:
        assert outbox.waiting(session) == 3
    with a_mailbox(port=port) as box:
        assert postman.look() is True

        assert len(box.by_recipient()) == 3
    assert pauses == sorted(pauses)
    assert pauses[-1] == 300
