"""Two ways out for texts: what one cannot do the other does, in the same second, and no page is ever lost."""

from datetime import timedelta
from functools import partial

import pytest

from paging import engine, marking, routes, rungs, sending, waits
from paging.models import Callback, Escalation, Fate, Page, Provider, Reason
from paging.transports.contract import Kind, Order, Outcome
from referrals import transitions
from tests.paging import tables
from tests.paging.tables import Postbox, Tables
from tests.together import at_once
from tests.world import World

DOWN = Outcome(Kind.AGAIN, error="unanswered")
REFUSED = Outcome(Kind.REFUSED, error="20003")


@pytest.fixture
def twilio() -> Postbox:
    return Postbox("twilio")


@pytest.fixture
def notify() -> Postbox:
    return Postbox("notify")


@pytest.fixture
def desk(world: World, twilio: Postbox, notify: Postbox, monkeypatch: pytest.MonkeyPatch) -> Tables:
    tables.with_texts_only(world.now)
    return tables.over(world, twilio, notify, monkeypatch=monkeypatch)


def _hurried(desk: Tables) -> bool:
    return desk.climb(Reason.OFFER).next_at == desk.now


def _troubled() -> dict[str, str]:
    return dict(Provider.objects.exclude(troubled_since=None).values_list("name", "error"))


def test_while_the_first_works_the_second_has_nothing_to_do(
    desk: Tables, twilio: Postbox, notify: Postbox
) -> None:
    desk.refers()
    assert (len(twilio.taken), len(notify.taken)) == (1, 0)
    assert desk.page("ben").provider == "twilio"
    assert _troubled() == {}


def test_a_page_that_the_first_does_not_take_is_carried_by_the_second_in_the_same_second(
    desk: Tables, twilio: Postbox, notify: Postbox
) -> None:
    twilio.always = DOWN
    desk.refers()
    page = desk.page("ben")
    assert (page.fate, page.provider, page.sent_at, page.error) == (Fate.SENT, "notify", desk.now, "")
    assert (len(twilio.taken), len(notify.taken)) == (1, 1)
    assert not _hurried(desk)
    assert twilio.orders == notify.orders


def test_after_two_faults_the_first_is_passed_over_until_fifteen_seconds_have_gone(
    desk: Tables, twilio: Postbox, notify: Postbox
) -> None:
    twilio.always = DOWN
    for _ in range(4):
        desk.refers()
    assert (len(twilio.taken), len(notify.taken)) == (2, 4)
    assert _troubled() == {"twilio": "unanswered"}
    desk.world.wind(seconds=14)
    desk.refers()
    assert len(twilio.taken) == 2
    desk.world.wind(seconds=1)
    desk.refers()
    assert len(twilio.taken) == 3
    desk.refers()
    assert len(twilio.taken) == 3, "it has just shown that it does not work yet"


def test_the_first_is_used_again_as_soon_as_it_has_shown_that_it_works(
    desk: Tables, twilio: Postbox, notify: Postbox
) -> None:
    twilio.answers = [DOWN, DOWN]
    for _ in range(3):
        desk.refers()
    desk.world.wind(seconds=15)
    for _ in range(3):
        desk.refers()
    assert (len(twilio.taken), len(notify.taken)) == (2 + 3, 3)
    assert _troubled() == {}


def test_of_many_pages_that_leave_at_once_one_finds_out_whether_the_first_works_again(
    desk: Tables, twilio: Postbox, notify: Postbox
) -> None:
    """The others would each wait for its time-out."""
    twilio.always = DOWN
    desk.refers()
    desk.refers()
    desk.world.wind(seconds=15)
    for _ in range(5):
        desk.world.refers()
    desk.works()
    assert (len(twilio.taken), len(notify.taken)) == (2 + 1, 2 + 5)


@pytest.mark.parametrize("fault", [DOWN, Outcome(Kind.REFUSED, error="21614")])
def test_one_fault_between_successes_passes_over_nobody(
    desk: Tables, twilio: Postbox, fault: Outcome
) -> None:
    for _ in range(3):
        twilio.answers = [fault]
        desk.refers()
        desk.refers()
    assert len(twilio.taken) >= 6
    assert _troubled() == {}


def test_an_account_that_is_refused_is_passed_over_at_once_and_its_owner_paged_by_the_other_provider(
    desk: Tables, twilio: Postbox, notify: Postbox, settings: object
) -> None:
    settings.PLATFORM_OWNER = "hob"  # type: ignore[attr-defined]
    twilio.always = REFUSED
    desk.refers()
    desk.refers()
    assert len(twilio.taken) == 1
    assert _troubled() == {"twilio": "20003"}
    owner = desk.page("hob")
    assert (owner.fate, owner.provider, owner.sent_at) == (Fate.SENT, "notify", desk.now)
    (words,) = [order.words for order in notify.orders if order.to == owner.phone]
    assert "twilio says our account at the provider is refused" in words
    assert [page.provider for page in desk.pages("ben")] == ["notify", "notify"]


def test_when_every_provider_fails_the_page_is_tried_all_the_same_and_the_ladder_hurried(
    desk: Tables, twilio: Postbox, notify: Postbox
) -> None:
    twilio.always = notify.always = DOWN
    desk.refers()
    began = desk.now
    desk.wind(seconds=10, step=1)
    page = desk.pages("ben")[0]
    assert (page.fate, page.attempt, page.error) == (Fate.FAILED, 3, "unanswered")
    assert set(Page.objects.filter(rung=2).values_list("person__username", flat=True)) == {"cleo", "sam"}
    assert all(p.due_at - began <= timedelta(seconds=10) for p in Page.objects.filter(rung=2))
    assert min(len(twilio.taken), len(notify.taken)) >= 6, "passed over is not left out"
    assert set(_troubled()) == {"twilio", "notify"}


@pytest.mark.parametrize("code", ["30007", "30036", "30002"])
def test_what_the_first_could_not_deliver_is_carried_by_the_second_at_once(
    desk: Tables, twilio: Postbox, notify: Postbox, code: str
) -> None:
    desk.refers()
    desk.world.wind(seconds=20)
    page = desk.page("ben")
    desk.reports(page, "undelivered", code)
    assert not _hurried(desk)
    desk.works()
    again = desk.page("ben")
    assert (again.pk, again.provider, again.sent_at) == (page.pk, "notify", desk.now)
    assert twilio.taken == notify.taken == [page.phone]
    assert notify.orders[0].words == twilio.orders[0].words, "the same code answers both"


def test_what_the_second_cannot_deliver_either_hurries_the_ladder(desk: Tables) -> None:
    desk.refers()
    desk.reports(desk.page("ben"), "undelivered", "30007")
    desk.works()
    desk.reports(desk.page("ben"), "technical-failure")
    assert desk.fates("ben") == [(Fate.FAILED, "technical-failure")]
    assert _hurried(desk)


def test_where_the_second_does_not_answer_the_first_carries_it_once_more(
    desk: Tables, twilio: Postbox, notify: Postbox
) -> None:
    desk.refers()
    notify.always = DOWN
    desk.reports(desk.page("ben"), "undelivered", "30007")
    desk.works()
    assert desk.page("ben").provider == "twilio"
    assert (len(twilio.taken), len(notify.taken)) == (2, 1)


def test_the_second_has_its_own_tries_whatever_the_first_took(
    desk: Tables, twilio: Postbox, notify: Postbox
) -> None:
    twilio.answers, notify.answers = [DOWN, DOWN], [DOWN, DOWN]
    desk.refers()
    desk.wind(seconds=5, step=1)
    assert desk.page("ben").attempt == 3
    twilio.always = notify.always = DOWN
    desk.reports(desk.page("ben"), "undelivered", "30007")
    desk.works()
    notify.always = None
    desk.wind(seconds=4, step=1)
    assert (desk.page("ben").fate, desk.page("ben").provider) == (Fate.SENT, "notify")


def test_a_late_report_of_the_first_does_not_touch_what_the_second_carries(desk: Tables) -> None:
    desk.refers()
    first = desk.page("ben")
    desk.reports(first, "undelivered", "30007")
    desk.reports(first, "delivered")  # between the two
    assert desk.page("ben").fate == Fate.DUE
    desk.works()
    second = desk.page("ben")
    desk.reports(first, "failed", "30006")
    desk.reports(first, "read")
    assert (desk.page("ben").fate, desk.page("ben").error) == (Fate.SENT, "")
    assert desk.person("ben").phone_trouble == ""
    desk.reports(second, "delivered")
    assert desk.page("ben").fate == Fate.DELIVERED
    assert Callback.objects.filter(provider_id=first.provider_id).count() == 4


def test_a_late_report_of_the_first_while_the_second_is_sending_changes_nothing(desk: Tables) -> None:
    desk.refers()
    first = desk.page("ben")
    desk.reports(first, "undelivered", "30007")
    (claimed,) = sending.claim(now=desk.now, most=9)
    desk.reports(first, "failed", "30006")
    assert desk.page("ben").fate == Fate.SENDING
    sending.deliver(claimed, routes=desk.routes, clock=desk.clock)
    assert (desk.page("ben").fate, desk.page("ben").provider) == (Fate.SENT, "notify")


def test_the_late_word_of_a_pager_thought_dead_does_not_touch_what_the_second_carries(desk: Tables) -> None:
    desk.world.refers()
    waits.open_for_waiting(now=desk.now)
    rungs.climb(now=desk.now, channels=desk.routes.channels)
    (zombie,) = sending.claim(now=desk.now, most=9)
    desk.world.wind(seconds=16)
    desk.works()
    desk.reports(desk.page("ben"), "undelivered", "30007")
    assert len(sending.claim(now=desk.now, most=9)) == 1
    before = Page.objects.values().get()
    marking.mark(zombie, routes.Sent(Outcome(Kind.REFUSED, error="21614"), "twilio"), now=desk.now)
    assert Page.objects.values().get() == before


def test_an_answer_ends_what_was_to_be_carried_by_the_second(desk: Tables, notify: Postbox) -> None:
    referral = desk.refers()
    desk.reports(desk.page("ben"), "undelivered", "30007")
    transitions.accept(referral.code, **desk.world.press("cleo"))
    desk.works()
    assert notify.taken == []
    assert desk.page("ben").fate == Fate.CANCELLED


def test_a_fault_that_is_met_after_the_answer_leaves_nothing_to_be_sent(
    desk: Tables, twilio: Postbox
) -> None:
    desk.world.refers()
    twilio.always = DOWN
    engine.tick(now=desk.now, routes=twilio.routes, clock=desk.clock)
    assert desk.page("ben").fate == Fate.DUE
    (claimed,) = sending.claim(now=desk.world.wind(seconds=1), most=9)
    Escalation.objects.update(closed_at=desk.now)
    sending.deliver(claimed, routes=twilio.routes, clock=desk.clock)
    assert desk.page("ben").fate == Fate.CANCELLED
    assert engine.overdue(now=desk.world.wind(minutes=5)) == timedelta(0)


def test_what_the_table_says_of_a_provider_is_true_again_after_the_pager_began_anew(
    desk: Tables, twilio: Postbox
) -> None:
    twilio.always = REFUSED
    desk.refers()
    assert _troubled() == {"twilio": "20003"}
    twilio.always = None
    desk.routes = routes.only(twilio)  # another process, which knows nothing of it
    desk.refers()
    assert _troubled() == {}


def test_many_threads_that_see_a_provider_come_and_go_leave_the_last_word_in_the_table(
    open_world: World,
) -> None:
    flickering = Postbox("twilio")
    ways = flickering.routes
    order = Order(page_id=0, to="+447700900100", words="x")

    def send(outcome: Outcome) -> None:
        flickering.answers.append(outcome)
        ways.send("sms", order, now=open_world.now)

    for outcomes in [[REFUSED, Outcome(Kind.ACCEPTED)] * 4, [REFUSED] * 8, [Outcome(Kind.ACCEPTED)] * 8]:
        assert at_once([partial(send, outcome) for outcome in outcomes]) == [None] * 8
    assert _troubled() == {}


def test_without_any_provider_the_page_fails_aloud(world: World) -> None:
    sent = routes.only().send("sms", Order(page_id=1, to="+447700900100", words="x"), now=world.now)
    assert sent == routes.Sent(Outcome(Kind.REFUSED, error="no_provider"))
