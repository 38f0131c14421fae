"""`make prove`: tries to break the promises, at full size, against fresh servers; the figures go to docs/evidence.

What is asked for is read before anything is started, so that a missing program is one sentence and not an hour later.
"""

import signal
import sys

from config.machine import commands, servers, surroundings
from config.machine.trouble import entry, say
from tests.prove import asked


def main() -> int:
    """0 where every proof holds and every control was caught."""
    given = surroundings.visitor()
    wanted = asked.read(given)
    say(f"  proving: {', '.join(wanted.names)}")
    with servers.throw_away(given=given, durable=True) as found:
        environment = surroundings.of_the_tests(
            given, database_url=found.database_url, redis_url=found.redis_url
        )
        # What a proof provokes would be logged a hundred thousand times; and no static file is served here.
        environment |= {"LOG_LEVEL": "CRITICAL", "PYTHONWARNINGS": "ignore:No directory at:UserWarning"}
        return commands.run([sys.executable, "-m", "tests.prove"], environment, goodbye=signal.SIGINT)


if __name__ == "__main__":
    sys.exit(entry(main))
