"""What is logged: JSON lines on standard error about the process, never about a person.

A line holds only fields named here. Of an exception it keeps the kind and the places, not the
words: those may quote what somebody typed. Of other people's loggers it keeps no words at all.
"""

import contextlib
import logging
import os
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

FIELDS = (
    *("timestamp", "level", "event", "endpoint", "status", "reason", "meeting", "step", "ms"),
    *("process", "port", "health_port", "direct_writes", "sockets", "logger", "error", "places"),
)
HOUSE = str(Path(__file__).parent)
MOST_PLACES = 12  # of our own in a traceback, the innermost; and where it was raised
Line = MutableMapping[str, Any]

_log: Any = structlog.get_logger()


def set_up() -> None:
    """Log what happens, and send everything that libraries log through here.

    Without this, in commands and tests, only failures are logged.
    """
    _log_from(logging.INFO)
    logging.basicConfig(level=logging.WARNING, handlers=[Foreign()], force=True)
    logging.captureWarnings(True)
    for name in ("engineio.server", "socketio.server"):
        # Without a level of their own they would print by themselves as well, words and all.
        logging.getLogger(name).setLevel(logging.ERROR)


def say(event: str, **fields: Any) -> None:
    """Log that something happened; `event` is a few fixed words."""
    _log.info(event, **fields)


def fail(event: str, **fields: Any) -> None:
    """Log that something failed, with the exception that is being handled."""
    _log.error(event, exc_info=True, **fields)


class Foreign(logging.Handler):
    """What libraries log: by whom, how bad, where; their words may hold anything."""

    def emit(self, record: logging.LogRecord) -> None:
        _log.error(
            "a library logged",
            logger=record.name,
            error=record.levelname.lower(),
            places=[_place(record.pathname, record.lineno, record.funcName)],
            **({"exc_info": record.exc_info} if record.exc_info else {}),
        )


def _keep_places(logger: Any, method: str, line: Line) -> Line:
    """Of an exception keep its kind and where it came from, not what it says."""
    told = line.pop("exc_info", None)
    if not told:
        return line
    kind, _, trace = told if isinstance(told, tuple) else sys.exc_info()
    if kind is not None:
        line["error"] = kind.__name__
        frames = traceback.extract_tb(trace)
        ours = [one for one in frames[:-1] if one.filename.startswith(HOUSE)]
        told_of = [*ours[-MOST_PLACES:], *frames[-1:]]
        line["places"] = [_place(one.filename, one.lineno, one.name) for one in told_of]
    return line


def _place(filename: str, number: int | None, function: str | None) -> str:
    """`web/live.py:145 _tell`: enough to find it, without this machine's folders."""
    return f"{'/'.join(Path(filename).parts[-2:])}:{number} {function}"


def _keep_known_fields(logger: Any, method: str, line: Line) -> Line:
    """First when and what; nothing that is not named, and nothing that is not known."""
    return {name: line[name] for name in FIELDS if line.get(name) is not None}


class Lines:
    """Whole lines on standard error; when they cannot be written, nobody's answer waits for it."""

    def __init__(self, *names: Any) -> None:
        pass

    def write(self, line: str) -> None:
        with contextlib.suppress(OSError):  # a full disk, a reader that is gone
            os.write(2, f"{line}\n".encode())

    debug = info = warning = error = critical = exception = write


def _log_from(level: int) -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _keep_places,
            _keep_known_fields,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=Lines,
    )


_log_from(logging.ERROR)
