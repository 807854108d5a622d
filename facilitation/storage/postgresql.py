"""PostgreSQL as the database: engines that keep our promises, and what is refused at the start."""

from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session

from facilitation.storage.pool import InOrder

PREFIX = "postgresql+psycopg://"
READERS = 10  # connections for each process; with four processes under the default limit of 100
# Seconds. A phone gives up after twelve, so whatever hangs, the answer "not now" comes before that.
CONNECTING = 3  # for the server to take us
QUEUEING = 5  # of a reader, for a connection
READING_TIME = 4  # that the server gives a statement of a reader, its waiting for locks included
WRITING_TIME = 8  # the same, and that includes waiting for our turn
GRACE = 1  # that we wait longer than that: then it is the server that hangs

# All processes write one at a time, as they do on SQLite: every command sees the newest of
# everything, and no number, revision or count is given twice. The lock goes with the commit.
TURN = 0x76726167  # "vrag"

ALWAYS = {
    "idle_in_transaction_session_timeout": "10000",
    "timezone": "UTC",
}
WRITING = {"synchronous_commit": "on"}
# A reader sees one moment and changes nothing.
READING = {
    "default_transaction_isolation": r"repeatable\ read",
    "default_transaction_read_only": "on",
}
# FULL safety: what was acknowledged must outlive a power cut.
SURE = {"fsync": {"on"}, "full_page_writes": {"on"}, "synchronous_commit": {"on", "remote_apply"}}


def is_postgresql(url: str) -> bool:
    return url.startswith(PREFIX)


def writing(url: str) -> Engine:
    """One connection, whose transactions take turns with those of all other processes."""
    engine = _engine(url, WRITING, seconds=WRITING_TIME, pool_size=1)

    @event.listens_for(engine, "begin")
    def wait_for_turn(connection: Any) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({TURN})")

    return engine


def reading(url: str) -> Engine:
    return _engine(url, READING, seconds=READING_TIME, pool_size=READERS)


def check(session: Session) -> None:
    """Refuse a server that would forget what it acknowledged."""
    for name, sure in SURE.items():
        found = str(session.execute(text(f"SHOW {name}")).scalar_one())
        if found not in sure:
            raise RuntimeError(f"PostgreSQL answers {name} = {found}, it must be on")


def _engine(url: str, own: dict[str, str], *, seconds: int, pool_size: int) -> Engine:
    # Only now: a wall on SQLite does without the driver.
    from facilitation.storage.deadline import connecting

    kind = connecting(seconds + GRACE)
    options = ALWAYS | own | dict.fromkeys(("statement_timeout", "lock_timeout"), f"{seconds}s")
    engine = create_engine(
        url,
        poolclass=InOrder,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=QUEUEING,
        pool_pre_ping=True,  # after a restart of the server nobody gets a dead connection
        connect_args={
            "connect_timeout": CONNECTING,
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        },
    )

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, record: Any, args: Any, kwargs: Any) -> Any:
        return kind.connect(*args, **kwargs)

    return engine
