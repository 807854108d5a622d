"""Settings, read once from the environment; what is unsafe is refused with a reason."""

import importlib.util
import ipaddress
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.policy import SMTP
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

ROOT = Path(__file__).parent.parent
POSTGRESQL = "postgresql+psycopg://"
MOST_WORKERS = 16


class Unsafe(Exception):
    """A setting that we do not start with."""


@dataclass(frozen=True)
class MailServer:
    """Where our mail goes, and what it takes to be let in."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    is_tls: bool = False  # from the first byte: smtps
    needs_tls: bool = True  # before anything that others may not read


@dataclass(frozen=True)
class Settings:
    """HOST, PORT, INSTANCE, PUBLIC_URL, DATABASE_URL and the rest: see docs/settings.md."""

    host: str
    port: int
    instance: Path
    public_url: str
    knows_public_url: bool
    database_url: str
    has_example: bool
    has_limits: bool
    secret_key: bytes
    health_host: str = "127.0.0.1"
    health_port: int | None = None
    writes_directly: bool = True
    redis_url: str = ""
    workers: int = 1
    worker: int | None = None
    mail_server: MailServer | None = None
    mail_from: str = "Vragenmuur <vragenmuur@localhost>"

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https:")

    @property
    def does_chores(self) -> bool:
        """Of several workers one does what is to be done once: send mail, forget people."""
        return not self.worker

    @property
    def is_on_postgresql(self) -> bool:
        return self.database_url.startswith(POSTGRESQL)


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; makes the instance folder and its secret key when missing."""
    port = _port("PORT", environment.get("PORT", "8000"))
    instance = Path(environment.get("INSTANCE") or ROOT / "instance").resolve()
    instance.mkdir(parents=True, exist_ok=True)
    public_url = _origin(environment.get("PUBLIC_URL") or f"http://localhost:{port}")
    settings = Settings(
        host=environment.get("HOST", "0.0.0.0"),  # noqa: S104  (phones in the hall must reach it)
        port=port,
        instance=instance,
        public_url=public_url,
        knows_public_url=bool(environment.get("PUBLIC_URL")),
        database_url=_database(environment.get("DATABASE_URL"), instance),
        has_example=_switch(environment, "EXAMPLE", "yes", "no"),
        has_limits=_switch(environment, "LIMITS", "on", "off"),
        secret_key=_secret_key(instance / "secret_key"),
        health_host=environment.get("HEALTH_HOST", "127.0.0.1"),
        health_port=_health_port(environment),
        writes_directly=_switch(environment, "DIRECT_WRITES", "on", "off", default="on"),
        redis_url=_redis(environment.get("REDIS_URL", "")),
        workers=_workers(environment.get("WORKERS", "1")),
        worker=int(environment["WORKER"]) if environment.get("WORKER") else None,
        mail_server=_mail_server(environment.get("SMTP_URL", "")),
        mail_from=_mail_from(environment, public_url),
    )
    _check_shared(settings)
    if not settings.has_limits and not _is_loopback(urlsplit(public_url).hostname or ""):
        raise Unsafe("LIMITS=off is for load tests: PUBLIC_URL must then be a loopback address")
    return settings


def _port(name: str, raw: str) -> int:
    if not raw.isdecimal() or not 0 < int(raw) < 65536:
        raise Unsafe(f"{name} must be a number from 1 to 65535, not {raw!r}")
    return int(raw)


def _health_port(environment: Mapping[str, str]) -> int | None:
    raw = environment.get("HEALTH_PORT")
    return _port("HEALTH_PORT", raw) if raw else None


def _switch(
    environment: Mapping[str, str], name: str, on: str, off: str, *, default: str | None = None
) -> bool:
    """A word of two; the first unless another default is given."""
    value = environment.get(name, default or on).lower()
    if value not in {on, off}:
        raise Unsafe(f"{name} must be {on} or {off}, not {value!r}")
    return value == on


def _origin(raw: str) -> str:
    parts = urlsplit(raw.rstrip("/"))
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise Unsafe(f"PUBLIC_URL must look like https://vragen.example.nl, not {raw!r}")
    if parts.scheme == "http" and not _is_near(parts.hostname):
        raise Unsafe("PUBLIC_URL must be https: on http anybody in the hall could read along")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def _is_near(host: str) -> bool:
    """This machine, or one on the same network without a public name."""
    address = _address(host)
    if address is not None:
        return address.is_private
    return _is_loopback(host) or "." not in host or host.endswith(".local")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _database(raw: str | None, instance: Path) -> str:
    url = raw or f"sqlite:///{instance / 'vragenmuur.db'}"
    if url.startswith(POSTGRESQL):
        _need("psycopg", "DATABASE_URL")
    elif not url.startswith("sqlite:///") or url == "sqlite:///:memory:":
        raise Unsafe(
            "DATABASE_URL must be a SQLite file, sqlite:////folder/file.db, "
            f"or a PostgreSQL database, {POSTGRESQL}user@host/name"
        )
    return url


def _redis(url: str) -> str:
    if url and urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
        raise Unsafe("REDIS_URL must look like redis://host:6379/0")
    if url:
        _need("redis", "REDIS_URL")
    return url


def _mail_server(raw: str) -> MailServer | None:
    if not raw:
        return None
    try:
        parts = urlsplit(raw)
        is_whole = parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.path in {"", "/"}
        if is_whole and not (parts.query or parts.fragment):
            return _named_in(parts)
    except ValueError:  # a port that is none
        pass
    # The words of the setting are not repeated: they hold a password.
    raise Unsafe("SMTP_URL must look like smtp://user:password@host:587, or smtps://…")


def _named_in(parts: SplitResult) -> MailServer:
    host, is_tls = parts.hostname or "", parts.scheme == "smtps"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    is_here = _is_loopback(host) or (_is_near(host) and not user)
    port = parts.port or (465 if is_tls else 587)
    return MailServer(host, port, user, password, is_tls, needs_tls=not is_tls and not is_here)


def _mail_from(environment: Mapping[str, str], public_url: str) -> str:
    """Who the mail is from; must be told where it leaves this machine."""
    raw = environment.get("MAIL_FROM", "")
    if not raw and not environment.get("SMTP_URL"):
        return f"Vragenmuur <vragenmuur@{urlsplit(public_url).hostname}>"
    try:
        header = SMTP.header_factory("From", raw)
        (sender,) = header.addresses
    except (ValueError, IndexError):  # a line end, or none or several
        sender = None
    if sender is None or header.defects or not sender.username or "." not in sender.domain:
        raise Unsafe("MAIL_FROM must be an address: vragen@example.nl, or Name <vragen@example.nl>")
    return str(sender)


def _workers(raw: str) -> int:
    if not raw.isdecimal() or not 0 < int(raw) <= MOST_WORKERS:
        raise Unsafe(f"WORKERS must be a number from 1 to {MOST_WORKERS}, not {raw!r}")
    return int(raw)


def _check_shared(settings: Settings) -> None:
    """Refuse what several processes cannot share."""
    if settings.redis_url and not settings.is_on_postgresql:
        raise Unsafe("REDIS_URL is for several processes: they need PostgreSQL as DATABASE_URL")
    if settings.workers == 1:
        return
    if not settings.is_on_postgresql or not settings.redis_url:
        raise Unsafe("WORKERS needs PostgreSQL as DATABASE_URL, and REDIS_URL")
    if not settings.knows_public_url:
        raise Unsafe("WORKERS needs PUBLIC_URL: the address of the proxy in front of them")


def for_worker(number: int, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of one worker of several: ports of its own, all else the same."""
    own = {"WORKERS": "1", "WORKER": str(number), "EXAMPLE": "no"}
    for name, usual in (("PORT", "8000"), ("HEALTH_PORT", "")):
        first = environment.get(name) or usual
        if first:
            own[name] = str(int(first) + number)
    return {**environment, **own}


def _need(package: str, setting: str) -> None:
    if importlib.util.find_spec(package) is None:
        raise Unsafe(f"{setting} needs {package}: pip install -r requirements-scale.txt")


def _secret_key(path: Path) -> bytes:
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Unsafe(f"{path.name} may be read by others on this machine: chmod 600 it")
    key = path.read_bytes()
    if len(key) < 32:
        raise Unsafe(f"{path.name} is too short: remove it and a new one is made")
    return key
