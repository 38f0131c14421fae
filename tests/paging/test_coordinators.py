"""Which coordinator is paged: whoever is on duty first, then the others; always of the patient's own network."""

from datetime import timedelta

import pytest

from network import people
from network.models import Person, PhoneTrouble, Role
from paging.models import Escalation, Page, Reason
from paging.transports.contract import Kind, Outcome
from referrals import transitions
from tests.paging import tables
from tests.paging.tables import Postbox, Tables
from tests.world import LONG_AGO, World
from workforce import rota
from workforce.models import Duty

OURS, THEIRS = "cheshire-and-merseyside", "west-yorkshire-and-harrogate"


@pytest.fixture
def desk(world: World, monkeypatch: pytest.MonkeyPatch) -> Tables:
    """Two coordinators here, una in the other network; nobody of them on the rota yet."""
    joined = Person.objects.create_user(
        "pip", name="Pip Rowe", phone="+447700900190", phone_verified_at=LONG_AGO
    )
    world.people["pip"] = joined
    people.grant(joined, Role.COORDINATOR, at=LONG_AGO, network=world.networks[OURS])
    return tables.over(world, Postbox(), monkeypatch=monkeypatch)


def on_duty(desk: Tables, who: str, at_hub: str = "RET20") -> None:
    hub, person = desk.world.sites[at_hub], desk.world.people[who]
    start, end = desk.now - timedelta(hours=1), desk.now + timedelta(hours=8)
    rota.put(hub, Duty.COORDINATOR, person, start=start, end=end)


def unplaced(desk: Tables, *declining: tuple[str, str]) -> list[tuple[float, str]]:
    """After so many seconds these coordinators were paged for a patient whom these hubs declined."""
    referral = desk.world.refers(*(hub for hub, _ in declining))
    for hub, who in declining:
        transitions.decline(referral.code, hub=hub, reason="no_bed", **desk.world.press(who))
    desk.works()
    desk.wind(seconds=61)
    climb = Escalation.objects.get(reason=Reason.UNPLACED)
    pages = Page.objects.filter(escalation=climb, channel="sms", rung__lte=1, round=0).select_related(
        "person"
    )
    found = [
        (round((p.due_at - climb.opened_at).total_seconds()), p.person.username)
        for p in pages.order_by("due_at", "pk")
        if p.person and p.person.username != "lea"
    ]
    return [(float(seconds), who) for seconds, who in found]


def test_whoever_is_on_duty_is_paged_first_and_then_the_others(desk: Tables) -> None:
    on_duty(desk, "pip")
    assert unplaced(desk, ("RET20", "ben")) == [(0, "pip"), (60, "pip"), (60, "nia")]


def test_where_nobody_is_on_duty_all_of_them_are_paged(desk: Tables) -> None:
    assert unplaced(desk, ("RET20", "ben"))[:2] == [(0, "nia"), (0, "pip")]


@pytest.mark.parametrize(
    "lost", [{"phone": ""}, {"phone_trouble": PhoneTrouble.OPTED_OUT}, {"is_active": False}]
)
def test_where_whoever_is_on_duty_cannot_be_reached_the_others_are_paged_at_once(
    desk: Tables, lost: dict[str, object]
) -> None:
    on_duty(desk, "pip")
    Person.objects.filter(username="pip").update(**lost)
    assert (0, "nia") in unplaced(desk, ("RET20", "ben"))


def test_a_page_to_whoever_is_on_duty_that_fails_brings_the_others_at_once(
    world: World, desk: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_duty(desk, "pip")
    refused = Outcome(Kind.REFUSED, "", "failed", "30005")
    broken = tables.over(world, Postbox(answers=[refused]), monkeypatch=monkeypatch)
    assert [who for seconds, who in unplaced(broken, ("RET20", "ben")) if seconds == 0] == ["pip", "nia"]


def test_a_hub_of_another_network_that_was_asked_last_leaves_the_patient_to_our_coordinator(
    desk: Tables,
) -> None:
    """Leeds is of another network, whose own coordinator is on duty there."""
    on_duty(desk, "una", "RR801")
    assert {who for _, who in unplaced(desk, ("RR801", "yan"))} == {"nia", "pip"}


def test_our_own_coordinator_on_duty_is_paged_whichever_hub_was_asked_last(desk: Tables) -> None:
    on_duty(desk, "una", "RR801")
    on_duty(desk, "pip")
    assert unplaced(desk, ("RET20", "ben"), ("RR801", "yan"))[:1] == [(0, "pip")]


def test_while_a_hub_of_another_network_is_asked_each_network_hears_of_it_by_whoever_is_on_duty(
    desk: Tables,
) -> None:
    """An offer's ladder names the coordinator once: there the others are paged too, after whoever is on."""
    on_duty(desk, "pip")
    desk.refers("RR801")
    desk.wind(minutes=6)
    asked = Page.objects.filter(escalation__reason=Reason.OFFER, person__memberships__role=Role.COORDINATOR)
    names = list(asked.filter(channel="sms").order_by("pk").values_list("person__username", flat=True))
    assert names[0] == "pip"
    assert set(names) == {"pip", "nia", "una"}
