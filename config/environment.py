"""Reads typed values from the environment, and says in one sentence what is wrong with them.

Only config.settings calls this. A value NAME may also stand in a file named by NAME_FILE (secrets).
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"", "0", "false", "no", "off"}


def env(name: str, default: str | None = None) -> str:
    """The text of NAME, or of the file that NAME_FILE names; without a default it is required."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error}.") from error
    value = os.environ.get(name, default)
    if value is None or (default is None and not value.strip()):
        raise ImproperlyConfigured(
            f"{name} is not set. See .env.example for what it means; `make run` sets it for you."
        )
    return value


def env_bool(name: str, default: bool = False) -> bool:
    """True for 1, true, yes, on; False for 0, false, no, off and nothing."""
    value = env(name, "1" if default else "0").strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}; it must be 1 or 0.")


def env_int(name: str, default: int) -> int:
    """A whole number."""
    value = env(name, "").strip() or str(default)
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a whole number.") from error
