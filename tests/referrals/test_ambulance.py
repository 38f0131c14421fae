"""Asking for an ambulance: what the risks advise, what is kept, and that advice refuses nobody."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from referrals import ambulance, verbs
from referrals.models import Event, Referral
from referrals.refusals import BadInput
from referrals.states import Category, State
from tests.world import World

WINTER = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize("risk", sorted(ambulance.RISKS))
def test_each_risk_alone_advises_the_critical_care_team_and_is_its_reason(risk: str) -> None:
    advice = ambulance.advise([risk])
    assert (advice.advised, advice.reasons) == ("critical_care", (ambulance.RISKS[risk],))


def test_without_a_risk_a_paramedic_crew_by_999_is_advised() -> None:
    advice = ambulance.advise([])
    assert (advice.advised, advice.reasons, advice.is_high) == ("IFT2", (), False)
    assert "999" in advice.asks_for


def test_the_questions_have_a_source_and_every_category_is_known() -> None:
    assert ambulance.DATA["risks_source"]
    assert ambulance.DATA["risks_version"]
    for answer in ("low", "high"):
        told = ambulance.DATA[answer]
        assert told["source"]
        assert {told["advised"], *told["categories"]} <= set(Category.values)


@pytest.mark.parametrize(
    ("text", "hours", "minutes"), [("03:50", 0, 40), ("03:00", 0, -10), ("02:00", 22, 50), ("00:10", 21, 0)]
)
def test_a_time_of_day_is_the_next_one(text: str, hours: int, minutes: int) -> None:
    assert ambulance.upcoming(text, at=WINTER) == WINTER + timedelta(hours=hours, minutes=minutes)


@pytest.mark.parametrize(
    ("at", "text", "ends"),
    [
        ("2026-10-25T00:10", "01:30", "2026-10-25T00:30"),  # 01:10 in summer time: the first half past one
        ("2026-10-25T00:50", "01:30", "2026-10-25T01:30"),  # 01:50: it ends later
        ("2026-10-25T01:10", "01:30", "2026-10-25T01:30"),  # 01:10 for the second time
        ("2026-10-25T01:50", "01:30", "2026-10-25T01:30"),  # a moment ago
        ("2026-10-24T22:10", "01:30", "2026-10-25T00:30"),
    ],
)
def test_in_the_hour_that_happens_twice_an_infusion_ends_at_the_next_of_both(
    at: str, text: str, ends: str
) -> None:
    def utc(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert ambulance.upcoming(text, at=utc(at)) == utc(ends)


def asked(world: World, **said: Any) -> Referral:
    """An ambulance is asked for in this way."""
    referral = world.a_referral(State.ACCEPTED)
    world.wind(minutes=2)
    return verbs.do(
        referral.code, "request_ambulance", said, by=world.people["ada"], now=world.now, via="web"
    )


def test_what_was_asked_for_is_kept_with_who_travels_and_what_runs(world: World) -> None:
    done = asked(
        world,
        category="IFT2",
        cad="4711",
        risks=["none"],
        escort="nurse",
        infusion="alteplase",
        infusion_ends_at="03:50",
    )
    ends = datetime(2026, 11, 21, 3, 50, tzinfo=UTC)
    assert (done.escort, done.infusion, done.infusion_ends_at) == ("nurse", "alteplase", ends)
    assert (done.transfer_risks, done.transfer_rules, done.override) == ([], ambulance.VERSION, "")
    details = Event.objects.get(referral=done, verb="request_ambulance").details
    assert details["infusion_ends_at"] == ends.isoformat()
    assert details["transfer_rules"] == ambulance.VERSION


def test_who_asks_for_something_else_says_why_and_is_not_held_up(world: World) -> None:
    with pytest.raises(BadInput) as refusal:
        asked(world, category="IFT2", risks=["none", "airway"])
    assert "critical-care" in refusal.value.fields["override"]
    done = asked(world, category="IFT2", risks=["none", "airway"], override="no_team")
    assert (done.category, done.transfer_risks, done.override) == ("IFT2", ["airway"], "no_team")


def test_a_reason_that_is_not_needed_is_not_kept(world: World) -> None:
    done = asked(world, category="critical_care", risks=["seizures"], override="other")
    assert (done.transfer_risks, done.override) == (["seizures"], "")


def test_where_nobody_asked_about_risks_nothing_is_advised(world: World) -> None:
    done = asked(world, category="C3")
    assert (done.transfer_risks, done.transfer_rules) == (None, "")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"risks": ["lightning"]}, "risks"),
        ({"risks": {"airway": True}}, "risks"),
        ({"escort": "dog"}, "escort"),
        ({"infusion_ends_at": "soon"}, "infusion_ends_at"),
        ({"infusion": "x" * 81}, "infusion"),
        ({"risks": ["none"], "category": "IFT4"}, "override"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(world: World, said: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refusal:
        asked(world, **{"category": "IFT2"} | said)
    assert list(refusal.value.fields) == [field]
    assert not Event.objects.filter(verb="request_ambulance").exists()
