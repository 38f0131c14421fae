"""A message that must be confirmed goes on asking by the pager, without a word of it, until somebody confirms."""

from collections import Counter

import pytest

from paging.models import Escalation, Page, Reason
from referrals import crew, transitions
from referrals.conversation import confirming, crews, sending
from referrals.crew_link import CrewLink
from referrals.models import Message
from referrals.states import State
from tests.frontend.browser import Phones, tick
from tests.world import World


@pytest.fixture
def phones() -> Phones:
    """A provider that takes every text."""
    return Phones()


def asked(world: World) -> Message:
    """Ada's message to the hub's operator, in a case that has been accepted: nothing else climbs."""
    referral = world.refers()
    transitions.accept(referral.code, **world.press("ben"))
    return sending.send(referral.code, text="Secret words", to="operator", confirm=True, **world.press("ada"))


def pages() -> list[Page]:
    found = Page.objects.filter(escalation__reason=Reason.MESSAGE, sent_at__isnull=False)
    return list(found.select_related("person", "escalation").order_by("pk"))


def rounds(world: World, phones: Phones, *, seconds: list[int]) -> list[set[str]]:
    """Who is sent a text at each of these ticks."""
    found = []
    for wait in seconds:
        before = {page.pk for page in pages()}
        tick(world, phones, after=wait)
        found.append({page.person.username for page in pages() if page.pk not in before and page.person})
    return found


def test_it_asks_who_has_it_to_do_then_all_of_that_role_and_goes_on(world: World, phones: Phones) -> None:
    asked(world)
    everybody = {"ben", "cleo", "dev", "ivy", "sam"}
    assert rounds(world, phones, seconds=[0, 60, 180, 240, 120, 180, 300]) == [
        {"ben"},  # without a browser to wake, the text goes at once
        set(),
        everybody,
        everybody | {"nia"},
        set(),
        everybody | {"nia"},
        everybody | {"nia"},
    ]


def test_it_ends_when_somebody_confirms_and_says_who(world: World, phones: Phones) -> None:
    message = asked(world)
    tick(world, phones)
    confirming.confirm(message.referral.code, message.number, **world.press("cleo"))
    assert rounds(world, phones, seconds=[1, 300, 600]) == [set(), set(), set()]
    (climb,) = Escalation.objects.filter(reason=Reason.MESSAGE)
    assert climb.closed_at is not None
    assert climb.answered_by == world.people["cleo"]


def test_it_ends_with_the_patients_way(world: World, phones: Phones) -> None:
    message = asked(world)
    tick(world, phones)
    transitions.stand_down(message.referral.code, reason="worse", **world.press("ada"))
    assert rounds(world, phones, seconds=[1, 300]) == [set(), set()]
    assert not Escalation.objects.filter(reason=Reason.MESSAGE, closed_at=None).exists()


def test_to_a_crew_it_climbs_to_the_coordinator_after_their_few_minutes(world: World, phones: Phones) -> None:
    referral = world.a_referral(State.DEPARTED)
    crew.link_crew(referral.code, **world.press("ada"))
    sending.send(referral.code, text="Secret words", to="crew", confirm=True, **world.press("ben"))
    found = rounds(world, phones, seconds=[0, 60, 180, 60, 180])
    assert found == [set(), set(), {"nia"}, set(), {"nia"}]
    secret = crew.secret_of(CrewLink.objects.get().seed)
    crews.confirm(secret, 1, now=world.now)
    assert rounds(world, phones, seconds=[1, 300]) == [set(), set()]
    assert not Escalation.objects.filter(reason=Reason.MESSAGE, closed_at=None).exists()


def test_each_message_has_one_climb_however_often_the_pager_looks(world: World, phones: Phones) -> None:
    message = asked(world)
    sending.send(message.referral.code, text="And?", to="spoke", confirm=True, **world.press("ben"))
    for _ in range(3):
        tick(world, phones, after=1)
    climbs = Counter(Escalation.objects.filter(reason=Reason.MESSAGE).values_list("subject", flat=True))
    assert climbs == {f"{message.referral.code} 1": 1, f"{message.referral.code} 2": 1}
