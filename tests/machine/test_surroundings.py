"""What the house tells its processes: the visitor's wishes first, and never a real Twilio by accident."""

import socket
from pathlib import Path

import pytest

from config.machine import chromium, folders, surroundings
from config.machine.surroundings import Address
from config.machine.trouble import Trouble

HERE = Address("127.0.0.1", 8000)


@pytest.fixture(autouse=True)
def a_house_of_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "HOUSE", tmp_path)
    monkeypatch.setattr(surroundings, "_REACHABLE", tmp_path / "environment.json")


def the_house(**given: str) -> dict[str, str]:
    return surroundings.of_the_house(given, where=HERE, database_url="db", redis_url="bell")


def test_without_a_twilio_the_simulator_is_used() -> None:
    assert surroundings.wants_simulator({})
    house = the_house()
    assert house["TWILIO_API_URL"] == f"http://127.0.0.1:{house['SIMULATOR_PORT']}"
    assert house["TWILIO_FROM"] == "+447700900000"
    assert len(house["TWILIO_ACCOUNT_SID"]) == 34


def test_another_twilio_is_used_with_what_the_visitor_says_of_it() -> None:
    given = {"TWILIO_API_URL": "http://127.0.0.1:4010", "TWILIO_AUTH_TOKEN": "theirs"}
    assert not surroundings.wants_simulator(given)
    house = the_house(**given)
    assert house["TWILIO_API_URL"] == "http://127.0.0.1:4010"
    assert house["TWILIO_AUTH_TOKEN"] == "theirs"
    assert house["TWILIO_ACCOUNT_SID"] == surroundings.DEMO_ACCOUNT
    assert "SIMULATOR_PORT" not in house


def test_a_real_account_is_used_without_a_simulator() -> None:
    given = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "theirs"}
    assert not surroundings.wants_simulator(given)
    assert "TWILIO_API_URL" not in the_house(**given)


def test_the_visitor_wins_and_the_machine_itself_is_always_answered() -> None:
    house = the_house(PUBLIC_URL="https://dido.example", DEMO="0", SECRET_KEY="theirs")
    assert (house["DEMO"], house["SECRET_KEY"]) == ("0", "theirs")
    assert house["ALLOWED_HOSTS"] == "dido.example,127.0.0.1,localhost"


def test_the_key_is_the_same_at_the_next_start() -> None:
    assert the_house()["SECRET_KEY"] == the_house()["SECRET_KEY"]


def test_no_setting_of_the_visitor_reaches_the_tests() -> None:
    given = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "real", "DEBUG": "1", "PATH": "/bin"}
    tests = surroundings.of_the_tests(given, database_url="db", redis_url="bell")
    assert tests["TWILIO_API_URL"] == "http://127.0.0.1:9"
    assert tests["TWILIO_AUTH_TOKEN"] != "real"
    assert "DEBUG" not in tests
    assert tests["PATH"] == "/bin"


def test_a_setting_may_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("from a file\n")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN_FILE", str(tmp_path / "token"))
    given = surroundings.visitor()
    assert given["TWILIO_AUTH_TOKEN"] == "from a file"
    assert "TWILIO_AUTH_TOKEN_FILE" not in given
    monkeypatch.setenv("TWILIO_AUTH_TOKEN_FILE", str(tmp_path / "nothing"))
    with pytest.raises(Trouble, match="cannot be read"):
        surroundings.visitor()


def test_where_no_bytecode_may_be_written_ours_goes_into_our_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    given = surroundings.visitor()
    assert "PYTHONDONTWRITEBYTECODE" not in given
    assert given["PYTHONPYCACHEPREFIX"] == str(folders.RUN / "bytecode")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", "/theirs")
    assert surroundings.visitor()["PYTHONPYCACHEPREFIX"] == "/theirs"
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX")
    assert "PYTHONPYCACHEPREFIX" not in surroundings.visitor(), (
        "then it stands beside the sources, as everywhere"
    )


def test_a_later_command_finds_the_house_while_it_runs(tmp_path: Path) -> None:
    surroundings.publish(the_house())
    stranger: dict[str, str] = {}
    surroundings.join_the_running_house(stranger)
    assert stranger == {}

    with folders.claim(tmp_path):
        surroundings.join_the_running_house(stranger)
        assert stranger["DATABASE_URL"] == "db"
        other = {"DATABASE_URL": "another"}
        surroundings.join_the_running_house(other)
        assert other == {"DATABASE_URL": "another"}

        surroundings.withdraw()
        late: dict[str, str] = {}
        surroundings.join_the_running_house(late)
        assert late == {}


def test_a_port_that_is_taken_or_none_is_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Trouble, match=f"port {port} is taken"):
            surroundings.address({"PORT": str(port)})
    with pytest.raises(Trouble, match="PORT must be a number"):
        surroundings.address({"PORT": "http"})
    assert surroundings.address({"PORT": str(port)}) == Address("127.0.0.1", port)


def test_a_browser_that_is_named_is_taken_or_complained_about() -> None:
    assert chromium.find({"CHROMIUM": "/bin/sh"}) == "/bin/sh"
    with pytest.raises(Trouble, match="CHROMIUM names /no/such"):
        chromium.find({"CHROMIUM": "/no/such"})


def test_without_a_browser_and_without_root_the_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(Trouble, match="apt-get install chromium"):
        chromium.find({"PATH": str(tmp_path)})
