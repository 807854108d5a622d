"""What a screen may call on, joined once in create_app."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app

from facilitation.runtime import Runtime
from facilitation.settings import Settings
from facilitation.storage.database import Database
from facilitation.storage.meetings import Meetings

if TYPE_CHECKING:
    from facilitation.web.limits import Limits
    from facilitation.web.live import Live
    from facilitation.web.metrics import Metrics
    from facilitation.web.regions import Regions
    from facilitation.web.relay import Relay

NAME = "vragenmuur"


@dataclass(frozen=True)
class Services:
    settings: Settings
    database: Database
    meetings: Meetings
    runtime: Runtime
    limits: "Limits"
    live: "Live"
    regions: "Regions"
    metrics: "Metrics"
    relay: "Relay | None"


def services() -> Services:
    return cast(Services, current_app.extensions[NAME])
