"""`make test`: every test, browser included, against fresh servers; or those that ARGS names.

The browser tests run in a process of their own: Playwright's synchronous interface keeps an event loop running,
beside which pytest-asyncio cannot work. The two run side by side: a browser waits half of its time, and the others,
who are asked to step back for it, use that half. Both always run; the exit code is 0 only if both are green.
"""

import shlex
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from config.machine import children, chromium, commands, folders, interrupts, servers, surroundings
from config.machine.trouble import entry, say

_JOURNEYS = "tests/journeys"
# So many at a time; whoever has nothing left takes over what the rest has not begun.
_TWO = ("-n", "2", "--dist", "worksteal")
_THREE = ("-n", "3", "--dist", "worksteal")


def main() -> int:
    """Run pytest; its own summary, or both, are the last thing shown."""
    given = surroundings.visitor()
    wanted = shlex.split(given.get("ARGS", ""))
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
        if wanted:
            return commands.run(_pytest(wanted), environment, goodbye=signal.SIGINT)
        with folders.passing("journeys") as home:
            return _everything(environment, said=home / "said.txt")


def _pytest(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "pytest", *arguments]


def _everything(environment: Mapping[str, str], *, said: Path) -> int:
    """Both parts at once; the journeys' own words follow when the others have had theirs."""
    journeys = _part("journeys", [_JOURNEYS, *_TWO], environment, log=said)
    nice = shutil.which("nice")
    back = [nice, "-n", "5"] if nice else []
    others = _part("others", ["tests", f"--ignore={_JOURNEYS}", *_THREE], environment, before=back)
    both = (journeys, others)
    try:
        for part in both:
            part.start()
        others.wait()
        say("  the browser tests, which ran beside them")
        journeys.wait()
    except BaseException:
        interrupts.disarm()
        for part in both:
            part.ask_to_stop()
        for part in both:
            part.stop(patience=10.0)
        raise
    sys.stdout.write(said.read_text(errors="replace"))
    sys.stdout.flush()
    return 1 if any(part.ended() for part in both) else 0


def _part(
    name: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    before: Sequence[str] = (),
    log: Path | None = None,
) -> children.Child:
    return children.Child(
        name,
        [*before, *_pytest(arguments)],
        log=log,
        environment=environment,
        goodbye=signal.SIGINT,
        folder=folders.PROJECT,
    )


if __name__ == "__main__":
    sys.exit(entry(main))
