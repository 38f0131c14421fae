"""The whole house, as `make run` starts it: it heals by itself, and leaves nothing behind."""

import http.client
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.machine import folders, ports
from tests.machine import processes

_START_SECONDS = 300.0


class House:
    """One `make run` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = ports.free_port()
        self.said = folder / "said.txt"

    def open(self) -> None:
        chosen = {"RUN_DIR": str(self.folder / "run"), "PORT": str(self.port), "BIND": "127.0.0.1"}
        ours = ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "ALLOWED_HOSTS", "ARGS", "MAKEFLAGS")
        kept = {
            name: value for name, value in os.environ.items() if name not in ours and "TWILIO" not in name
        }
        with self.said.open("wb") as out:
            self.make = subprocess.Popen(
                ["make", "--no-print-directory", "run"],
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=folders.PROJECT,
                env={**kept, **chosen},
                start_new_session=True,
            )
        assert processes.eventually(lambda: self.says("is ready") or self.is_over(), seconds=_START_SECONDS)
        assert self.says("is ready"), self.said.read_text()

    def is_over(self) -> bool:
        return self.make.poll() is not None

    def says(self, words: str) -> bool:
        return words in self.said.read_text()

    def running(self) -> dict[int, str]:
        return processes.belonging_to(self.folder)

    def one(self, words: str) -> int:
        return processes.one(self.folder, words)

    def is_well(self) -> bool:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            link.request("GET", "/healthz")
            return link.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            link.close()

    def is_gone(self) -> bool:
        return not self.running() and ports.is_free(self.port)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The houses are built here one after the other; the second finds the first one's database."""
    return tmp_path_factory.mktemp("house")


@pytest.fixture
def house(folder: Path) -> Iterator[House]:
    """A house that is closed by force if the test did not close it."""
    house = House(folder)
    yield house
    for pid in house.running():
        os.kill(pid, signal.SIGKILL)
    if hasattr(house, "make"):
        house.make.wait()


def test_the_house_heals_and_leaves_nothing_behind(house: House) -> None:
    house.open()
    assert processes.eventually(house.is_well)
    assert house.says(f"http://127.0.0.1:{house.port}")
    assert house.says("ada")

    for words, name in {
        "manage.py pager": "pager",
        "manage.py night": "night",
        "config.web": "web process",
        "valkey-server": "Valkey",
        "bin/postgres -D": "PostgreSQL",
    }.items():
        killed = house.one(words)
        os.kill(killed, signal.SIGKILL)
        assert processes.eventually(lambda name=name: house.says(f"the {name} was killed by signal 9"))  # type: ignore[misc]
        assert processes.eventually(came_back(house, words, killed))
    assert processes.eventually(house.is_well)

    os.killpg(house.make.pid, signal.SIGINT)
    house.make.wait()
    assert house.says("Nothing is left running.")
    assert house.is_gone(), house.running()


def came_back(house: House, words: str, killed: int) -> Callable[[], bool]:
    return lambda: any(words in command and pid != killed for pid, command in house.running().items())


def test_a_killed_launcher_takes_everything_along_and_the_next_start_is_clean(house: House) -> None:
    house.open()
    os.kill(house.one("-m config.machine.run"), signal.SIGKILL)
    house.make.wait()
    assert processes.eventually(house.is_gone), house.running()

    house.open()
    assert processes.eventually(house.is_well)
    os.kill(house.make.pid, signal.SIGTERM)
    house.make.wait()
    assert processes.eventually(house.is_gone), house.running()
