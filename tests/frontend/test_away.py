"""Who is away, on screen: leave entered for others, duties that it meets, who takes them; and only by those who may."""

from datetime import time, timedelta
from typing import Any

import pytest

from tests.frontend.browser import Door, text
from tests.workforce import drafted
from tests.world import World
from workforce import patterns, rota
from workforce.draft_rows import RotaDraft
from workforce.models import Duty, Shift
from workforce.rota_rows import Leave, RotaEvent

WHERE = "/rota/RET20/away/"
DAY = timedelta(days=1)


@pytest.fixture
def nights(world: World) -> World:
    """Six nights from tomorrow, in turn; nobody is on otherwise."""
    drafted.ready(world)
    Shift.objects.all().delete()
    for number, who in enumerate(("ben", "cleo", "sam") * 2):
        start = patterns.instant((world.now + (number + 1) * DAY).date(), time(20))
        rota.put(world.sites["RET20"], Duty.FIRST, world.people[who], start=start, end=start + DAY / 2)
    return world


def enters(world: World, who: str, **more: Any) -> dict[str, Any]:
    chosen = world.people[who].pk
    return {"who": chosen, "kind": "sick", "first": "2026-11-21", "last": "2026-11-23", **more}


def test_a_coordinator_enters_an_illness_and_publishes_who_takes_the_duties(
    nights: World, door: Door
) -> None:
    nia = door("nia")
    sent = nia.post(WHERE, enters(nights, "ben", then="cover"))
    draft = RotaDraft.objects.get()
    assert (sent.status_code, sent["Location"]) == (303, f"/rota/RET20/drafts/{draft.pk}/")
    leave = Leave.objects.get()
    assert (leave.person, leave.period.lower) == (nights.people["ben"], nights.now)
    assert RotaEvent.objects.filter(deed="leave", by=nights.people["nia"]).exists()
    drafted.search(nights, draft)
    seen = text(nia.get(sent["Location"]))
    assert "Walton: who covers for Ben Hale" in seen
    assert "1 duty would change." in seen
    assert "Who takes what" in seen
    assert nia.post(f"{sent['Location']}publish/").status_code == 303
    assert Shift.objects.order_by("period")[0].person != nights.people["ben"]
    assert "Ben Hale is away; from a draft that Nia Bevan asked for." in text(nia.get("/rota/RET20/2026-11/"))


def test_leave_ahead_is_listed_with_the_duties_that_it_meets(nights: World, door: Door) -> None:
    lead = door("lea")
    wanted = enters(nights, "cleo", kind="annual", first="2026-11-22", last="2026-12-20")
    assert lead.post(WHERE, wanted).status_code == 303
    seen = text(lead.get(WHERE))
    assert "Cleo Marsh" in seen
    assert "First on call, Mon 23 Nov 20:00 to Tue 08:00" in seen
    pk = Leave.objects.get().pk
    assert lead.post(f"{WHERE}{pk}/cover/")["Location"].startswith("/rota/RET20/drafts/")
    assert lead.post(f"{WHERE}{pk}/withdraw/").status_code == 303
    assert not Leave.objects.exists()
    assert lead.post(f"{WHERE}{pk}/withdraw/").status_code == 404


def test_without_a_duty_the_leave_is_entered_and_that_is_said(nights: World, door: Door) -> None:
    lead = door("lea")
    sent = lead.post(WHERE, enters(nights, "ivy", then="cover"))
    assert sent["Location"] == WHERE
    assert "Ivy Lowe holds no duty at Walton in that time." in text(lead.get(WHERE))
    assert Leave.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"who": ""}, "Choose who is away."),
        ({"who": "0"}, "Choose who is away."),
        ({"kind": "tea"}, "Choose why."),
        ({"first": "x"}, "First day: give a day"),
        ({"last": "9999-12-31"}, "Last day: give a day"),
        ({"last": "2026-11-20"}, "The last day of leave is before the first."),
    ],
)
def test_what_cannot_be_entered_is_said_in_words(
    nights: World, door: Door, more: dict[str, str], words: str
) -> None:
    refused = door("lea").post(WHERE, enters(nights, "ben") | more)
    assert (refused.status_code, words in text(refused)) == (422, True)


@pytest.mark.parametrize("who", ["ben", "hob", "ada", "una"])
def test_nobody_else_finds_it_or_enters_another_s_leave(nights: World, door: Door, who: str) -> None:
    assert door(who).get(WHERE).status_code == 404
    assert door(who).post(WHERE, enters(nights, "cleo")).status_code == 404
    assert not Leave.objects.exists()


def test_somebody_of_another_hub_is_not_entered_here(nights: World, door: Door) -> None:
    refused = door("lea").post(WHERE, enters(nights, "yan"))
    assert (refused.status_code, Leave.objects.count()) == (422, 0)
