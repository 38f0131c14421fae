"""Who is paged, when, until somebody answers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from network.models import Membership, Person, Role
from paging import queries, rungs, waits, whom
from paging.models import Escalation, Fate, Ladder, Page, Reason
from paging.simulator import segments
from referrals import transitions
from referrals.models import Offer, OfferState, Referral
from referrals.states import State
from tests.paging.night import Night
from workforce.models import Shift


def test_the_first_on_call_is_paged_in_the_first_tick_and_nobody_else(night: Night) -> None:
    referral = night.world.refers()
    night.tick()
    local = timezone.localtime(night.now).strftime("%H:%M")
    text = night.phone("ben").expects(
        f"STROKE {referral.code} from Arrowe Park for Walton {local}.", "Reply "
    )
    assert segments.count(text) == 1
    assert f"/r/{referral.code}/" in text
    assert night.fates("ben") == [(Fate.DELIVERED, "")]
    night.is_silent()


def test_an_unanswered_offer_climbs_the_whole_ladder(night: Night) -> None:
    referral = night.refers()
    night.phone("ben").expects(referral.code)
    night.wind(seconds=89)
    night.is_silent()
    night.wind(seconds=1)
    night.hears(ben=f"STROKE {referral.code}")
    night.wind(seconds=89)
    night.is_silent()
    night.wind(seconds=1)
    night.hears(cleo="accept", sam="accept")
    assert queries.climbs([referral])[referral.pk][0].phone_now_since is None
    night.wind(minutes=2)
    night.hears(ben="accept", cleo="accept", sam="accept", ivy="accept", dev="accept", nia="has not answered")
    assert queries.climbs([referral])[referral.pk][0].phone_now_since == night.now
    night.wind(minutes=3)
    referral.refresh_from_db()
    assert referral.state == State.UNPLACED
    night.hears(nia="has NO HUB")
    night.wind(minutes=1)
    night.hears(nia="has NO HUB", lea="has NO HUB")
    assert [round(seconds) for seconds, _ in night.paged()] == [0, 90, 180, 180, *[300] * 6, 480, 540, 540]


def test_the_alarm_repeats_each_minute_until_somebody_takes_it(night: Night) -> None:
    night.world.a_referral(State.UNPLACED)
    night.works()
    night.hears(nia="has NO HUB")
    for _ in range(3):
        night.wind(minutes=1)
        night.hears(nia="has NO HUB", lea="has NO HUB")
    night.phone("lea").replies(night.phone("lea").code, "You are dealing with")
    assert night.alarm().taken_by == night.world.people["lea"]
    night.wind(minutes=9, seconds=59)
    night.is_silent()
    night.wind(seconds=1)
    night.hears(nia="has NO HUB", lea="has NO HUB")
    assert night.alarm().taken_by is None, "a screen would say that Lea still deals with it"


def test_an_alarm_that_was_taken_cannot_be_taken_by_another(night: Night) -> None:
    referral = night.world.a_referral(State.UNPLACED)
    night.works()
    night.wind(minutes=1)
    for username in ["nia", "lea"]:
        night.phone(username).expects("NO HUB")
    night.phone("nia").expects("NO HUB")
    night.phone("lea").replies(night.phone("lea").code, "You are dealing with")
    night.phone("nia").replies(night.phone("nia").code, f"Lea Frost is already dealing with {referral.code}")
    assert night.alarm().taken_by == night.world.people["lea"]


def test_a_coordinator_who_cannot_deal_with_it_brings_the_lead_at_once(night: Night) -> None:
    night.world.a_referral(State.UNPLACED)
    night.works()
    night.phone("nia").expects("NO HUB")
    night.phone("nia").replies(f"X{night.phone('nia').code}", "Noted.", "others are paged")
    night.works()
    night.hears(nia="NO HUB", lea="NO HUB")


def test_a_network_that_allows_it_goes_on_to_the_next_hub(night: Night) -> None:
    network = night.world.networks["cheshire-and-merseyside"]
    network.offers_next_hub = True
    network.save()
    referral = night.refers()
    night.wind(minutes=7, seconds=59)
    night.forgets()
    night.wind(seconds=1)
    night.hears(mo=f"STROKE {referral.code} from Arrowe Park for Salford")
    referral.refresh_from_db()
    assert referral.state == State.REFERRED
    offers = Offer.objects.filter(referral=referral).order_by("pk").values_list("hub__code", "state")
    assert list(offers) == [("RET20", OfferState.LAPSED), ("RM301", OfferState.OPEN)]


def test_after_the_last_hub_the_patient_is_unplaced(night: Night) -> None:
    network = night.world.networks["cheshire-and-merseyside"]
    network.offers_next_hub = True
    network.save()
    referral = night.refers()
    night.wind(minutes=25, seconds=10)
    night.forgets()
    referral.refresh_from_db()
    assert referral.state == State.UNPLACED
    assert {offer.hub.code for offer in Offer.objects.filter(referral=referral)} == {
        "RET20",
        "RM301",
        "RR801",
    }
    assert night.alarm().alarm_since is not None


def test_a_hub_that_cannot_be_offered_still_leaves_the_patient_to_the_coordinator(night: Night) -> None:
    network = night.world.networks["cheshire-and-merseyside"]
    network.offers_next_hub = True
    network.save()
    for code in ["RM301", "RR801"]:
        night.world.sites[code].is_hub = False
        night.world.sites[code].save()
    referral = night.refers()
    night.wind(minutes=8)
    night.forgets()
    referral.refresh_from_db()
    assert referral.state == State.UNPLACED


def test_nobody_is_paged_any_more_once_the_web_has_accepted(night: Night) -> None:
    referral = night.refers()
    night.phone("ben").expects(referral.code)
    night.wind(seconds=30)
    transitions.accept(referral.code, **night.world.press("ben"))
    night.wind(minutes=20, step=300)
    assert night.paged() == [(0.0, "ben")]
    assert not Escalation.objects.filter(closed_at=None).exists()


def test_nobody_is_paged_for_a_referral_that_was_withdrawn(night: Night) -> None:
    referral = night.refers()
    night.phone("ben").expects(referral.code)
    transitions.withdraw(referral.code, reason="improved", **night.world.press("ada"))
    night.wind(minutes=20, step=300)
    assert night.paged() == [(0.0, "ben")]


def test_a_page_that_was_not_sent_yet_is_not_needed_after_the_answer(night: Night) -> None:
    referral = night.world.refers()
    waits.open_for_waiting(now=night.now)
    rungs.climb(now=night.now, channels=frozenset({"sms"}))
    transitions.accept(referral.code, **night.world.press("cleo"))
    night.works()
    assert night.fates("ben") == [(Fate.CANCELLED, "")]


def test_an_acceptance_at_one_hub_ends_the_other_hubs_climb(night: Night) -> None:
    referral = night.refers("RET20", "RM301")
    night.hears(ben="for Walton", mo="for Salford")
    transitions.accept(referral.code, hub="RM301", **night.world.press("mo"))
    night.wind(minutes=20, step=300)
    assert {username for _, username in night.paged()} == {"ben", "mo"}


def test_a_decline_at_one_hub_leaves_the_other_hubs_climb_alone(night: Night) -> None:
    night.refers("RET20", "RM301")
    night.phone("mo").expects("for Salford")
    night.phone("ben").expects("for Walton")
    night.phone("ben").replies(f"X{night.phone('ben').code}", "You have declined")
    night.wind(seconds=90)
    night.hears(mo="for Salford")
    assert night.alarm().hub == night.world.sites["RM301"]


def test_the_last_decline_pages_the_coordinator_at_once(night: Night) -> None:
    referral = night.refers()
    night.phone("ben").expects(referral.code)
    transitions.decline(referral.code, reason="no_suite", **night.world.press("ben"))
    night.works()
    night.hears(nia=f"STROKE {referral.code} from Arrowe Park has NO HUB")


def test_an_empty_rung_is_climbed_over_at_once(night: Night) -> None:
    Shift.objects.filter(person__username="ben").delete()
    night.refers()
    night.hears(cleo="accept", sam="accept")
    night.wind(minutes=2)
    assert {username for seconds, username in night.paged() if seconds == 120} >= {"ivy", "dev", "nia"}
    night.forgets()


def test_people_without_a_phone_and_people_who_were_disabled_are_climbed_over(night: Night) -> None:
    Person.objects.filter(username="ben").update(phone="")
    Person.objects.filter(username="cleo").update(is_active=False)
    night.refers()
    night.hears(sam="accept")


def test_a_hub_where_nobody_can_be_reached_leaves_the_patient_to_the_coordinator_at_once(
    night: Night,
) -> None:
    Shift.objects.all().delete()
    Person.objects.filter(memberships__role=Role.OPERATOR).update(phone="")
    nia = night.world.people["nia"]
    Membership.objects.filter(person=nia).update(until=night.now + timedelta(minutes=1))
    night.refers()
    night.hears(nia="has not answered")
    Membership.objects.filter(person=nia).update(until=None)
    night.wind(minutes=3)
    night.hears(nia="has NO HUB")


def test_a_referral_that_is_not_waiting_pages_nobody(night: Night) -> None:
    night.world.a_referral(State.PRE_ALERTED)
    night.world.a_referral(State.ACCEPTED)
    night.world.a_referral(State.TREATED)
    night.wind(minutes=10, step=300)
    assert not Page.objects.exists()


def test_a_new_ladder_is_for_new_climbs_and_a_hub_s_own_goes_before_the_network_s(night: Night) -> None:
    old = night.refers()
    night.phone("ben").expects(old.code)
    rungs = [{"after": 0, "to": ["second"]}, {"after": 60, "to": [], "hand_on": True}]
    everybody = [{"after": 0, "to": ["operators"]}, {"after": 60, "to": [], "hand_on": True}]
    for hub, ladder in [(night.world.sites["RET20"], rungs), (None, everybody)]:
        Ladder.objects.create(hub=hub, reason=Reason.OFFER, version=2, rungs=ladder, made_at=night.now)
    new = night.refers("RET20", "RM301")
    night.hears(cleo=new.code, mo=new.code)
    night.wind(seconds=90)
    night.forgets()
    assert [page.rung for page in night.pages("ben", escalation__referral=old)] == [0, 1]
    assert Referral.objects.get(pk=new.pk).state == State.UNPLACED
    assert {e.ladder_version for e in Escalation.objects.filter(referral=old)} == {1}


def test_a_broken_ladder_is_replaced_by_dido_s_own_and_said_aloud(night: Night) -> None:
    night.allowed_errors = {"ladder_broken"}
    broken: list[object] = [
        [],
        [{"after": 0, "to": ["frist"]}],
        [{"to": ["first"]}],
        [{"after": "0", "to": []}],
        [7],
    ]
    for version, rows in enumerate(broken, start=2):
        Ladder.objects.create(hub=None, reason=Reason.OFFER, version=version, rungs=rows, made_at=night.now)
        referral = night.refers()
        night.hears(ben=referral.code)


def test_an_open_climb_whose_ladder_was_spoiled_goes_on_with_dido_s_own(night: Night) -> None:
    night.allowed_errors = {"ladder_broken"}
    referral = night.refers()
    night.phone("ben").expects(referral.code)
    Escalation.objects.update(rungs=[{"bad": "luck"}])
    night.wind(seconds=90)
    night.hears(cleo=referral.code, sam=referral.code)  # no call can be made here: the next rung


def test_one_escalation_that_fails_holds_up_no_other(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    night.allowed_errors = {"climb_failed"}
    bad = night.world.refers()
    good = night.world.refers()
    people = whom.people

    def failing(rung: object, escalation: Escalation, **at: object) -> list[Person]:
        if escalation.referral_id == bad.pk:
            raise ValueError(f"row of {bad.family_name}")
        return people(rung, escalation, **at)  # type: ignore[arg-type]

    monkeypatch.setattr(whom, "people", failing)
    night.works()
    night.hears(ben=good.code)
    monkeypatch.undo()
    night.wind(seconds=5)
    night.hears(ben=bad.code)


def test_an_answer_on_a_screen_answers_the_persons_page_too(night: Night) -> None:
    referral = night.world.refers()
    night.works()
    night.hears(ben=referral.code)
    transitions.accept(referral.code, **night.world.press("ben"))
    night.wind(seconds=2)
    fates = Page.objects.filter(escalation__referral=referral).values_list("person__username", "fate")
    assert list(fates) == [("ben", "answered")]
    night.is_silent()
