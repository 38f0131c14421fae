"""A stand-down reaches exactly those who were alerted, once, and each says that they have seen it."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from paging import standing_down
from paging.models import Escalation, Page, Reason
from referrals import crew, entry, remarks, transitions
from referrals.crew_link import CrewLink
from referrals.models import Event, Referral
from tests.paging.night import Night
from tests.world import facts


def taken(night: Night, *, from_hubs: tuple[str, ...] = ("RET20",)) -> Referral:
    """A patient whom ben took by text, after cleo was paged too; nobody's phone holds anything unread."""
    referral = night.refers(*from_hubs)
    night.wind(minutes=4)
    transitions.accept(referral.code, hub="RET20", **night.world.press("ben"))
    night.tick()
    night.forgets()
    return referral


def known(night: Night, referral: Referral) -> dict[str, bool]:
    referral.refresh_from_db()
    found = standing_down.of(referral, list(referral.events.order_by("number")), now=night.now)
    assert found
    return {one.name: one.seen_at is not None for one in found.told}


def test_those_who_were_alerted_hear_of_it_once_and_nobody_else(night: Night) -> None:
    referral = taken(night, from_hubs=("RET20", "RM301"))
    transitions.stand_down(referral.code, reason="improved", **night.world.press("ada"))
    night.tick()
    # Salford's ladder had come to the coordinator; mo's offer ended with ben's acceptance.
    night.hears(ben="STOOD DOWN", cleo="STOOD DOWN", sam="STOOD DOWN", nia="STOOD DOWN")
    night.wind(minutes=20)
    night.is_silent()
    assert Escalation.objects.filter(reason=Reason.STOOD).count() == 1


def test_each_shows_that_they_have_seen_it_by_a_reply_or_on_the_screen(night: Night) -> None:
    referral = taken(night)
    transitions.stand_down(referral.code, reason="improved", **night.world.press("ada"))
    night.tick()
    night.forgets()
    assert known(night, referral) == {"Ben Hale": False, "Cleo Marsh": False, "Sam Quist": False}
    page = Page.objects.get(escalation__reason=Reason.STOOD, person=night.world.people["cleo"], channel="sms")
    night.phone("cleo").replies(page.reply_code, "You have seen that", referral.code)
    remarks.noted(referral.code, **night.world.press("ben"))
    assert known(night, referral) == {"Ben Hale": True, "Cleo Marsh": True, "Sam Quist": False}
    assert [e.via for e in Event.objects.filter(verb="noted").order_by("number")] == ["sms", "web"]


def test_whoever_ends_it_need_not_be_told(night: Night) -> None:
    referral = taken(night)
    transitions.stand_down(referral.code, reason="worse", **night.world.press("ben"))
    night.tick()
    assert "Ben Hale" not in known(night, referral)
    assert "Ada Okoro" in known(night, referral), "whoever referred is told by the hub"
    night.forgets()


def test_the_crew_has_seen_it_when_their_phone_has_shown_it(night: Night) -> None:
    referral = taken(night)
    transitions.request_ambulance(referral.code, category="C2", **night.world.press("ada"))
    crew.link_crew(referral.code, **night.world.press("ada"))
    secret = crew.secret_of(CrewLink.objects.get().seed)
    crew.opened(secret, now=night.now)
    night.world.wind(minutes=1)
    transitions.stand_down(referral.code, reason="improved", **night.world.press("ada"))
    referral.refresh_from_db()
    before = standing_down.of(referral, [], now=night.now)
    assert before
    assert (before.crew_linked, before.crew_seen_at) == (True, None)
    crew.opened(secret, now=night.world.wind(seconds=40))
    after = standing_down.of(referral, [], now=night.now)
    assert after
    assert after.crew_seen_at == night.now
    night.tick()
    night.forgets()


def test_after_a_long_outage_nobody_is_woken_for_it(night: Night) -> None:
    referral = taken(night)
    transitions.stand_down(referral.code, reason="improved", **night.world.press("ada"))
    night.world.wind(seconds=(standing_down.LATELY + timedelta(seconds=1)).total_seconds())
    night.tick()
    night.is_silent()


def test_a_stand_down_that_is_written_down_late_is_told_all_the_same(night: Night) -> None:
    referral = taken(night)
    night.wind(minutes=30)
    press = night.world.press("ada") | {"at": night.now - timedelta(minutes=20), "now": night.now}
    transitions.stand_down(referral.code, reason="improved", **press)
    night.tick()
    night.hears(ben="STOOD DOWN", cleo="STOOD DOWN", sam="STOOD DOWN")


def test_whoever_got_ready_hears_that_the_patient_is_not_treated_at_the_door(night: Night) -> None:
    referral = taken(night)
    transitions.request_ambulance(referral.code, category="C2", **night.world.press("ada"))
    transitions.depart(referral.code, **night.world.press("ada"))
    transitions.arrive(referral.code, **night.world.press("ben"))
    transitions.not_treat(referral.code, reason="haemorrhage", **night.world.press("ben"))
    # The bed back is asked for in the same minute: it is told all the same.
    transitions.request_repatriation(referral.code, **night.world.press("ben"))
    night.tick()
    night.hears(ada="STOOD DOWN", cleo="STOOD DOWN", sam="STOOD DOWN")
    remarks.noted(referral.code, **night.world.press("ada"))
    assert known(night, referral) == {"Ada Okoro": True, "Cleo Marsh": False, "Sam Quist": False}
    night.wind(minutes=20)
    night.is_silent()
    assert Escalation.objects.filter(reason=Reason.STOOD).count() == 1


def test_whoever_came_straight_to_the_hub_was_awaited_by_nobody(night: Night) -> None:
    said = facts(night.now)
    entered = entry.admit(hub="RET20", said=said, **night.world.press("ben"))
    transitions.not_treat(entered.referral.code, reason="recanalised", **night.world.press("cleo"))
    night.tick()
    night.is_silent()


def test_it_costs_the_same_to_tell_many_as_few(night: Night) -> None:
    counted = []
    for among in ((), ("cleo", "sam", "ivy", "dev", "hob")):
        referral = taken(night)
        for who in among:
            remarks.ask(referral.code, text="Where is the patient?", **night.world.press(who))
        transitions.stand_down(referral.code, reason="improved", **night.world.press("ada"))
        with CaptureQueriesContext(connection) as asked:
            told = standing_down.alerted(referral.code, at=night.now)
        counted.append((len(asked), len(told)))
    (few, some), (many, more) = counted
    assert more > some
    assert many == few
