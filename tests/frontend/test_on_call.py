"""Who is on: the hubs that matter to the person who asks, for fourteen days, with every gap in words."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from frontend import rota_sheet
from network.models import Person
from tests import world as worlds
from tests.world import NIGHT, World
from workforce import rota
from workforce.models import Duty, Shift

QUERIES = 11


@pytest.fixture(autouse=True)
def night() -> Iterator[None]:
    with time_machine.travel(NIGHT, tick=False):
        yield


def page(client: Client, who: Person) -> str:
    client.force_login(who)
    response = client.get("/on-call/")
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def hubs(html: str) -> list[str]:
    return re.findall(r'<h2 id="hub-\d+">(\w+) ', html)


def sheet(world: World, code: str = "RET20") -> rota_sheet.HubSheet:
    return rota_sheet.sheets([world.sites[code]], of=rota_sheet.fortnight(NIGHT))[0]


def on(world: World, who: str, start: datetime, end: datetime, duty: Duty = Duty.FIRST) -> Shift:
    return rota.put(world.sites["RET20"], duty, world.people[who], start=start, end=end)


def test_a_spoke_sees_its_own_network_s_hub_and_then_the_nearest_beyond_it(
    client: Client, world: World
) -> None:
    assert hubs(page(client, world.people["ada"])) == ["Walton", "Salford", "Leeds"]


def test_a_hub_operator_and_a_coordinator_see_their_own_network(client: Client, world: World) -> None:
    assert hubs(page(client, world.people["ben"])) == ["Walton"]
    assert hubs(page(client, world.people["nia"])) == ["Walton"]


def test_another_network_sees_its_own_hub_only(client: Client, world: World) -> None:
    html = page(client, world.people["zed"])
    assert hubs(html) == ["Leeds"]
    assert "Ben Hale" not in html


def test_somebody_whose_role_has_ended_sees_no_rota(client: Client, world: World) -> None:
    worlds.loses_role(world, "ada")
    html = page(client, world.people["ada"])
    assert "You have no role yet" in html
    assert hubs(html) == []


def test_the_rota_is_for_people_who_have_signed_in(client: Client, world: World) -> None:
    assert client.get("/on-call/")["Location"].startswith("/sign-in/")


def test_who_is_on_now_with_their_numbers_to_ring(client: Client, world: World) -> None:
    html = page(client, world.people["ada"])
    assert "First on call, until Mon 03:10" in html
    for who in ("ben", "cleo", "sam"):
        assert world.people[who].name in html
        assert f'href="tel:{world.people[who].phone}"' in html


@pytest.mark.parametrize("who", ["ben", "hob", "nia"])
def test_hub_people_and_coordinators_have_the_numbers_too(client: Client, world: World, who: str) -> None:
    assert "tel:" in page(client, world.people[who])


def test_a_lead_who_is_paged_when_nobody_else_answers_has_the_numbers_too(
    client: Client, world: World
) -> None:
    html = page(client, world.people["lea"])
    assert f'href="tel:{world.people["ben"].phone}"' in html
    assert "07700 900102" in html


def test_an_operator_under_direct_supervision_is_marked_with_who_answers(
    client: Client, world: World
) -> None:
    Shift.objects.filter(hub=world.sites["RET20"], duty=Duty.FIRST).delete()
    on(world, "dev", NIGHT, NIGHT + timedelta(hours=8))
    html = page(client, world.people["ada"])
    assert 'Dev Rao</b><span class="tag">Direct supervision: Sam Quist answers' in html
    assert html.count("Direct supervision") == 1


def test_a_gap_is_said_in_words_with_its_day_and_hours(world: World) -> None:
    assert sheet(world).gaps == ["Nobody first on call Mon 23 Nov 03:10 to Sat 5 Dec 00:00"]
    on(world, "ben", datetime(2026, 11, 23, 3, 10, tzinfo=UTC), datetime(2026, 11, 24, 20, tzinfo=UTC))
    on(world, "ivy", datetime(2026, 11, 25, 8, tzinfo=UTC), datetime(2026, 12, 5, tzinfo=UTC))
    assert sheet(world).gaps == ["Nobody first on call Tue 24 Nov 20:00 to Wed 08:00"]


def test_the_gap_is_drawn_where_it_is(world: World) -> None:
    on(world, "ben", datetime(2026, 11, 23, 3, 10, tzinfo=UTC), datetime(2026, 11, 24, 20, tzinfo=UTC))
    on(world, "ivy", datetime(2026, 11, 25, 8, tzinfo=UTC), datetime(2026, 12, 5, tzinfo=UTC))
    first = sheet(world).rows[0]
    assert [(bar.x, bar.width) for bar in first.bars if bar.kind == "gap"] == [(92.0, 12.0)]
    assert sum(bar.width for bar in first.bars) == pytest.approx(14 * 24, abs=0.05)


def test_a_rota_without_gaps_says_so(client: Client, world: World) -> None:
    on(world, "ben", datetime(2026, 11, 23, 3, 10, tzinfo=UTC), datetime(2026, 12, 6, tzinfo=UTC))
    html = page(client, world.people["ben"])
    assert "Somebody first on call throughout" in html
    assert "Nobody first on call" not in html


def test_nobody_on_call_now_is_said_before_everything_else(client: Client, world: World) -> None:
    Shift.objects.filter(hub=world.sites["RET20"], duty=Duty.FIRST).delete()
    on(world, "ben", NIGHT + timedelta(hours=2), NIGHT + timedelta(days=13))
    assert "Nobody first on call now" in page(client, world.people["ada"])


def test_a_missing_supervisor_is_a_gap_only_where_the_hub_has_supervisors(world: World) -> None:
    assert [gap.split(" Mon")[0] for gap in sheet(world).thin] == ["No second on call", "No supervisor"]
    assert sheet(world, "RM301").thin == []


def test_a_hub_without_a_rota_says_that_dido_does_not_know(client: Client, world: World) -> None:
    Shift.objects.filter(hub=world.sites["RET20"]).delete()
    assert "Dido does not know who is on call at Walton" in page(client, world.people["ben"])


def test_tonight_is_said_once_when_the_same_people_stay_on(world: World) -> None:
    assert sheet(world).same_tonight
    Shift.objects.filter(duty=Duty.FIRST, hub=world.sites["RET20"]).delete()
    on(world, "ben", NIGHT - timedelta(hours=1), NIGHT + timedelta(hours=1))
    on(world, "ivy", NIGHT + timedelta(hours=1), NIGHT + timedelta(hours=9))
    found = sheet(world)
    assert not found.same_tonight
    assert [one.name for one in found.tonight if one.duty == "First on call"] == ["Ben Hale", "Ivy Lowe"]


@pytest.mark.parametrize(
    ("moment", "begins", "ends"),
    [
        (datetime(2026, 11, 21, 3, 10, tzinfo=UTC), "21 03:10", "21 08:00"),
        (datetime(2026, 11, 21, 14, 0, tzinfo=UTC), "21 20:00", "22 08:00"),
        (datetime(2026, 11, 21, 22, 0, tzinfo=UTC), "21 22:00", "22 08:00"),
    ],
)
def test_tonight_is_the_night_that_is_or_comes(moment: datetime, begins: str, ends: str) -> None:
    start, end = rota_sheet.fortnight(moment).night
    assert (f"{start:%d %H:%M}", f"{end:%d %H:%M}") == (begins, ends)


def test_a_fortnight_over_the_change_of_the_clocks_keeps_its_midnights() -> None:
    stretch = rota_sheet.fortnight(datetime(2026, 10, 20, 12, tzinfo=UTC))
    assert [f"{day:%H:%M}" for day in stretch.days] == ["00:00"] * 14
    assert stretch.end - stretch.start == timedelta(days=14, hours=1)
    assert stretch.hours == 14 * 24 + 1


def test_the_page_takes_the_same_number_of_queries_however_long_the_rota(
    client: Client, world: World, django_assert_num_queries: Any
) -> None:
    client.force_login(world.people["ada"])
    client.get("/on-call/")
    with django_assert_num_queries(QUERIES):
        client.get("/on-call/")
    for day in range(2, 12):
        start = NIGHT + timedelta(days=day)
        on(world, "ivy", start, start + timedelta(hours=12))
        rota.put(
            world.sites["RM301"], Duty.FIRST, world.people["mo"], start=start, end=start + timedelta(hours=12)
        )
    with django_assert_num_queries(QUERIES):
        client.get("/on-call/")
