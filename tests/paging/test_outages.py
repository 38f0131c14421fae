"""After an outage of the pager nothing is sent blindly: is this still the person whom the rung means?"""

from paging import rungs, sending, waits
from paging.models import Fate, Page
from tests.paging.night import Night
from workforce.models import Duty, Shift


def test_after_an_outage_nobody_is_paged_who_is_no_longer_on_call(night: Night) -> None:
    night.world.refers()
    waits.open_for_waiting(now=night.now)
    rungs.climb(now=night.now, channels=frozenset({"sms"}))  # and here the pager dies
    night.sleeps(minutes=5)
    Shift.objects.filter(person__username="ben").update(person=night.world.people["ivy"])
    night.works()
    assert night.fates("ben") == [(Fate.CANCELLED, "")]
    night.phone("ivy").expects("accept")
    night.forgets()


def test_after_an_outage_a_page_that_was_claimed_by_the_dead_is_looked_at_again(night: Night) -> None:
    night.world.refers()
    waits.open_for_waiting(now=night.now)
    rungs.climb(now=night.now, channels=frozenset({"sms"}))
    assert len(sending.claim(now=night.now, most=9)) == 1
    night.sleeps(minutes=5)
    Shift.objects.filter(duty=Duty.FIRST, hub__code="RET20").update(person=night.world.people["ivy"])
    night.works()
    assert night.fates("ben") == [(Fate.CANCELLED, "")]
    assert Page.objects.filter(person=night.world.people["ivy"], fate=Fate.DELIVERED).exists()
    night.forgets()


def test_after_an_outage_who_is_still_on_call_is_paged(night: Night) -> None:
    referral = night.world.refers()
    waits.open_for_waiting(now=night.now)
    rungs.climb(now=night.now, channels=frozenset({"sms"}))
    night.sleeps(minutes=5)
    night.works()
    assert night.phone("ben").expects(referral.code)
    night.forgets()
