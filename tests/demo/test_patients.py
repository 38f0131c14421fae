"""The invented patients: every one of them could be referred, and together they look like the published figures."""

from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median, quantiles

import pytest

from demo import patients, plans, published
from network.models import Site
from referrals import facts, nhs_number
from referrals.facts import Stage
from referrals.states import DeclineReason, EndReason

NOW = datetime(2026, 11, 21, 3, 10, 42, 17, tzinfo=UTC)
SPOKE = Site(code="RBL14", thrombolyses=True, phone="+441514960152")


def test_five_hundred_patients_all_pass_the_form_at_every_stage() -> None:
    for seed in range(500):
        rng = Random(seed)
        now = NOW + timedelta(minutes=37 * seed)
        facts.check(patients.referred(rng, spoke=SPOKE, now=now), stage=Stage.REFER, now=now)
        facts.check(patients.admitted(rng, hub=SPOKE, now=now), stage=Stage.ADMIT, now=now)
        early = patients.suspected(rng, spoke=SPOKE, now=now)
        facts.check(early, stage=Stage.PRE_ALERT, now=now)
        later = now + timedelta(minutes=rng.uniform(0.2, 20))
        scanned = patients.scanned(rng, early, spoke=SPOKE, now=later)
        facts.check({**early, **scanned}, stage=Stage.REFER, now=later)


def test_the_patients_are_plausible_as_a_group() -> None:
    drawn = [patients.referred(Random(seed), spoke=SPOKE, now=NOW) for seed in range(2000)]
    assert all(
        str(one["nhs_number"]).startswith("999") and nhs_number.is_valid(str(one["nhs_number"]))
        for one in drawn
    )
    assert 14 <= median(int(one["nihss"]) for one in drawn) <= 17
    waits = [NOW - datetime.fromisoformat(str(one["arrived_at"])) for one in drawn]
    assert timedelta(minutes=39) <= min(waits)
    assert max(waits) <= timedelta(minutes=101)
    given = sum(one["thrombolysis"] == "given" for one in drawn) / len(drawn)
    assert 0.25 <= given <= 0.6


@pytest.mark.parametrize("name", sorted(published.intervals()))
def test_an_interval_has_the_published_quartiles(name: str) -> None:
    known = published.intervals()[name]
    rng = Random(name)
    low, middle, high = quantiles((known.draw(rng) for _ in range(20_000)), n=4)
    assert middle == pytest.approx(known.median, rel=0.03)
    # A log-normal has one spread on both sides; published quartiles are a little skewed beyond that.
    assert high / low == pytest.approx(known.p75 / known.p25, rel=0.05)


def test_door_in_door_out_is_the_published_one_for_those_referred_early() -> None:
    drawn = [plans.draw(seed, home=False, door_in=timedelta(0)).minutes for seed in range(4000)]
    assert median(m["request_ambulance"] + m["depart"] for m in drawn) == pytest.approx(135, rel=0.04)
    assert median(m["arrive"] for m in drawn) == pytest.approx(48, rel=0.04)
    assert median(m["end_procedure"] for m in drawn) == pytest.approx(41, rel=0.04)


def test_plans_name_only_reasons_and_outcomes_that_the_verbs_know() -> None:
    drawn = [plans.draw(seed, home=bool(seed % 2), door_in=timedelta(hours=1)) for seed in range(3000)]
    declines = {answer.reason for plan in drawn for answer in plan.answers if answer.kind == "decline"}
    assert len(declines) >= 5
    assert declines <= set(DeclineReason.values)
    ends = {plan.said["end"] for plan in drawn if plan.said["end"]} | {
        plan.said["withdraw"] for plan in drawn
    }
    assert ends <= set(EndReason.values)
    untreated = sum(plan.outcome == "not_treat" for plan in drawn) / len(drawn)
    assert untreated == pytest.approx(0.093, abs=0.02)
    assert all(plan.answers[-1].kind == "accept" for plan in drawn)


def test_a_plan_comes_back_from_its_row_as_it_was() -> None:
    plan = plans.draw(7, home=True, door_in=timedelta(hours=1))
    plan.texted.append(3)
    assert plans.Plan.of(plan.row()) == plan
