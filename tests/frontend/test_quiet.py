"""Quiet hours on their page, and what was kept back, above the board until it is seen."""

import pytest

from paging import escalations, quiet
from paging.models import Reason
from paging.quiet_rows import KeptBack, QuietHours
from tests.frontend.browser import Door, Phones, text, tick
from tests.world import World


def test_everybody_sets_their_own_and_reads_what_is_never_silent(world: World, door: Door) -> None:
    ben = door("ben")
    assert "everything reaches your phone at once" in text(ben.get("/me/quiet/"))
    assert ben.post("/me/quiet/", {"since": "21:30", "until": "06:45"}).status_code == 303
    page = text(ben.get("/me/quiet/"))
    assert "Quiet from 21:30 to 06:45" in page
    assert all(sentence in page for sentence in (*quiet.KEPT.values(), *quiet.NEVER.values()))
    assert [row.person for row in QuietHours.objects.all()] == [world.people["ben"]]
    ben.post("/me/quiet/", {"off": "1"})
    assert not QuietHours.objects.exists()


@pytest.mark.parametrize(
    "said", [{"since": "22:00", "until": "22:00"}, {"since": "ten", "until": "7"}, {"since": "25:00"}]
)
def test_what_cannot_be_is_refused_and_comes_back(world: World, door: Door, said: dict[str, str]) -> None:
    response = door("ben").post("/me/quiet/", said)
    assert response.status_code == 422
    assert f'value="{said["since"]}"' in text(response)
    assert not QuietHours.objects.exists()


def test_what_was_kept_back_stands_above_the_board_until_it_is_seen(
    world: World, door: Door, phones: Phones
) -> None:
    nia = door("nia")
    nia.post("/me/quiet/", {"since": "22:00", "until": "07:00"})
    escalations.open_one(Reason.CONTACT, now=world.now, hub=world.sites["RET20"], person=world.people["dev"])
    tick(world, phones)
    assert "Dev Rao cannot be reached by phone" in text(nia.get("/board/"))
    number = KeptBack.objects.get().pk
    assert nia.post("/me/quiet/seen/", {"number": "none of these"}).status_code == 303
    after = nia.post("/me/quiet/seen/", {"number": number}, headers={"X-Fragment": "yes"})
    assert "Dev Rao" not in text(after)
    assert "Dev Rao cannot be reached" not in text(door("lea").get("/board/"))
