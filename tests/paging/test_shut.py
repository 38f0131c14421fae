"""A hub that closes while a patient is offered to it: the ladder moves at once, and nobody there is paged."""

from datetime import timedelta

from network import hours
from network.week import DAYS
from paging.models import Ladder, Reason
from referrals import remarks
from referrals.models import Offer, OfferState, Referral
from tests.paging.night import Night


def shuts(night: Night, code: str = "RET20") -> None:
    hours.close(
        night.world.sites[code],
        since=night.now,
        until=night.now + timedelta(hours=3),
        reason="The suite has no power",
        by=night.world.people["nia"],
        at=night.now,
    )


def offers(referral: Referral) -> list[tuple[str, str]]:
    rows = Offer.objects.filter(referral=referral).order_by("pk")
    return list(rows.values_list("hub__code", "state"))


def passes(night: Night) -> None:
    """Five seconds, in which the pager ticks as it does."""
    for _ in range(5):
        night.wind(seconds=1)


def goes_on(night: Night) -> None:
    network = night.world.networks["cheshire-and-merseyside"]
    network.offers_next_hub = True
    network.save()


def test_an_offer_to_a_hub_that_closes_moves_within_five_seconds(night: Night) -> None:
    goes_on(night)
    referral = night.refers()
    night.hears(ben=f"STROKE {referral.code}")
    night.wind(seconds=40)
    shuts(night)
    passes(night)
    assert offers(referral) == [("RET20", OfferState.LAPSED), ("RM301", OfferState.OPEN)]
    night.phone("mo").expects(f"STROKE {referral.code}")
    assert night.phone("cleo").new() == [], "nobody else of the closed hub is paged"
    night.forgets()


def test_without_a_next_hub_the_coordinator_hears_of_it_within_five_seconds(night: Night) -> None:
    referral = night.refers()
    night.wind(seconds=40)
    shuts(night)
    passes(night)
    assert offers(referral) == [("RET20", OfferState.LAPSED)]
    assert any("NO HUB" in text for text in night.phone("nia").new())
    night.forgets()


def test_a_hub_that_was_closed_already_when_it_was_asked_is_paged_like_any_other(night: Night) -> None:
    shuts(night)
    night.wind(minutes=1)
    referral = night.refers()
    night.hears(ben=f"STROKE {referral.code}")
    night.wind(seconds=30)
    assert offers(referral) == [("RET20", OfferState.OPEN)]


def test_hours_that_end_hurry_an_offer_as_a_closure_does(night: Night) -> None:
    goes_on(night)
    until = (night.now + timedelta(minutes=1)).strftime("%H:%M")
    hours.put(
        night.world.sites["RET20"],
        [[["00:00", until, ""]]] * len(DAYS),
        network=None,
        since=night.now.date(),
        until=None,
        reason="Until then",
        by=night.world.people["nia"],
        at=night.now,
    )
    referral = night.refers()
    night.wind(seconds=59)
    assert offers(referral) == [("RET20", OfferState.OPEN)]
    night.wind(seconds=1)
    passes(night)
    assert offers(referral)[-1] == ("RM301", OfferState.OPEN)
    night.forgets()


def test_somebody_who_looks_is_not_hurried(night: Night) -> None:
    goes_on(night)
    referral = night.refers()
    night.hears(ben=f"STROKE {referral.code}")
    remarks.seen(referral.code, hub="RET20", **night.world.press("ben"))
    night.wind(seconds=1)
    shuts(night)
    passes(night)
    assert offers(referral) == [("RET20", OfferState.OPEN)]


def test_a_ladder_that_hands_nobody_on_is_climbed_as_it_stands(night: Night) -> None:
    rungs = [
        {"after": 0, "to": ["first"], "by": ["sms"]},
        {"after": 180, "to": ["operators", "coordinator"], "by": ["sms"]},
    ]
    hub = night.world.sites["RET20"]
    Ladder.objects.create(hub=hub, reason=Reason.OFFER, version=1, rungs=rungs, made_at=night.now)
    referral = night.refers()
    night.hears(ben=f"STROKE {referral.code}")
    night.wind(seconds=40)
    shuts(night)
    passes(night)
    assert night.phone("nia").new() == [], "nobody is hurried to"
    night.wind(minutes=3)
    assert len(night.phone("nia").new()) == 1, "and nobody is paged again and again"
    night.forgets()
