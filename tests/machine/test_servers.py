"""The servers of a bare machine: they start, they keep what they must, and they leave nothing behind."""

import os
import signal
import socket
from pathlib import Path

import psycopg
import pytest
import redis

from config.machine import children, folders, servers
from config.machine.postgres import Postgres
from config.machine.trouble import Trouble
from tests.machine import processes


def a_postgres(home: Path) -> Postgres:
    return Postgres(home, home / "postgres.log", durable=False)


def ask(database: Postgres, sql: str) -> object:
    with psycopg.connect(database.url, autocommit=True) as link:
        cursor = link.execute(sql.encode())
        return cursor.fetchall() if cursor.description else None


def test_both_servers_answer_and_are_gone_afterwards(tmp_path: Path) -> None:
    with servers.running(tmp_path, given={}, durable=False, kept=False) as found:
        with psycopg.connect(found.database_url) as link:
            assert link.execute("show server_encoding").fetchone() == ("UTF8",)
            assert link.execute("show max_connections").fetchone() == ("200",)
        with redis.Redis.from_url(found.redis_url) as bell:
            assert bell.ping()
            assert bell.config_get("save") == {"save": ""}
        assert processes.belonging_to(tmp_path)
    assert not processes.belonging_to(tmp_path)
    assert not (tmp_path / "postgres").exists()


def test_a_stranger_on_this_machine_needs_the_passwords(tmp_path: Path) -> None:
    with servers.running(tmp_path, given={}, durable=False) as found:
        assert found.postgres is not None
        assert found.valkey is not None
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://dido:guess@127.0.0.1:{found.postgres.port}/dido")
        with socket.create_connection(
            ("127.0.0.1", found.valkey.port), timeout=processes.PATIENCE
        ) as stranger:
            stranger.sendall(b"PING\r\n")
            assert stranger.recv(100).startswith(b"-NOAUTH")
        for pid in processes.belonging_to(tmp_path):
            shown = Path(f"/proc/{pid}/cmdline").read_text()
            assert (tmp_path / "postgres.password").read_text() not in shown
            assert (tmp_path / "valkey.password").read_text() not in shown


def test_servers_that_were_given_are_used_and_none_is_started(tmp_path: Path) -> None:
    given = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    with servers.running(tmp_path, given=given) as found:
        assert (found.database_url, found.redis_url) == (given["DATABASE_URL"], given["REDIS_URL"])
        assert (found.postgres, found.valkey) == (None, None)
        assert list(tmp_path.iterdir()) == []


def test_what_was_committed_is_there_after_the_server_was_killed(tmp_path: Path) -> None:
    first = a_postgres(tmp_path)
    first.start()
    ask(first, "create table said (what text)")
    ask(first, "insert into said values ('accepted')")
    os.kill(first.child.pid, signal.SIGKILL)
    first.child.wait()

    second = a_postgres(tmp_path)
    second.start()
    try:
        assert ask(second, "select what from said") == [("accepted",)]
    finally:
        second.stop()


def test_a_number_that_went_to_a_stranger_does_not_keep_the_database_shut(tmp_path: Path) -> None:
    database = a_postgres(tmp_path)
    database.start()
    database.stop()
    (tmp_path / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path / 'postgres'}\n")
    database.start()
    try:
        assert ask(database, "select 1") == [(1,)]
    finally:
        database.stop()


def test_a_server_that_outlived_its_launcher_is_seen_off(tmp_path: Path) -> None:
    orphan, heir = a_postgres(tmp_path), a_postgres(tmp_path)
    orphan.start()
    heir.start()
    try:
        assert not orphan.child.alive()
        assert ask(heir, "select 1") == [(1,)]
    finally:
        heir.stop()


def test_a_damaged_database_is_one_sentence_that_says_what_to_do(tmp_path: Path) -> None:
    database = a_postgres(tmp_path)
    (tmp_path / "postgres").mkdir(mode=0o700)
    (tmp_path / "postgres" / "PG_VERSION").write_text("18\n")
    with pytest.raises(Trouble) as trouble:
        database.start()
    assert "PostgreSQL does not start" in str(trouble.value)
    assert f"delete {tmp_path / 'postgres'}" in str(trouble.value)
    assert "\n" not in str(trouble.value)


def test_a_half_made_database_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18\n")
    database = a_postgres(tmp_path)
    database.start()
    try:
        assert ask(database, "select 1") == [(1,)]
    finally:
        database.stop()


def test_a_folder_in_use_is_one_sentence(tmp_path: Path) -> None:
    with folders.claim(tmp_path):
        assert folders.is_claimed(tmp_path)
        with pytest.raises(Trouble, match=rf"already running .*process {os.getpid()}"):
            folders.claim(tmp_path).__enter__()
    assert not folders.is_claimed(tmp_path)


def test_a_passing_folder_is_gone_and_takes_those_of_killed_runs_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "RUN", tmp_path)
    left = tmp_path / "passing-left"
    left.mkdir()
    (left / "lock").touch()
    with folders.passing("passing") as other, folders.passing("passing") as home:
        assert {other, home} == set(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []


def test_secrets_are_kept_and_only_their_owner_can_read_them(tmp_path: Path) -> None:
    first = folders.kept_secret(tmp_path / "key")
    assert folders.kept_secret(tmp_path / "key") == first
    assert len(first) == 64
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_what_a_child_says_last_is_found_in_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = children.Child("child", ["/bin/sh", "-c", "echo first; echo the reason; echo"], log=log)
    child.start()
    child.wait()
    assert child.last_words() == "the reason"
