"""A hub's month on screen: who may see and change it, a breach in words before it is saved, swaps, shifts taken."""

from datetime import timedelta
from typing import Any

import pytest

from tests.frontend.browser import Door, text
from tests.world import NIGHT, World
from workforce import leaves, rota, swaps
from workforce.models import Duty, Shift
from workforce.rota_rows import CallOut, Leave, LeaveKind, Swap

DAY = timedelta(days=1)
FREE = NIGHT + 4 * DAY
MONTH = "/rota/RET20/2026-11/"


def wish(world: World, who: str, **more: Any) -> dict[str, Any]:
    chosen = str(world.people[who].pk) if who in world.people else who
    return {"duty": "first", "who": chosen, "start": "2026-11-25T20:00", "end": "2026-11-26T08:00", **more}


def shift(world: World, who: str, *, days: int = 0) -> Shift:
    start = FREE + days * DAY
    end = start + timedelta(hours=12)
    return rota.put(world.sites["RET20"], Duty.FIRST, world.people[who], start=start, end=end)


@pytest.mark.parametrize(("who", "status"), [("ben", 200), ("hob", 200), ("nia", 200), ("lea", 200)])
def test_the_hub_s_people_and_its_network_read_the_month(door: Door, who: str, status: int) -> None:
    seen = door(who).get(MONTH)
    assert seen.status_code == status
    assert "Walton: November 2026" in text(seen)
    assert "Ben Hale" in text(seen)
    assert ('name="who"' in text(seen)) is (who in {"nia", "lea"})


@pytest.mark.parametrize("who", ["ada", "zed", "mo", "una"])
def test_nobody_else_finds_it_or_changes_it(world: World, door: Door, who: str) -> None:
    assert door(who).get(MONTH).status_code == 404
    assert door(who).post(MONTH, wish(world, "ben")).status_code == 404


def test_an_operator_does_not_write_the_rota(world: World, door: Door) -> None:
    assert door("ben").post(MONTH, wish(world, "ben")).status_code == 404
    assert rota.on_call(world.sites["RET20"], at=FREE + timedelta(hours=20)) == []


@pytest.mark.parametrize(
    "address", ["/rota/RET20/2026-13/", "/rota/RET20/9999-01/", "/rota/XX/", "/rota/RBL14/"]
)
def test_what_is_no_hub_or_month_is_not_found(door: Door, address: str) -> None:
    assert door("lea").get(address).status_code == 404


def test_the_only_hub_is_opened_at_once(door: Door) -> None:
    assert door("lea").get("/rota/")["Location"] == "/rota/RET20/"


def test_a_lead_puts_somebody_on_and_sees_it_in_the_month_and_the_history(world: World, door: Door) -> None:
    lead = door("lea")
    assert lead.post(MONTH, wish(world, "ben")).status_code == 303
    seen = text(lead.get(MONTH))
    assert "Ben Hale: first on call, Wed 25 Nov 20:00 to Thu 08:00." in seen
    assert "Lea Frost: Ben Hale: put on, first on call" in seen
    assert lead.post(MONTH, wish(world, "nobody")).status_code == 303
    assert rota.on_call(world.sites["RET20"], at=FREE + timedelta(hours=20)) == []


def test_a_breach_is_shown_in_words_and_saved_only_with_a_reason(world: World, door: Door) -> None:
    lead = door("lea")
    refused = lead.post(MONTH, wish(world, "dev"))
    assert refused.status_code == 422
    assert "Not done yet: this breaks 1 rule." in text(refused)
    assert "Dev Rao works under direct supervision at Walton" in text(refused)
    assert 'value="2026-11-25T20:00"' in text(refused), "what was typed stays"
    assert lead.post(MONTH, wish(world, "dev", reason="Sam Quist stays.")).status_code == 303
    assert "Dev Rao works under direct supervision" in text(lead.get(MONTH))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"who": ""}, "Choose who is on"),
        ({"who": "999999"}, "Choose who is on"),
        ({"duty": "tea"}, "Choose a duty."),
        ({"start": "soon"}, "From: give a day and a time"),
        ({"end": "2027-11-26T08:00"}, "more than forty days"),
        ({"end": "2026-11-25T08:00"}, "The end is not later than the beginning."),
        ({"start": "2026-11-01T08:00", "end": "2026-11-02T08:00"}, "This is past"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(
    world: World, door: Door, more: dict[str, str], words: str
) -> None:
    refused = door("nia").post(MONTH, wish(world, "ben") | more)
    assert (refused.status_code, words in text(refused)) == (422, True)


def fill(world: World, **more: Any) -> dict[str, Any]:
    team = [world.people[name].pk for name in ("ben", "cleo", "sam")]
    return {
        "deed": "fill", "duty": "first", "first": "2026-12-01", "last": "2026-12-06", "from": "20:00",
        "until": "08:00", "weekdays": list("0123456"), "team": team, "reason": "Three of us.", **more,
    }  # fmt: skip


def test_a_lead_fills_weeks_from_a_pattern(world: World, door: Door) -> None:
    assert door("lea").post(MONTH, fill(world)).status_code == 303
    found = Shift.objects.filter(hub=world.sites["RET20"], period__startswith__gt=FREE).order_by("period")
    assert [s.person.username for s in found] == ["ben", "cleo", "sam"] * 2


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"first": ""}, "First day: give a day"),
        ({"last": "2026-11-01"}, "The last day comes after the first"),
        ({"from": "late"}, "From: give a time of day"),
        ({"team": []}, "at least one person"),
        ({"reason": "", "team": []}, "at least one person"),
    ],
)
def test_a_pattern_that_cannot_be_filled_says_why(
    world: World, door: Door, more: dict[str, Any], words: str
) -> None:
    refused = door("lea").post(MONTH, fill(world, **more))
    assert (refused.status_code, words in text(refused)) == (422, True)


def test_an_operator_takes_the_shift_now(world: World, door: Door) -> None:
    first = Shift.objects.get(hub=world.sites["RET20"], duty=Duty.FIRST)
    ivy = door("ivy")
    assert f"/rota/RET20/take/{first.pk}/" in text(ivy.get(MONTH))
    assert ivy.post(f"/rota/RET20/take/{first.pk}/", {"reason": ""}).status_code == 422
    assert ivy.post(f"/rota/RET20/take/{first.pk}/", {"reason": "Ben is ill."}).status_code == 303
    assert rota.on_call(world.sites["RET20"], at=NIGHT)[0].person == world.people["ivy"]
    assert door("nia").post(f"/rota/RET20/take/{first.pk}/", {"reason": "I want it."}).status_code == 404


def test_a_swap_goes_all_the_way_on_the_screens(world: World, door: Door) -> None:
    mine, yours = shift(world, "ben"), shift(world, "cleo", days=3)
    asked = door("ben").post(f"/me/rota/shifts/{mine.pk}/swap/", {"why": "A wedding."})
    assert asked.status_code == 303
    assert "You asked for a swap" in text(door("ben").get("/me/rota/"))
    swap = Swap.objects.get()
    address = f"/rota/RET20/swaps/{swap.pk}/"
    assert "Offer to take it" in text(door("cleo").get(MONTH))
    assert "Offer to take it" not in text(door("hob").get(MONTH))
    assert door("cleo").post(address + "offer/", {"return": yours.pk}).status_code == 303
    assert "Cleo Marsh offers to take it for first on call" in text(door("lea").get(MONTH))
    assert door("cleo").post(address + "approve/").status_code == 422
    assert door("lea").post(address + "approve/").status_code == 303
    assert rota.on_call(mine.hub, at=FREE)[0].person == world.people["cleo"]
    assert rota.on_call(mine.hub, at=FREE + 3 * DAY)[0].person == world.people["ben"]
    assert door("lea").post(address + "shred/").status_code == 404


def test_a_swap_that_breaks_a_rule_says_so_before_anybody_agrees(world: World, door: Door) -> None:
    swap = swaps.ask(shift(world, "ben"), by=world.people["ben"], at=world.now)
    refused = door("dev").post(f"/rota/RET20/swaps/{swap.pk}/offer/", {})
    assert refused.status_code == 422
    assert "Dev Rao works under direct supervision" in text(refused)
    assert door("lea").post(f"/rota/RET20/swaps/{swap.pk}/refuse/", {}).status_code == 422
    assert door("lea").post(f"/rota/RET20/swaps/{swap.pk}/refuse/", {"reason": "Not now."}).status_code == 303
    swap.refresh_from_db()
    assert swap.state == "refused"


def test_another_s_shift_is_no_return_and_no_question(world: World, door: Door) -> None:
    mine = shift(world, "ben")
    swap = swaps.ask(mine, by=world.people["ben"], at=world.now)
    refused = door("cleo").post(f"/rota/RET20/swaps/{swap.pk}/offer/", {"return": mine.pk})
    assert (refused.status_code, "a duty of your own" in text(refused)) == (422, True)
    assert door("cleo").post(f"/me/rota/shifts/{mine.pk}/swap/", {}).status_code == 404
    assert door("ben").post(f"/rota/RET20/swaps/{swap.pk}/withdraw/").status_code == 303


def test_leave_is_entered_and_withdrawn_and_the_network_sees_it(world: World, door: Door) -> None:
    ben = door("ben")
    shift(world, "ben")
    days = {"kind": "annual", "first": "2026-11-25", "last": "2026-11-27"}
    assert ben.post("/me/rota/", days).status_code == 303
    assert "Wed 25 Nov to Fri 27 Nov 2026" in text(ben.get("/me/rota/"))
    seen = text(door("lea").get(MONTH))
    assert "Ben Hale is on leave, and on call at Walton" in seen
    assert "Away: Ben Hale" in seen
    assert "Away: Ben Hale" not in text(door("cleo").get(MONTH)), "leave is the network's to know"
    leave = Leave.objects.get()
    assert door("cleo").post(f"/me/rota/leave/{leave.pk}/withdraw/").status_code == 404
    assert ben.post(f"/me/rota/leave/{leave.pk}/withdraw/").status_code == 303
    assert not Leave.objects.exists()


@pytest.mark.parametrize(
    "days",
    [
        {"kind": "tea"},
        {"kind": "annual", "first": "x"},
        {"kind": "sick", "first": "2026-11-27", "last": "2026-11-25"},
    ],
)
def test_leave_that_cannot_be_read_is_refused_in_words(door: Door, days: dict[str, str]) -> None:
    refused = door("ben").post("/me/rota/", days)
    assert refused.status_code == 422
    assert 'role="alert"' in text(refused)


def test_a_call_out_is_noted_by_whoever_was_on(world: World, door: Door) -> None:
    on = Shift.objects.get(hub=world.sites["RET20"], duty=Duty.FIRST)
    address = f"/me/rota/shifts/{on.pk}/called-out/"
    hours = {"start": "2026-11-21T01:10", "end": "2026-11-21T02:40"}
    assert door("cleo").post(address, hours).status_code == 404
    assert door("ben").post(address, hours | {"end": "2026-11-22T02:40"}).status_code == 422
    assert door("ben").post(address, hours).status_code == 303
    assert "Called out 01:10 to 02:40" in text(door("ben").get("/me/rota/"))
    assert CallOut.objects.get().person == world.people["ben"]


def test_the_month_takes_the_same_number_of_queries_however_full_it_is(
    world: World, door: Door, django_assert_max_num_queries: Any
) -> None:
    lead = door("lea")
    lead.get(MONTH)
    with django_assert_max_num_queries(32):
        lead.get(MONTH)
    for days in range(6):
        shift(world, ("ben", "cleo", "sam")[days % 3], days=days)
    for who in ("ben", "cleo"):
        start = FREE + 6 * DAY
        leaves.enter(
            world.people[who], LeaveKind.STUDY, start=start, end=start + DAY, by=world.people[who], at=NIGHT
        )
    with django_assert_max_num_queries(32):
        lead.get(MONTH)
