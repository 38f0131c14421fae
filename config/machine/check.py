"""`make check`: everything about the code that can be judged without running the product.

Each step says what it found; all of them run, so that one look shows all there is to put right.
"""

import sys
from pathlib import Path

from config.machine import commands, servers, surroundings
from config.machine.trouble import entry, say

_BIN = Path(sys.executable).parent
_MANAGE = [sys.executable, "manage.py"]
_TOOLS = {
    "format": [str(_BIN / "ruff"), "format", "--check", "."],
    "lint": [str(_BIN / "ruff"), "check", "."],
    "types": [str(_BIN / "mypy")],
    "layers": [str(_BIN / "lint-imports")],
    "migrations": [*_MANAGE, "makemigrations", "--check", "--dry-run"],
    "documents": [*_MANAGE, "state_diagram", "--check"],
}
_DEPLOY = [*_MANAGE, "check", "--deploy", "--fail-level", "WARNING"]


def main() -> int:
    """Run every step; 1 and the names of those that failed, if any did."""
    given = surroundings.visitor()
    failed = []
    with servers.throw_away(given=given) as found:
        where = {"database_url": found.database_url, "redis_url": found.redis_url}
        tests = surroundings.of_the_tests(given, **where)
        production = surroundings.of_production(given, **where)
        steps = [(name, command, tests) for name, command in _TOOLS.items()]
        for name, command, environment in [*steps, ("deployment", _DEPLOY, production)]:
            say(f"--- {name}")
            if commands.run(command, environment) != 0:
                failed.append(name)
    if failed:
        say(f"make check found something to put right in: {', '.join(failed)}.")
        return 1
    say("make check found nothing to put right.")
    return 0


if __name__ == "__main__":
    sys.exit(entry(main))
