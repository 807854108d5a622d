"""Between the processes of one evening: what one of them announces, the others tell as well.

Redis carries what happened, not what is shown: each process draws for its own screens. Whatever
Redis misses, because it is away or slow, the pulse of each process makes good from the database.
"""

import json
import uuid
from collections import deque
from dataclasses import asdict
from datetime import datetime
from typing import Any, get_args

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from facilitation import logs
from facilitation.domain.audience import Audience, Sight
from facilitation.domain.events import Announcement, Event, Raise
from facilitation.domain.lifecycle import QuestionState
from facilitation.runtime import Runtime
from facilitation.web.live import Live

CHANNEL = "vragenmuur"
PATIENCE = 2  # seconds that we wait for Redis before we go on without it
QUIET = 4  # seconds without a word after which we ask whether it is still there
MOST_UNSENT = 1_000
EVENTS = {kind.__name__: kind for kind in get_args(Event)}


class Relay:
    """Says what was announced here and hears what was announced elsewhere; nobody waits for it."""

    def __init__(self, url: str, live: Live, runtime: Runtime) -> None:
        self._live, self._runtime = live, runtime
        self._me = uuid.uuid4().hex
        self._unsent: deque[str] = deque(maxlen=MOST_UNSENT)
        self._is_sending = False
        self._redis = Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )

    def announce(self, announcement: Announcement) -> None:
        """Tell our own screens at once, and the other processes as soon as Redis takes it."""
        self._live.publish(announcement)
        self._unsent.append(written(announcement, by=self._me))
        if not self._is_sending:
            self._is_sending = True
            self._runtime.spawn(self._send)

    def _send(self) -> None:
        try:
            while self._unsent:
                pipe = self._redis.pipeline(transaction=False)
                while self._unsent:
                    pipe.publish(CHANNEL, self._unsent.popleft())
                pipe.execute()
        except (RedisError, OSError) as why:
            self._unsent.clear()  # the pulse of the others tells it, within seconds
            logs.say("Redis took no announcement", error=type(why).__name__)
        finally:
            self._is_sending = False

    def run(self) -> None:
        """For ever: hear the others, and look for Redis again whenever it is away."""
        while True:
            try:
                self._listen()
            except (RedisError, OSError) as why:
                logs.say("Redis is away", error=type(why).__name__)
            except Exception:  # the pulse goes on in any case
                logs.fail("an announcement was not heard")
            self._runtime.sleep(1)

    def _listen(self) -> None:
        with self._redis.pubsub() as heard:  # type: ignore[no-untyped-call]
            heard.subscribe(CHANNEL)
            is_asked = False
            while True:
                message = heard.get_message(timeout=QUIET)
                if message is not None:
                    is_asked = False
                    self._hear(message)
                elif is_asked:
                    raise TimeoutError("Redis says nothing")
                else:
                    is_asked = True
                    heard.ping()

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            self._live.pulse()  # what was said while we could not hear it
        elif message["type"] == "message":
            by, announcement = read(message["data"])
            if by != self._me:
                self._live.publish(announcement)


def written(announcement: Announcement, *, by: str) -> str:
    """An announcement as a line of JSON, signed with the process that made it."""
    said = {
        "by": by,
        "meeting": announcement.meeting_id,
        "epoch": announcement.epoch,
        "raises": {
            audience.value: [rise.previous, rise.revision]
            for audience, rise in announcement.raises.items()
        },
        "events": [[type(event).__name__, asdict(event)] for event in announcement.events],
    }
    return json.dumps(said, default=datetime.isoformat, separators=(",", ":"))


def read(line: str | bytes) -> tuple[str, Announcement]:
    """Who made it, and the announcement as it was."""
    said = json.loads(line)
    raises = {Audience(name): Raise(*rise) for name, rise in said["raises"].items()}
    events = tuple(_event(name, facts) for name, facts in said["events"])
    return said["by"], Announcement(said["meeting"], said["epoch"], raises, events)


def _event(name: str, facts: dict[str, Any]) -> Any:
    for sight in {"before", "after"} & facts.keys():
        facts[sight] = _sight(facts[sight])
    if "session_ids" in facts:
        facts["session_ids"] = tuple(facts["session_ids"])
    return EVENTS[name](**facts)


def _sight(facts: dict[str, Any] | None) -> Sight | None:
    if facts is None:
        return None
    placed_at = facts["placed_at"] and datetime.fromisoformat(facts["placed_at"])
    return Sight(state=QuestionState(facts["state"]), placed_at=placed_at)
