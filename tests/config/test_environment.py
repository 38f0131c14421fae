"""Settings from the environment: a wrong one is a sentence that names it."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment


def test_a_missing_value_names_itself_and_where_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIGHTJAR", raising=False)
    with pytest.raises(ImproperlyConfigured, match=r"NIGHTJAR is not set.*\.env\.example"):
        environment.env("NIGHTJAR")
    assert environment.env("NIGHTJAR", "owl") == "owl"


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush\n")
    monkeypatch.setenv("NIGHTJAR_FILE", str(tmp_path / "secret"))
    assert environment.env("NIGHTJAR") == "hush"
    monkeypatch.setenv("NIGHTJAR_FILE", str(tmp_path / "nothing"))
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        environment.env("NIGHTJAR")


@pytest.mark.parametrize(
    ("said", "meant"), [("1", True), ("Yes", True), ("0", False), ("", False), ("off", False)]
)
def test_yes_and_no_are_read(monkeypatch: pytest.MonkeyPatch, said: str, meant: bool) -> None:
    monkeypatch.setenv("NIGHTJAR", said)
    assert environment.env_bool("NIGHTJAR") is meant


def test_neither_yes_nor_no_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTJAR", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="must be 1 or 0"):
        environment.env_bool("NIGHTJAR")


def test_a_number_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTJAR", "seven")
    with pytest.raises(ImproperlyConfigured, match="must be a whole number"):
        environment.env_int("NIGHTJAR", 7)
