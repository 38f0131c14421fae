"""Runs one program of ours with fresh servers beside it: `make bench`, `make docs`.

Run as `python -m config.machine.tool ARGUMENT ...`, where the arguments are Python's own (`-m NAME`, or a
script). What it runs finds its addresses in the environment, as the product does.
"""

import sys

from config.machine import commands, servers, surroundings
from config.machine.trouble import entry


def main() -> int:
    """The exit code of the program."""
    given = surroundings.visitor()
    with servers.throw_away(given=given, durable=True) as found:
        environment = surroundings.of_the_tests(
            given, database_url=found.database_url, redis_url=found.redis_url
        )
        return commands.run([sys.executable, *sys.argv[1:]], environment)


if __name__ == "__main__":
    sys.exit(entry(main))
