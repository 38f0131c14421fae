"""`make run`: the whole house, from an empty folder to a night that can be watched, until Ctrl-C.

It starts the servers, prepares the database, starts the processes, watches over them, and leaves nothing
running behind. What each process says is in `.run/log/`; the terminal shows what the house does.
"""

import contextlib
import http.client
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from config.machine import children, folders, interrupts, prepare, servers, surroundings
from config.machine.supervisor import Supervisor
from config.machine.surroundings import Address
from config.machine.trouble import Trouble, entry, say

_HEALTH_SECONDS = 60.0
_LOOK_SECONDS = 0.2
_HOPELESS = 3

_CAST = """
  ada    spoke doctor at Arrowe Park
  ben    operator at Walton
  cleo   operator at Walton
  dev    operator at Walton, under direct supervision
  sam    supervises dev
  nia    coordinator of Cheshire and Merseyside
  zed    spoke doctor of another network, who sees none of this
"""


def main() -> int:
    """Open the house, watch over it, close it; 0 when somebody asked us to stop."""
    given = surroundings.visitor()
    where = surroundings.address(given)
    begun = time.monotonic()
    say(f"Dido is starting. Logs are in {_shown(folders.LOGS)}/.")
    try:
        with _house(given, where) as supervisor:
            say(_welcome(where, time.monotonic() - begun))
            _watch(supervisor)
    except interrupts.Interrupted:
        say("Dido has stopped. Nothing is left running.")
    return 0


@contextlib.contextmanager
def _house(given: dict[str, str], where: Address) -> Iterator[Supervisor]:
    """Every process of the house, started and answering."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(folders.claim(folders.HOUSE))
        _forget_old_logs()
        supervisor = Supervisor()
        say("  starting PostgreSQL and Valkey")
        running = servers.running(folders.HOUSE, given=given, logs=folders.LOGS)
        found = stack.enter_context(running)
        for server in (found.postgres, found.valkey):
            if server is not None:
                supervisor.adopt(server.child)
        environment = surroundings.of_the_house(
            given, where=where, database_url=found.database_url, redis_url=found.redis_url
        )
        _prepare(environment)
        ours = Supervisor()
        stack.callback(_close, ours)
        surroundings.publish(environment)
        stack.callback(surroundings.withdraw)
        web, *others = _processes(environment, where, simulator=surroundings.wants_simulator(given))
        # One after the other: on a small machine they would only hold each other up.
        for child in (web, *others):
            say(f"  starting the {child.name}")
            ours.start(child)
            supervisor.wards.append(ours.wards[-1])
            if child is web:
                _await_health(supervisor, where)
        yield supervisor


def _close(ours: Supervisor) -> None:
    interrupts.disarm()
    say("  stopping")
    ours.stop()


def _forget_old_logs() -> None:
    folders.LOGS.mkdir(parents=True, exist_ok=True)
    for log in folders.LOGS.glob("*.log"):
        log.unlink()


def _prepare(environment: dict[str, str]) -> None:
    """Run the preparing steps, showing each; a sentence when one fails."""
    log = folders.LOGS / "prepare.log"
    command = [sys.executable, "-m", "config.machine.prepare", *prepare.STEPS]
    child = children.Child("preparation", command, log=log, environment=environment, folder=folders.PROJECT)
    child.start()
    try:
        shown = 0
        while True:
            ended = child.ended()
            lines = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("  ")]
            steps = [line for line in lines if line.strip() in prepare.STEPS.values()]
            for line in steps[shown:]:
                say(line)
            shown = len(steps)
            if ended is not None:
                break
            time.sleep(0.05)
    finally:
        child.stop()
    if ended != 0:
        doing = steps[-1].strip() if steps else "starting Django"
        raise Trouble(
            f"preparing the database failed while {doing}: {child.last_words()} "
            f"(all of it is in {_shown(log)})."
        )


def _processes(environment: dict[str, str], where: Address, *, simulator: bool) -> Iterator[children.Child]:
    """The processes of the house, in the order in which they start."""
    endpoint = f"tcp:port={where.port}:interface={where.bind}:backlog=4096"
    web = [
        sys.executable,
        "-m",
        "config.web",
        "-e",
        endpoint,
        "--websocket_connect_timeout",
        "30",
        "--websocket-max-message-size",
        "8192",
        "config.asgi:application",
    ]
    manage = [sys.executable, str(folders.PROJECT / "manage.py")]
    yield _process("web process", "web", web, environment)
    if simulator:
        yield _process("Twilio simulator", "simulator", [*manage, "twilio_simulator"], environment)
    yield _process("pager", "pager", [*manage, "pager"], environment)
    if environment.get("NIGHT_SPEED") != "0":
        yield _process("night", "night", [*manage, "night"], environment)


def _process(name: str, log: str, command: list[str], environment: dict[str, str]) -> children.Child:
    file = folders.LOGS / f"{log}.log"
    return children.Child(name, command, log=file, environment=environment, folder=folders.PROJECT)


def _await_health(supervisor: Supervisor, where: Address) -> None:
    """Until the web process answers that it can read the database."""
    log = _shown(folders.LOGS / "web.log")
    until = time.monotonic() + _HEALTH_SECONDS
    while (answer := _health(where)) != http.client.OK:
        supervisor.look(now=time.monotonic())
        if supervisor.deaths("web process") >= _HOPELESS:
            raise Trouble(f"the web process does not stay up: see {log}.")
        if time.monotonic() > until:
            raise Trouble(f"the web process is not well (GET /healthz: {answer or 'no answer'}): see {log}.")
        time.sleep(0.1)


def _health(where: Address) -> int | None:
    """The status of GET /healthz, or None without an answer."""
    link = http.client.HTTPConnection(where.reachable_at, where.port, timeout=5)
    try:
        link.request("GET", "/healthz")
        return link.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        link.close()


def _watch(supervisor: Supervisor) -> None:
    """Look after everybody until we are interrupted, or the `make` that started us is gone."""
    started_by = os.getppid()
    under_make = "MAKELEVEL" in surroundings.visitor()
    while True:
        supervisor.look(now=time.monotonic())
        if under_make and os.getppid() != started_by:
            raise interrupts.Interrupted("make is gone")
        time.sleep(_LOOK_SECONDS)


def _welcome(where: Address, seconds: float) -> str:
    return (
        f"\nDido is ready after {seconds:.0f} s:  {where.url}\n"
        f"\nSign in as one of the cast from the first page, no password:\n{_CAST}\n"
        "A bearer token for the API: .venv/bin/python manage.py token ada\n"
        "Ctrl-C stops everything."
    )


def _shown(path: Path) -> str:
    return str(path.relative_to(folders.PROJECT)) if path.is_relative_to(folders.PROJECT) else str(path)


if __name__ == "__main__":
    sys.exit(entry(main))
