"""The tables that the migrations make are those that the entities describe."""

import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Enum, text

from facilitation.domain.mapping import Base
from facilitation.storage.database import Database
from tests.makers import a_meeting, meeting_now


def test_entities_and_tables_are_the_same(database: Database):
    with database._writer.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, Base.metadata) == []


def test_the_comparison_sees_a_column_that_is_missing(database: Database):
    with database._writer.connect() as connection:
        connection.execute(text("ALTER TABLE questions DROP COLUMN summary"))
        context = MigrationContext.configure(connection)

        assert compare_metadata(context, Base.metadata) != []


CLOSED_LISTS = [
    (table.name, column.name, column.type)
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, Enum)
]


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("table", "column", "words"), CLOSED_LISTS, ids=[f"{row[0]}.{row[1]}" for row in CLOSED_LISTS]
)
def test_the_database_checks_the_same_words_as_the_code(database, table, column, words):
    query = text("SELECT sql FROM sqlite_master WHERE name = :table")
    with database._writer.connect() as connection:
        made = connection.execute(query, {"table": table}).scalar_one()

    found = re.search(rf"CHECK \(\"?{column}\"? IN \(([^)]*)\)\)", made)

    assert found is not None
    assert re.findall(r"'(\w+)'", found[1]) == list(words.enums)


def test_bringing_tables_up_to_date_twice_changes_nothing(database: Database):
    meeting = a_meeting(database)

    database.migrate()

    assert meeting_now(database, meeting) == meeting
