"""Twilio's voice doors: nobody else's form is heard, reports are merged, and nothing is said before it is saved."""

import threading
from collections.abc import Callable
from unittest.mock import patch

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction
from pytest_django import Settings

from paging import speech
from paging.models import Callback, Fate, Page
from referrals.states import State
from tests.paging import doors, tables
from tests.paging.conftest import ACCOUNT
from tests.paging.doors import ACCEPT, Line
from tests.paging.tables import Postbox, Tables
from tests.world import World


@pytest.mark.parametrize("fault", [OperationalError("gone"), InterfaceError("closed")])
@pytest.mark.parametrize("where", ["paging.answers.press", "paging.webhooks._called"])
def test_a_database_that_fails_is_said_and_nothing_else(line: Line, fault: Exception, where: str) -> None:
    with patch(where, side_effect=fault):
        assert "Nothing was recorded. Please use Dido on the web." in line.presses(ACCEPT)
    assert doors.verbs() == ["refer"]
    assert "You have accepted" in line.presses(ACCEPT)


DOORS: dict[str, Callable[[Line], tuple[str, dict[str, str]]]] = {
    "answer": lambda line: (line.path, line.form(line.page.digits[ACCEPT])),
    "status": lambda line: (f"/twilio/voice/status?page={line.page.pk}", {"CallSid": line.sid, "CallStatus": "busy"}),
    "machine": lambda line: (
        f"/twilio/voice/machine?page={line.page.pk}",
        {"CallSid": line.sid, "AnsweredBy": "machine_start"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_a_forged_form_is_refused_and_changes_nothing(line: Line, door: str) -> None:
    path, form = DOORS[door](line)
    good = doors.signature(path, {"AccountSid": ACCOUNT, **form})
    other = doors.signature(path, {"AccountSid": ACCOUNT, **form}, "another-token")
    for signed in ["-", other, good[::-1]]:
        assert doors.post(path, form, signed=signed).status_code == 403
    for name in form:
        assert doors.post(path, {**form, name: form[name] + "1"}, signed=good).status_code == 403
    assert doors.post(f"{path}1", form, signed=good).status_code == 403
    assert doors.post(path, form, account="AC" + "9" * 32).status_code == 403
    assert doors.verbs() == ["refer"]
    assert not Callback.objects.exists()
    assert Page.objects.get(pk=line.page.pk).fate == Fate.SENT
    assert doors.post(path, form, signed=good).status_code in {200, 204}


@pytest.mark.parametrize(
    ("told", "fate"),
    [
        (["initiated", "ringing", "in-progress"], Fate.DELIVERED),
        (["initiated", "ringing", "in-progress", "completed"], Fate.DELIVERED),
        (["completed", "ringing"], Fate.DELIVERED),
        (["ringing", "no-answer"], Fate.FAILED),
        (["busy", "ringing", "initiated"], Fate.FAILED),
        (["in-progress", "completed", "failed"], Fate.FAILED),
        (["strange"], Fate.SENT),
    ],
)
def test_the_reports_of_a_call_are_merged(desk: Tables, line: Line, told: list[str], fate: Fate) -> None:
    for status in told:
        line.status(status)
    assert Page.objects.get(pk=line.page.pk).fate == fate
    assert (desk.alarm().next_at == desk.now) is (fate == Fate.FAILED), "only a failure hurries"


class _Looking:
    """Somebody at another connection, who is asked what is saved at the moment when it is said."""

    def __init__(self) -> None:
        self.saved: list[str] = []

    def result(self, words: str) -> str:
        thread = threading.Thread(target=self._look)
        thread.start()
        thread.join()
        return words

    def _look(self) -> None:
        self.saved.append(doors.state())
        connection.close()


@pytest.fixture
def committed(open_world: World, twilio_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Line:
    """The same call, visible to other connections."""
    doors.at_public_address(open_world, twilio_settings, monkeypatch)
    desk = tables.over(open_world, Postbox(), Postbox(channel="voice"), monkeypatch=monkeypatch)
    desk.refers()
    desk.wind(seconds=90)
    return doors.line_of(desk, "ben")


def test_what_came_of_it_is_said_only_after_the_commit(
    committed: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = _Looking()
    monkeypatch.setattr(speech, "result", looking.result)
    assert "You have accepted" in committed.presses(ACCEPT)
    assert looking.saved == [State.ACCEPTED]


def test_a_door_that_spoke_before_the_commit_would_be_noticed(
    committed: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = _Looking()
    monkeypatch.setattr(speech, "result", looking.result)
    with transaction.atomic():
        committed.presses(ACCEPT)
    assert looking.saved == [State.REFERRED]
