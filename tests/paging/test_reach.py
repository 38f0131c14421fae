"""Who begins a shift shows that pages reach them; if not, the next on call and the coordinator hear of it."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from network import people
from network.models import Person, PhoneTrouble
from paging import reaching
from paging.models import Escalation, Fate, Page, Reason
from referrals.models import Event
from tests.paging import doors, tables
from tests.paging.tables import Postbox, Tables
from tests.together import at_once
from tests.world import LONG_AGO, World
from workforce import rota
from workforce.models import Duty, Shift


@pytest.fixture
def desk(world: World, twilio_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Tables:
    doors.at_public_address(world, twilio_settings, monkeypatch)
    return tables.over(world, Postbox(), Postbox(channel="voice"), monkeypatch=monkeypatch)


def _begins(desk: Tables, username: str, *, ago: float = 0, hub: str = "RET20") -> Shift:
    """A shift of this person as first on call began so many seconds ago; whoever held it before ends there."""
    start = desk.now - timedelta(seconds=ago)
    for shift in Shift.objects.filter(hub__code=hub, duty=Duty.FIRST):
        shift.period = type(shift.period)(shift.period.lower, start)
        shift.save()
    Shift.objects.filter(person__username=username, period__endswith__gt=start).delete()
    return rota.put(
        desk.world.sites[hub],
        Duty.FIRST,
        desk.world.people[username],
        start=start,
        end=start + timedelta(hours=12),
    )


def _texts(desk: Tables, page: Page, words: str = "{0}") -> str:
    form = {"MessageSid": f"SM{page.pk}{words}", "From": page.phone, "Body": words.format(page.reply_code)}
    return doors.post("/twilio/sms/inbound", form).content.decode()


def test_who_begins_is_paged_in_the_first_tick_and_nobody_else(desk: Tables) -> None:
    shift = _begins(desk, "ivy")
    desk.works()
    assert desk.paged() == [(0.0, "ivy")]
    assert desk.climb(Reason.REACH).shift == shift
    words = desk.routes.ways["sms"][0].orders[0].words  # type: ignore[attr-defined]
    assert words.startswith("DIDO TEST Walton: no patient. Reply ")


def test_a_text_answers_it_and_the_phone_is_known_to_work(desk: Tables) -> None:
    _begins(desk, "ivy")
    desk.works()
    desk.world.wind(seconds=42)
    assert "Pages reach you on this phone." in _texts(desk, desk.page("ivy"))
    test = desk.climb(Reason.REACH)
    assert (test.answered_by, test.answered_at, test.closed_at) == (
        desk.world.people["ivy"], desk.now, desk.now,
    )  # fmt: skip
    assert desk.person("ivy").phone_verified_at == desk.now
    desk.wind(minutes=20)
    assert desk.paged() == [(0.0, "ivy")]


def test_a_key_in_the_call_answers_it(desk: Tables) -> None:
    _begins(desk, "ivy")
    desk.works()
    desk.wind(minutes=2)
    line = doors.line_of(desk, "ivy")
    assert "Pages reach you on this phone." in line.presses(0)
    assert desk.person("ivy").phone_verified_at == desk.now
    assert desk.climb(Reason.REACH).closed_at == desk.now
    assert not Event.objects.exists()


def test_unanswered_the_next_on_call_and_the_coordinator_hear_of_it_and_then_it_is_over(desk: Tables) -> None:
    _begins(desk, "ivy")
    desk.works()
    desk.wind(minutes=4, seconds=59)
    assert desk.paged() == [(0.0, "ivy"), (120.0, "ivy")]
    assert list(reaching.unconfirmed(now=desk.now)) == []
    desk.wind(seconds=1)
    assert desk.paged()[2:] == [(300.0, "cleo"), (300.0, "nia")]
    assert [test.person.username for test in reaching.unconfirmed(now=desk.now)] == ["ivy"]  # type: ignore[union-attr]
    told = [order.words for order in desk.routes.ways["sms"][0].orders[-2:]]  # type: ignore[attr-defined]
    assert set(told) == {"DIDO: Ivy Lowe on call at Walton has not answered a test page. Please reach them."}
    desk.wind(minutes=1, seconds=59)
    assert desk.climb(Reason.REACH).closed_at is None
    desk.wind(seconds=1)
    assert desk.climb(Reason.REACH).closed_at == desk.now
    desk.wind(hours=2, step=600)
    assert len(desk.paged()) == 4
    assert desk.person("ivy").phone_verified_at == LONG_AGO


def test_whoever_was_disabled_is_not_the_next_on_call(desk: Tables) -> None:
    people.disable(desk.world.people["cleo"])
    _begins(desk, "ivy")
    desk.works()
    desk.wind(minutes=5)
    assert set(desk.paged()[2:]) == {(300.0, "sam"), (300.0, "nia")}


def test_a_late_answer_still_counts(desk: Tables) -> None:
    _begins(desk, "ivy")
    desk.works()
    first = desk.page("ivy")
    desk.wind(minutes=8)
    assert "Pages reach you on this phone." in _texts(desk, first)
    assert list(reaching.unconfirmed(now=desk.now)) == []
    assert desk.person("ivy").phone_verified_at == desk.now


def test_who_is_told_of_it_cannot_answer_for_them(desk: Tables) -> None:
    _begins(desk, "ivy")
    desk.works()
    desk.wind(minutes=5)
    assert "Nothing needs to be answered." in _texts(desk, desk.page("cleo"))
    assert desk.climb(Reason.REACH).answered_at is None
    assert desk.person("ivy").phone_verified_at == LONG_AGO


def test_a_phone_that_cannot_be_reached_hurries_the_call_and_the_others(desk: Tables) -> None:
    _begins(desk, "ivy")
    desk.works()
    desk.reports(desk.page("ivy"), "undelivered", "30005")
    desk.works()
    assert [p.channel for p in desk.pages("ivy")] == ["sms", "voice"]
    desk.reports(desk.page("ivy"), "failed")
    desk.works()
    assert [username for _, username in desk.paged(escalation__reason=Reason.REACH)] == [
        "ivy",
        "ivy",
        "cleo",
        "nia",
    ]


@pytest.mark.parametrize(("ago", "tested"), [(0, True), (599, True), (600, False), (3600, False)])
def test_only_a_shift_that_has_just_begun_is_tested(desk: Tables, ago: float, tested: bool) -> None:
    _begins(desk, "ivy", ago=ago)
    desk.works()
    assert Escalation.objects.filter(reason=Reason.REACH).exists() is tested


def test_a_shift_that_begins_later_is_tested_when_it_begins(desk: Tables) -> None:
    _begins(desk, "ivy", ago=-3600)
    desk.works()
    assert not Escalation.objects.exists()
    desk.wind(seconds=3599)
    assert not Escalation.objects.exists()
    desk.wind(seconds=1)
    assert desk.climb(Reason.REACH).opened_at == desk.now


def test_a_shift_is_tested_once(desk: Tables) -> None:
    _begins(desk, "ivy")
    desk.works()
    _texts(desk, desk.page("ivy"))
    desk.wind(minutes=9, step=10)
    assert Escalation.objects.filter(reason=Reason.REACH).count() == 1


def test_two_pagers_test_a_shift_once(open_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = tables.over(open_world, Postbox(), monkeypatch=monkeypatch)
    for username in ["ivy", "dev"]:
        _begins(desk, username, hub="RET20" if username == "ivy" else "RM301")
    for _ in range(3):
        assert at_once([desk.tick] * 3) == [None] * 3
    assert Escalation.objects.filter(reason=Reason.REACH).count() == 2
    assert len(desk.routes.ways["sms"][0].taken) == 2  # type: ignore[attr-defined]


def test_who_asks_for_a_test_is_paged_and_nobody_else_is_told(desk: Tables) -> None:
    assert reaching.page_myself(desk.world.people["ben"], now=desk.now)
    desk.works()
    desk.wind(minutes=20)
    assert desk.paged() == [(0.0, "ben"), (120.0, "ben")]
    assert desk.climb(Reason.REACH).closed_at
    assert list(reaching.unconfirmed(now=desk.now)) == []


def test_one_test_of_a_person_at_a_time(desk: Tables) -> None:
    assert reaching.page_myself(desk.world.people["ben"], now=desk.now)
    assert not reaching.page_myself(desk.world.people["ben"], now=desk.now)
    desk.works()
    _texts(desk, desk.page("ben"))
    assert reaching.page_myself(desk.world.people["ben"], now=desk.now)


def test_somebody_on_no_rota_can_test_their_phone_too(desk: Tables) -> None:
    assert reaching.page_myself(desk.world.people["nia"], now=desk.now)
    desk.works()
    words = desk.routes.ways["sms"][0].orders[0].words  # type: ignore[attr-defined]
    assert words.startswith("DIDO TEST: no patient. Reply ")
    assert "Pages reach you" in _texts(desk, desk.page("nia"))


def test_a_test_of_ones_own_does_not_stand_for_the_shifts(
    desk: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for the first to end, and lets the pager sleep meanwhile."""
    woken: list[int] = []
    monkeypatch.setattr("paging.showing.wake", lambda: woken.append(1))
    desk.world.people["ivy"].refresh_from_db()
    _begins(desk, "ivy")
    assert reaching.page_myself(desk.world.people["ivy"], now=desk.now)
    woken.clear()
    for _ in range(5):
        desk.tick()
    assert woken == []
    _texts(desk, desk.page("ivy"))
    desk.works()
    assert Escalation.objects.filter(reason=Reason.REACH, shift__isnull=False).count() == 1


def test_an_answered_call_says_nothing_of_texts(desk: Tables) -> None:
    Person.objects.filter(username="ivy").update(phone_trouble=PhoneTrouble.OPTED_OUT)
    _begins(desk, "ivy")
    desk.works()
    desk.wind(minutes=2)
    doors.line_of(desk, "ivy").presses(0)
    assert desk.person("ivy").phone_trouble == PhoneTrouble.OPTED_OUT, "texts still do not reach her"
    assert desk.person("ivy").phone_verified_at == desk.now


@pytest.mark.parametrize("trouble", list(PhoneTrouble))
def test_an_answered_text_ends_every_trouble(desk: Tables, trouble: PhoneTrouble) -> None:
    Person.objects.filter(username="ivy").update(phone_trouble=trouble)
    _begins(desk, "ivy")
    desk.works()
    _texts(desk, desk.page("ivy"))
    assert desk.person("ivy").phone_trouble == ""


def test_a_test_that_was_answered_leaves_no_page_to_be_sent(desk: Tables) -> None:
    _begins(desk, "ivy")
    desk.works()
    page = desk.page("ivy")
    desk.reports(page, "undelivered", "30003")
    assert desk.fates("ivy") == [(Fate.FAILED, "30003"), (Fate.DUE, "")]
    _texts(desk, page)
    assert (Fate.CANCELLED, "") in desk.fates("ivy")
    desk.wind(minutes=5)
    assert "ivy" not in [username for seconds, username in desk.paged() if seconds > 0]
