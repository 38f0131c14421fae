"""Cover on screen, gaps that reach the coordinator, and a closed hub that says so to the spokes."""

from datetime import timedelta

import pytest

from tests.frontend.browser import Door, text
from tests.world import NIGHT, World
from workforce import rota
from workforce.models import Duty, Shift

DAY = timedelta(days=1)


def test_a_coordinator_sees_each_hub_s_cover_and_its_gaps_weeks_ahead(world: World, door: Door) -> None:
    hub = world.sites["RET20"]
    start = NIGHT + 20 * DAY
    rota.put(hub, Duty.FIRST, world.people["ben"], start=NIGHT + 2 * DAY, end=start)
    rota.put(hub, Duty.FIRST, world.people["ben"], start=start + DAY, end=start + 25 * DAY)
    seen = text(door("nia").get("/cover/"))
    assert "Walton" in seen
    assert "Fri 11 Dec 03:10 to Sat 03:10" in seen
    assert "Leeds" not in seen
    on_call = text(door("nia").get("/on-call/"))
    assert "1 gap in the next six weeks: Walton, Fri 11 Dec 03:10 to Sat 03:10." in on_call
    assert "gap in the next six weeks" not in text(door("ben").get("/on-call/"))


def test_the_next_gap_stands_on_the_board_of_those_who_can_fill_it(world: World, door: Door) -> None:
    hub = world.sites["RET20"]
    board = "/board/network:cheshire-and-merseyside/"
    assert "nobody from" not in text(door("nia").get(board))
    rota.put(hub, Duty.FIRST, world.people["ben"], start=NIGHT + 4 * DAY, end=NIGHT + 42 * DAY)
    said = '<a href="/cover/">Walton: nobody from 03:10 Mon 23 Nov</a>'
    for who in ("nia", "lea"):
        assert said in text(door(who).get(board))
    assert said in text(door("nia").get(f"{board}lanes/"))
    assert "nobody from" not in text(door("ben").get("/board/"))
    assert "nobody from" not in text(door("nia").get(board.replace("board", "wall", 1)))
    Shift.objects.filter(hub=hub, period__startswith__lt=NIGHT).delete()
    assert "Walton: nobody now, until Wed 03:10" in text(door("nia").get(board))


def test_a_gap_is_the_same_on_the_month_as_on_the_page_of_cover(world: World, door: Door) -> None:
    hub, start = world.sites["RET20"], NIGHT + 2 * DAY
    rota.put(hub, Duty.SECOND, world.people["cleo"], start=start, end=start + DAY)
    rota.put(hub, Duty.FIRST, world.people["ben"], start=start + 2 * DAY, end=NIGHT + 42 * DAY)
    seen = text(door("nia").get("/rota/RET20/2026-11/"))
    assert "1 gap ahead: nobody can take a patient." in seen
    assert "1 time nobody is first on call." in seen
    assert "<b>Gap: nobody can take a patient</b> <small>Tue 24 Nov 03:10 to Wed 25 Nov 03:10</small>" in seen
    assert "<b>Nobody first on call</b> <small>Mon 23 Nov 03:10 to Tue 24 Nov 03:10</small>" in seen
    assert "Tue 24 Nov 03:10 to Wed 03:10" in text(door("nia").get("/cover/"))


def test_a_rota_that_ends_is_no_gap_of_weeks_but_says_from_when_nothing_is_written(door: Door) -> None:
    seen = text(door("nia").get("/cover/"))
    assert "No rota is written from Mon 23 November 03:10 on." in seen


@pytest.mark.parametrize(("who", "hub"), [("ada", "Walton"), ("zed", "Leeds"), ("mo", "Salford")])
def test_everybody_sees_the_hubs_of_their_own_network(door: Door, who: str, hub: str) -> None:
    seen = text(door(who).get("/cover/"))
    assert [name for name in ("Walton", "Leeds", "Salford") if f">{name}</h2>" in seen] == [hub]


def test_a_network_without_a_rota_says_so(world: World, door: Door) -> None:
    Shift.objects.all().delete()
    assert "No hub of your network has a rota here" in text(door("ada").get("/cover/"))


def test_a_closed_hub_says_so_on_the_referral_form_and_an_open_one_is_ticked(
    world: World, door: Door
) -> None:
    hub = world.sites["RET20"]
    Shift.objects.filter(hub=hub).delete()
    opens = NIGHT + timedelta(hours=5)
    rota.put(hub, Duty.FIRST, world.people["ben"], start=opens, end=opens + DAY)
    seen = text(door("ada").get("/refer/"))
    assert "<b>Closed:</b> nobody on call who may operate, until Sat 21 Nov 08:10" in seen
    assert seen.index('value="RM301"') < seen.index('value="RET20"')
    assert 'value="RM301" data-name="Salford" checked' in seen
    Shift.objects.filter(hub=hub).delete()
    rota.put(hub, Duty.FIRST, world.people["ben"], start=NIGHT - 2 * DAY, end=NIGHT - DAY)
    assert "nobody on call who may operate, for the next 24 hours" in text(door("ada").get("/refer/"))
