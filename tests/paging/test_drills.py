"""Once a week each hub's own ladder is climbed without a patient, by day; how long the answer took is kept."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from paging import ladders, reaching
from paging.ladders import Rung
from paging.models import Escalation, Ladder, Reason
from referrals import transitions
from referrals.models import Event
from tests import world as worlds
from tests.paging import doors, tables
from tests.paging.tables import Postbox, Tables
from tests.together import at_once
from tests.world import World
from workforce.models import Shift

WEDNESDAY = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)  # winter: London is UTC


@pytest.fixture
def desk(db: None, twilio_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Tables:
    """A Wednesday morning at eleven."""
    world = worlds.build(now=WEDNESDAY)
    doors.at_public_address(world, twilio_settings, monkeypatch)
    return tables.over(world, Postbox(), Postbox(channel="voice"), monkeypatch=monkeypatch)


def _drills(**where: object) -> set[str]:
    return {climb.hub.code for climb in Escalation.objects.filter(reason=Reason.DRILL, **where) if climb.hub}


def _texts(desk: Tables, username: str, words: str = "{0}") -> str:
    page = desk.page(username)
    form = {"MessageSid": f"SM{page.pk}{words}", "From": page.phone, "Body": words.format(page.reply_code)}
    return doors.post("/twilio/sms/inbound", form).content.decode()


def _minutes(day: datetime) -> Iterator[datetime]:
    """Every half minute of this day, and an hour before and after it."""
    moment = day - timedelta(hours=1)
    while moment < day + timedelta(hours=25):
        yield moment
        moment += timedelta(seconds=30)


@pytest.mark.parametrize(
    ("day", "first"),
    [
        ("2026-03-25", "2026-03-25T11:00Z"),  # the last Wednesday of winter
        ("2026-04-01", "2026-04-01T10:00Z"),  # the clocks went forward on 29 March
        ("2026-10-21", "2026-10-21T10:00Z"),  # the last Wednesday of summer
        ("2026-10-28", "2026-10-28T11:00Z"),  # the clocks went back on 25 October
        ("2026-11-24", None),  # a Tuesday
        ("2026-11-26", None),
    ],
)
def test_the_drill_is_on_wednesdays_from_eleven_to_half_past_in_london(
    desk: Tables, monkeypatch: pytest.MonkeyPatch, day: str, first: str | None
) -> None:
    """Also across both changes of the clock."""
    begun: list[datetime] = []
    monkeypatch.setattr(reaching, "drill", lambda _, *, now: begun.append(now))
    midnight = datetime.fromisoformat(day).replace(tzinfo=UTC)
    Shift.objects.update(period=(midnight - timedelta(days=2), midnight + timedelta(days=3)))
    for moment in _minutes(midnight):
        reaching.open_drills(now=moment)
    hubs = 3
    if first is None:
        assert begun == []
        return
    start = datetime.fromisoformat(first)
    assert begun[0] == start
    assert begun[-1] == start + timedelta(minutes=29, seconds=30)
    assert len(begun) == hubs * 60


def test_each_hub_with_somebody_on_call_has_its_drill(desk: Tables) -> None:
    Shift.objects.filter(hub__code="RR801").delete()
    reaching.open_drills(now=desk.now)
    desk.works()
    assert _drills() == {"RET20", "RM301"}
    assert desk.paged() == [(0.0, "ben"), (0.0, "mo")]


def test_a_drill_says_that_it_is_one_by_text_and_by_voice(desk: Tables) -> None:
    reaching.drill(desk.world.sites["RET20"], now=desk.now)
    desk.works()
    desk.wind(minutes=3)
    texts = [order.words for order in desk.routes.ways["sms"][0].orders]  # type: ignore[attr-defined]
    calls = [order.words for order in desk.routes.ways["voice"][0].orders]  # type: ignore[attr-defined]
    assert len(texts) == 3
    assert all(words.startswith("DRILL Walton 11:00: NO PATIENT. Reply ") for words in texts)
    assert len(calls) == 3
    assert all("This is a drill for Walton. There is no patient." in words for words in calls)
    assert not any("STROKE" in words for words in texts)


def test_the_time_to_the_answer_is_kept_and_said(desk: Tables) -> None:
    reaching.drill(desk.world.sites["RET20"], now=desk.now)
    desk.works()
    desk.world.wind(seconds=47)
    assert "Drill answered after 47 s. No patient waits." in _texts(desk, "ben")
    drill = desk.climb(Reason.DRILL)
    assert drill.answered_at
    assert (drill.answered_by, drill.answered_at - drill.opened_at) == (
        desk.world.people["ben"],
        timedelta(seconds=47),
    )
    assert desk.person("ben").phone_verified_at == desk.now
    desk.wind(minutes=20)
    assert desk.paged() == [(0.0, "ben")]
    assert not Event.objects.exists()


def test_a_key_answers_a_drill(desk: Tables) -> None:
    reaching.drill(desk.world.sites["RET20"], now=desk.now)
    desk.works()
    desk.wind(seconds=90)
    line = doors.line_of(desk, "ben")
    assert "Drill answered after 90 s." in line.presses(0)
    assert desk.climb(Reason.DRILL).closed_at == desk.now


def test_unanswered_the_coordinator_hears_of_it_and_then_it_is_over(desk: Tables) -> None:
    reaching.drill(desk.world.sites["RET20"], now=desk.now)
    desk.works()
    desk.wind(minutes=30)
    assert [username for _, username in desk.paged()] == ["ben", "ben", "cleo", "cleo", "sam", "sam", "nia"]
    assert desk.paged()[-1] == (300.0, "nia")
    words = desk.routes.ways["sms"][0].orders[-1].words  # type: ignore[attr-defined]
    assert words == "DRILL Walton: NO PATIENT. Nobody on call has answered the drill."
    drill = desk.climb(Reason.DRILL)
    assert drill.closed_at
    assert drill.answered_at is None


def test_who_is_only_told_cannot_answer_it(desk: Tables) -> None:
    reaching.drill(desk.world.sites["RET20"], now=desk.now)
    desk.works()
    desk.wind(minutes=5)
    assert "Nothing needs to be answered." in _texts(desk, "nia")
    assert desk.climb(Reason.DRILL).answered_at is None


def test_a_hub_with_a_patient_waiting_has_no_drill(desk: Tables) -> None:
    referral = desk.refers("RET20")
    reaching.open_drills(now=desk.now)
    assert _drills() == {"RM301", "RR801"}
    transitions.accept(referral.code, **desk.world.press("ben"))
    desk.works()
    reaching.open_drills(now=desk.world.wind(minutes=1))
    assert _drills() == {"RET20", "RM301", "RR801"}


def test_a_patient_who_comes_meanwhile_ends_the_drill(desk: Tables) -> None:
    """Nobody shall wonder which of two pages is the real one."""
    for hub in ["RET20", "RM301"]:
        reaching.drill(desk.world.sites[hub], now=desk.now)
    desk.works()
    desk.wind(seconds=30)
    desk.refers("RET20")
    assert _drills(closed_at=None) == {"RM301"}
    desk.wind(minutes=3)
    drilled = [order.words for order in desk.routes.ways["sms"][0].orders if "DRILL Walton" in order.words]  # type: ignore[attr-defined]
    assert len(drilled) == 1


def test_once_a_week_whatever_becomes_of_it(desk: Tables) -> None:
    Shift.objects.update(period=(desk.now - timedelta(days=2), desk.now + timedelta(days=20)))
    for minute in range(30):
        reaching.open_drills(now=desk.now + timedelta(minutes=minute))
    assert Escalation.objects.filter(reason=Reason.DRILL).count() == 3
    desk.wind(minutes=20)
    reaching.open_drills(now=desk.now)
    assert Escalation.objects.filter(reason=Reason.DRILL).count() == 3
    reaching.open_drills(now=WEDNESDAY + timedelta(days=7))
    assert Escalation.objects.filter(reason=Reason.DRILL).count() == 6


def test_two_pagers_have_one_drill(open_world: World) -> None:
    Shift.objects.update(period=(WEDNESDAY - timedelta(days=2), WEDNESDAY + timedelta(days=2)))
    outcomes = at_once([lambda: reaching.open_drills(now=WEDNESDAY)] * 4)
    assert outcomes == [None] * 4
    assert Escalation.objects.filter(reason=Reason.DRILL).count() == 3
    assert open_world.sites


def test_a_drill_by_hand_is_one_at_a_time_and_only_where_it_asks_somebody(desk: Tables) -> None:
    walton = desk.world.sites["RET20"]
    assert reaching.drill(walton, now=desk.now)
    assert not reaching.drill(walton, now=desk.now)
    Shift.objects.filter(hub__code="RM301").delete()
    assert not reaching.drill(desk.world.sites["RM301"], now=desk.now)
    everybody = [{"after": 0, "to": ["operators"]}, {"after": 60, "to": [], "hand_on": True}]
    Ladder.objects.create(
        hub=desk.world.sites["RR801"], reason=Reason.OFFER, version=1, rungs=everybody, made_at=desk.now
    )
    assert not reaching.drill(desk.world.sites["RR801"], now=desk.now), "its ladder asks nobody on call"


def test_a_drill_climbs_the_hubs_own_ladder_and_hands_nobody_on(desk: Tables) -> None:
    own = [
        Rung(0, ("second",)),
        Rung(60, ("lead",)),
        Rung(120, ("first", "operators"), by=("voice",), phone_now=True, siren=True),
        Rung(200, ("lead",), alarm=True),
    ]
    assert reaching.drill_rungs(own) == [
        Rung(0, ("second",)),
        Rung(120, ("first",), by=("voice",)),
        Rung(240, ("coordinator",), by=("push", "sms")),
        Rung(300, (), end=True),
    ]
    Ladder.objects.create(
        hub=desk.world.sites["RET20"],
        reason=Reason.OFFER,
        version=1,
        rungs=[ladders.row(rung) for rung in own],
        made_at=desk.now,
    )
    reaching.drill(desk.world.sites["RET20"], now=desk.now)
    desk.works()
    assert desk.paged() == [(0.0, "cleo")]
    assert desk.climb(Reason.DRILL).ladder_version == 1
