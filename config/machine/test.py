"""`make test`: every test, browser included, against fresh servers; or those that ARGS names.

The browser tests run in a process of their own: Playwright's synchronous interface keeps an event loop
running, beside which pytest-asyncio cannot work. Both always run; the exit code is 0 only if both are green.
"""

import shlex
import signal
import sys

from config.machine import chromium, commands, servers, surroundings
from config.machine.trouble import entry, say

_JOURNEYS = "tests/journeys"
# Two at a time; whoever has nothing left takes over what the other has not begun.
_TWO = ("-n", "2", "--dist", "worksteal")


def main() -> int:
    """Run pytest once or twice; its own summary is the last thing shown."""
    given = surroundings.visitor()
    wanted = shlex.split(given.get("ARGS", ""))
    everything = [["tests", f"--ignore={_JOURNEYS}", *_TWO], [_JOURNEYS, *_TWO]]
    runs = [wanted] if wanted else everything
    browser = chromium.find(given)
    say(f"  browser: {browser}")
    say("  starting a fresh PostgreSQL and Valkey")
    with servers.throw_away(given=given) as found:
        environment = surroundings.of_the_tests(
            given, database_url=found.database_url, redis_url=found.redis_url
        )
        environment["CHROMIUM"] = browser
        say("  collecting the static files")
        if commands.manage(["collectstatic", "--no-input", "--verbosity=0"], environment) != 0:
            return 1
        codes: list[int] = []
        for arguments in runs:
            if any(codes):
                say("The first part failed; the browser tests follow.")
            command = [sys.executable, "-m", "pytest", *arguments]
            codes.append(commands.run(command, environment, goodbye=signal.SIGINT))
    return 1 if any(codes) else 0


if __name__ == "__main__":
    sys.exit(entry(main))
