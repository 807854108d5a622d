"""What tests of every level share: a clock that stands still, a clean database, an application."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings

from facilitation import create_app
from facilitation.domain.events import Announcement
from facilitation.storage.database import Database
from tests.makers import Clock, database_of, some_settings
from tests.postgres import TEMPLATE, Postgres, a_postgres, postgres_is_here

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


NO_POSTGRES = "PostgreSQL is not installed"
ON_BOTH = {"actions", "storage"}  # the folders whose tests run on PostgreSQL as well
IS_ALL_ON_POSTGRESQL = os.environ.get("TEST_DATABASE") == "postgresql"  # the doors, too


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what saves and reads on both databases, unless it is about SQLite itself."""
    if "database_kind" in metafunc.fixturenames:
        kinds = [pytest.param("sqlite")]
        about_sqlite = metafunc.definition.get_closest_marker("sqlite")
        is_on_both = IS_ALL_ON_POSTGRESQL or metafunc.definition.path.parent.name in ON_BOTH
        if is_on_both and not about_sqlite:
            missing = pytest.mark.skipif(not postgres_is_here(), reason=NO_POSTGRES)
            kinds.append(pytest.param("postgresql", marks=missing))
        metafunc.parametrize("database_kind", kinds, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """When all is to run on PostgreSQL, leave out the doors' tests that are about SQLite itself."""
    about_sqlite = pytest.mark.skip(reason="about SQLite itself")
    for item in items:
        if (
            IS_ALL_ON_POSTGRESQL
            and "app" in item.fixturenames
            and item.get_closest_marker("sqlite")
        ):
            item.add_marker(about_sqlite)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server of our own that lends empty databases with all tables, and fears no power cut.

    Not when doors are tried on it: they say that such a server is not ready.
    """
    careless = () if IS_ALL_ON_POSTGRESQL else ("-c", "fsync=off", "-c", "full_page_writes=off")
    with a_postgres(*careless) as server:
        tables = Database(server.create(TEMPLATE))
        tables.migrate()
        tables.dispose()
        yield server


@pytest.fixture(scope="session")
def new_database(
    database_kind: str,
    empty_tables: Path,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Callable[..., AbstractContextManager[Database]]:
    """Makes a database with empty tables, of the kind that is tested now."""

    @contextmanager
    def on_sqlite(**how: object) -> Iterator[Database]:
        path = shutil.copy(empty_tables, tmp_path_factory.mktemp("kept") / "vragenmuur.db")
        database = Database(f"sqlite:///{path}", **how)
        yield database
        database.dispose()

    @contextmanager
    def on_postgresql(**how: object) -> Iterator[Database]:
        server: Postgres = request.getfixturevalue("postgres")
        url = server.lend()
        database = Database(url, **how)
        yield database
        database.dispose()
        server.take_back(url)

    return on_postgresql if database_kind == "postgresql" else on_sqlite


@pytest.fixture
def database(
    new_database: Callable[..., AbstractContextManager[Database]],
    clock: Clock,
    heard: list[Announcement],
) -> Iterator[Database]:
    """A real database with empty tables."""
    with new_database(now=clock, announce=heard.append) as database:
        yield database


@pytest.fixture(scope="session")
def postgres_for_all(request: pytest.FixtureRequest) -> Postgres | None:
    return request.getfixturevalue("postgres") if IS_ALL_ON_POSTGRESQL else None


@pytest.fixture(scope="session")
def new_app(
    empty_tables: Path, postgres_for_all: Postgres | None
) -> Iterator[Callable[..., Flask]]:
    """Makes an application on a folder of its own, with these settings changed."""
    made: list[Flask] = []

    def make(folder: Path, *, clock: Clock | None = None, **changes: object) -> Flask:
        if postgres_for_all:
            changes = {"database_url": postgres_for_all.lend()} | changes
        else:
            shutil.copy(empty_tables, folder / "vragenmuur.db")
        app = create_app(some_settings(folder, **changes))
        database_of(app).now = clock or Clock()
        made.append(app)
        return app

    yield make
    for app in made:
        database_of(app).dispose()


@pytest.fixture
def app(
    tmp_path: Path,
    new_app: Callable[..., Flask],
    clock: Clock,
    postgres_for_all: Postgres | None,
) -> Iterator[Flask]:
    """An application with empty tables."""
    app = new_app(tmp_path, clock=clock)
    yield app
    database_of(app).dispose()
    if postgres_for_all:
        postgres_for_all.take_back(database_of(app).url)
