"""The web process: Daphne's command line with our server in its place.

Started as `python -m config.web -e tcp:port=8000 config.asgi:application`.
"""

import sys

from daphne.cli import CommandLineInterface

from realtime.server import Server


class CommandLine(CommandLineInterface):  # type: ignore[misc]
    """Daphne's own, with our server in its place."""

    server_class = Server


if __name__ == "__main__":
    CommandLine().run(sys.argv[1:])
