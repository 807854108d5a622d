"""What tests of every level share: a clock that stands still, a clean database, an application."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings

from facilitation import create_app
from facilitation.domain.events import Announcement
from facilitation.storage.database import Database
from tests.makers import Clock, database_of, some_settings

settings.register_profile(
    "vragenmuur",
    deadline=None,  # another test may have the processor just then
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("vragenmuur")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def empty_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables and nothing in them, made by the migrations."""
    path = tmp_path_factory.mktemp("tables") / "vragenmuur.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.dispose()
    return path


@pytest.fixture
def heard() -> list[Announcement]:
    """What was announced, in order."""
    return []


@pytest.fixture
def database(
    tmp_path: Path, empty_tables: Path, clock: Clock, heard: list[Announcement]
) -> Iterator[Database]:
    """A real database file with empty tables."""
    path = shutil.copy(empty_tables, tmp_path / "vragenmuur.db")
    database = Database(f"sqlite:///{path}", now=clock, announce=heard.append)
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def new_app(empty_tables: Path) -> Iterator[Callable[..., Flask]]:
    """Makes an application on a folder of its own, with these settings changed."""
    made: list[Flask] = []

    def make(folder: Path, *, clock: Clock | None = None, **changes: object) -> Flask:
        shutil.copy(empty_tables, folder / "vragenmuur.db")
        app = create_app(some_settings(folder, **changes))
        database_of(app).now = clock or Clock()
        made.append(app)
        return app

    yield make
    for app in made:
        database_of(app).dispose()


@pytest.fixture
def app(tmp_path: Path, new_app: Callable[..., Flask], clock: Clock) -> Flask:
    """An application with empty tables."""
    return new_app(tmp_path, clock=clock)
