"""The environment that our children live in, and how other commands find the house that is running.

The entry points read the visitor's environment here and nowhere else. What the visitor set always wins.
"""

import json
import os
import secrets
import uuid
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from config.machine import folders, ports
from config.machine.trouble import Trouble

DEMO_ACCOUNT = "AC00000000000000000000000000000d1d"
DEMO_SENDER = "+447700900000"
_REACHABLE = folders.HOUSE / "environment.json"


def visitor() -> dict[str, str]:
    """What the visitor set, also by naming a file for it; an empty value counts as not set."""
    found = {name: value for name, value in os.environ.items() if value}
    for name in SETTINGS:
        if path := found.pop(f"{name}_FILE", None):
            try:
                found[name] = Path(path).read_text().strip()
            except OSError as unreadable:
                raise Trouble(f"{name}_FILE names {path}, which cannot be read.") from unreadable
    if found.pop("PYTHONDONTWRITEBYTECODE", ""):
        # Without bytecode each of our many processes would compile a thousand modules anew: it goes into our folder.
        found.setdefault("PYTHONPYCACHEPREFIX", str(folders.RUN / "bytecode"))
    return found


@dataclass(frozen=True)
class Address:
    """Where the web process listens."""

    bind: str
    port: int

    @property
    def reachable_at(self) -> str:
        """The host under which this machine reaches it."""
        return "127.0.0.1" if self.bind in {"0.0.0.0", "::"} else self.bind  # noqa: S104 - compared, not bound

    @property
    def url(self) -> str:
        """The address to open."""
        return f"http://{self.reachable_at}:{self.port}"


def address(given: Mapping[str, str]) -> Address:
    """The address that PORT and BIND ask for; a sentence when it cannot be had."""
    port, bind = given.get("PORT", "8000"), given.get("BIND", "127.0.0.1")
    if sentence := ports.complaint(port, host=bind):
        raise Trouble(sentence)
    return Address(bind, int(port))


def wants_simulator(given: Mapping[str, str]) -> bool:
    """Whether texts and calls go to our own Twilio: nobody named another, or a real account."""
    real = given.get("TWILIO_ACCOUNT_SID") and given.get("TWILIO_AUTH_TOKEN")
    return not given.get("TWILIO_API_URL") and not real


def of_the_house(
    given: Mapping[str, str], *, where: Address, database_url: str, redis_url: str
) -> dict[str, str]:
    """The environment of every process of `make run`."""
    defaults = {
        "SECRET_KEY": folders.kept_secret(folders.HOUSE / "secret_key"),
        "DEMO": "1",
        "PUBLIC_URL": where.url,
        "PLATFORM_OWNER": "nia",
        "PAPERS_ROOT": str(folders.HOUSE / "papers"),
        "STATIC_ROOT": str(folders.HOUSE / "static"),
        **_twilio(given),
    }
    fixed = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PORT": str(where.port),
        "BIND": where.bind,
    }
    settled = {**defaults, **given, **fixed, "PYTHONUNBUFFERED": "1"}
    hosts = settled.get("ALLOWED_HOSTS", urlsplit(settled["PUBLIC_URL"]).hostname or "").split(",")
    settled["ALLOWED_HOSTS"] = ",".join(dict.fromkeys([*hosts, where.reachable_at, "localhost"]))
    return settled


def _twilio(given: Mapping[str, str]) -> dict[str, str]:
    account = {
        "TWILIO_ACCOUNT_SID": DEMO_ACCOUNT,
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_FROM": DEMO_SENDER,
    }
    if not wants_simulator(given):
        return account
    port = ports.free_port()
    return {**account, "SIMULATOR_PORT": str(port), "TWILIO_API_URL": f"http://127.0.0.1:{port}"}


def of_the_tests(given: Mapping[str, str], *, database_url: str, redis_url: str) -> dict[str, str]:
    """The environment of the tests, which no setting of the visitor reaches, least of all a real Twilio."""
    ours = set(SETTINGS)
    return {
        **{name: value for name, value in given.items() if name not in ours},
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": "a-key-for-the-tests-that-guards-nothing-at-all-0123456789",
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
        "DEMO": "1",
        "TWILIO_ACCOUNT_SID": DEMO_ACCOUNT,
        "TWILIO_AUTH_TOKEN": "0123456789abcdef0123456789abcdef",
        "TWILIO_FROM": DEMO_SENDER,
        "DATABASE_POOL_MAX": "24",  # a test of simultaneous answers has sixteen hands
        # The discard port: a test that forgets to bring its own Twilio is refused at once.
        "TWILIO_API_URL": "http://127.0.0.1:9",
    }


def of_production(given: Mapping[str, str], *, database_url: str, redis_url: str) -> dict[str, str]:
    """An environment like a hospital's, for the checks that judge one; nothing in it is a secret."""
    return {
        **of_the_tests(given, database_url=database_url, redis_url=redis_url),
        "SECRET_KEY": secrets.token_urlsafe(64),
        "PUBLIC_URL": "https://dido.example",
        "ALLOWED_HOSTS": "dido.example",
        "DEMO": "0",
        "TWILIO_API_URL": "",
        "NOTIFY_API_KEY": f"dido-{uuid.uuid4()}-{uuid.uuid4()}",
        "NOTIFY_TEMPLATE_ID": str(uuid.uuid4()),
        "NOTIFY_CALLBACK_TOKEN": secrets.token_urlsafe(32),
        "PLATFORM_OWNER": "owner",
        "DEADMAN_URL": "https://watch.example/dido",
    }


# Everything that .env.example explains, but where the machinery keeps its things.
SETTINGS = (
    *("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL", "ALLOWED_HOSTS", "DEMO", "DEBUG", "LOG_LEVEL"),
    *("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM", "TWILIO_API_URL", "SIMULATOR_PORT"),
    *("NIGHT_SPEED", "NIGHT_SEED", "DATABASE_POOL_MAX", "PORT", "BIND"),
    *("NOTIFY_API_KEY", "NOTIFY_TEMPLATE_ID", "NOTIFY_CALLBACK_TOKEN", "NOTIFY_API_URL"),
    *("VAPID_PRIVATE_KEY", "VAPID_SUBJECT", "PUSH_HOSTS", "PLATFORM_OWNER", "DEADMAN_URL"),
    *(
        "FEED_SOCKETS_PER_PERSON",
        "FEED_LISTENS",
        "STATIC_ROOT",
        "PAPERS_ROOT",
        "PAPERS_INCOMING",
        "PAPERS_STORAGE",
    ),
    *("PAPERS_MOST_MB", "PAPERS_MOST_PDF_MB", "PAPERS_CACHE", "PAPERS_CACHE_MOST_MB"),
    *("PAPERS_S3_BUCKET", "PAPERS_S3_REGION", "PAPERS_S3_ENDPOINT", "PAPERS_S3_FOLDER"),
    *("PAPERS_S3_KEY_ID", "PAPERS_S3_SECRET"),
)


def publish(environment: Mapping[str, str]) -> None:
    """Let later commands of this user, in this folder, find the running house."""
    told = {name: environment[name] for name in SETTINGS if name in environment}
    folders.write_private(_REACHABLE, json.dumps(told, indent=1))


def withdraw() -> None:
    """The house is closing: nobody shall find it."""
    _REACHABLE.unlink(missing_ok=True)


def join_the_running_house(environment: MutableMapping[str, str] = os.environ) -> None:
    """Where no DATABASE_URL is set and a house runs in this folder, take on its settings."""
    if environment.get("DATABASE_URL") or not folders.is_claimed(folders.HOUSE) or not _REACHABLE.exists():
        return
    for name, value in json.loads(_REACHABLE.read_text()).items():
        environment.setdefault(name, value)
