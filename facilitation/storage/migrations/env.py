"""Alembic's entry: the caller hands over the connection, so that it keeps its own pragmas."""

from typing import Any, Literal

from alembic import context

import facilitation.domain.people
import facilitation.domain.prepared
import facilitation.domain.question  # noqa: F401  (each import adds its tables)
from facilitation.domain.mapping import Base, Moment


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """A migration speaks plain SQLAlchemy, so that it outlives our own classes."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, Moment) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=render_item,
    transactional_ddl=False,  # one transaction around all of it, begun by the caller
)
context.run_migrations()
