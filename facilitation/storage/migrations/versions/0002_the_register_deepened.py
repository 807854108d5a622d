"""Series, news, contacts, mails, and who did what with a point of the register."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CODE_ALPHABET = "3479CDFGHJKMNPQRTVWX"


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("contact_name", sa.String(length=200), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("contact_phone", sa.String(length=40), nullable=False),
        sa.Column("needs_second_reader", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("code", name=op.f("uq_series_code")),
    )
    op.create_table(
        "updates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("hidden_at", sa.DateTime(), nullable=True),
        _to("updates", "series_id", "series", "CASCADE"),
        _to("updates", "account_id", "accounts", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_updates")),
    )
    op.create_index(op.f("ix_updates_series_id"), "updates", ["series_id"])
    op.create_table(
        "contacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("purpose", _words("purpose", "answer", "news", "help", "panel"), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("delete_on", sa.Date(), nullable=False),
        sa.Column("token", sa.String(length=22), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        _to("contacts", "series_id", "series", "CASCADE"),
        _to("contacts", "question_id", "questions", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint(
            "series_id",
            "question_id",
            "email",
            "purpose",
            name=op.f("uq_contacts_series_id_question_id_email_purpose"),
        ),
        sa.UniqueConstraint("token", name=op.f("uq_contacts_token")),
    )
    op.create_index(op.f("ix_contacts_question_id"), "contacts", ["question_id"])
    op.create_index(op.f("ix_contacts_email"), "contacts", ["email"])
    kinds = (
        *("confirm", "received", "promised", "moved", "answered", "closed"),
        *("news", "reminder", "digest"),
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("kind", _words("mailkind", *kinds), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("next_at", sa.DateTime(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(), nullable=True),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("given_up_at", sa.DateTime(), nullable=True),
        _to("mails", "contact_id", "contacts", "CASCADE"),
        _to("mails", "account_id", "accounts", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("key", name=op.f("uq_mails_key")),
    )
    op.create_index("ix_mails_sent_at_next_at", "mails", ["sent_at", "next_at"])
    op.create_table(
        "follow_up_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("follow_up_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("taken_at", sa.DateTime(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        _to("follow_up_steps", "follow_up_id", "follow_ups", "CASCADE"),
        _to("follow_up_steps", "account_id", "accounts", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_steps")),
    )
    op.create_index(op.f("ix_follow_up_steps_follow_up_id"), "follow_up_steps", ["follow_up_id"])
    op.create_table(
        "clarifications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        _to("clarifications", "question_id", "questions", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clarifications")),
    )
    op.create_index(op.f("ix_clarifications_question_id"), "clarifications", ["question_id"])
    _prepare_answers()
    _let_askers_judge()
    _deepen_follow_ups()
    _give_each_meeting_a_series()
    _prepare_to_forget()
    _invite_colleagues()


def _prepare_answers() -> None:
    kinds = _words("answerkind", "factual", "procedural", "political")
    op.create_table(
        "prepared_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("kind", kinds, nullable=False),
        sa.Column("speaker", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _to("prepared_answers", "series_id", "series", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepared_answers")),
    )
    op.create_index(op.f("ix_prepared_answers_series_id"), "prepared_answers", ["series_id"])


def _let_askers_judge() -> None:
    op.execute(
        "ALTER TABLE questions ADD COLUMN verdict VARCHAR(20)"
        " CONSTRAINT ck_questions_verdict CHECK (verdict IN ('yes', 'not_yet'))"
    )
    op.add_column("questions", sa.Column("verdict_at", sa.DateTime()))


def _invite_colleagues() -> None:
    op.execute(
        "ALTER TABLE one_time_links ADD COLUMN account_id INTEGER"
        " CONSTRAINT fk_one_time_links_account_id REFERENCES accounts (id)"
    )


def _prepare_to_forget() -> None:
    op.add_column("meetings", sa.Column("forgotten_at", sa.DateTime(), nullable=True))
    op.create_table(
        "erasures",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_erasures")),
    )


def _deepen_follow_ups() -> None:
    # In words of SQL that SQLite takes too: a column with its check, in one sentence.
    add = "ALTER TABLE follow_ups ADD COLUMN "
    kinds = "'official', 'political', 'partner'"
    op.execute(f"{add} organisation VARCHAR(200) DEFAULT '' NOT NULL")
    op.execute(
        f"{add} owner_kind VARCHAR(20) DEFAULT 'official' NOT NULL"
        f" CONSTRAINT ck_follow_ups_ownerkind CHECK (owner_kind IN ({kinds}))"
    )
    for column in ("owner_id", "drafted_by_id"):
        op.execute(
            f"{add} {column} INTEGER CONSTRAINT fk_follow_ups_{column} REFERENCES accounts (id)"
        )


def _give_each_meeting_a_series() -> None:
    op.execute(
        "ALTER TABLE meetings ADD COLUMN series_id INTEGER"
        " CONSTRAINT fk_meetings_series_id REFERENCES series (id)"
    )
    op.create_index(op.f("ix_meetings_series_id"), "meetings", ["series_id"])
    meetings = sa.table(
        "meetings",
        *(sa.column(name) for name in ("id", "series_id", "title", "contact")),
        sa.column("starts_at", sa.DateTime()),
    )
    series = sa.table(
        "series",
        *(
            sa.column(name)
            for name in (
                *("id", "title", "code", "about", "contact_name", "contact_email"),
                *("contact_phone", "version"),
            )
        ),
        sa.column("created_at", sa.DateTime()),
        sa.column("needs_second_reader", sa.Boolean()),
    )
    connection = op.get_bind()
    for meeting in connection.execute(sa.select(meetings)).all():
        code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(6))
        connection.execute(
            sa.insert(series).values(
                title=meeting.title,
                created_at=meeting.starts_at,
                code=code,
                about="",
                contact_name=meeting.contact,
                contact_email="",
                contact_phone="",
                needs_second_reader=False,
                version=1,
            )
        )
        made = connection.execute(sa.select(series.c.id).where(series.c.code == code)).scalar_one()
        connection.execute(
            sa.update(meetings).where(meetings.c.id == meeting.id).values(series_id=made)
        )


def _to(table: str, column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)
