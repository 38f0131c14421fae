"""A patient who is diverted on the road: nobody is shown a false arrival, and the crew is asked how far it is."""

from referrals import road
from referrals.states import State
from tests.frontend.browser import Door, see, text
from tests.frontend.test_crew import linked, posts
from tests.world import World


def test_a_diverted_crew_is_asked_first_how_far_it_is_and_both_hospitals_see_it(
    world: World, door: Door
) -> None:
    referral, secret = linked(world, State.DEPARTED)
    assert "At the door about <b>03:40</b>" in posts("look", secret=secret).json()["html"]
    world.wind(minutes=10)
    road.worsen(referral.code, **world.press("ada"))
    road.instruct(referral.code, instruction="divert", to="RM301 mo", **world.press("ben"))
    html = posts("look", secret=secret).json()["html"]
    assert "The hub says: Divert to Salford" in html
    assert "How far is Salford Royal Hospital from where you are?" in html
    assert "At the door about" not in html
    assert 'data-verb="delay"' not in html
    page = text(see(door("mo"), referral))
    assert 'Diverted at 03:23, <b class="soon">time to the door not known yet</b>' in page
    assert "Diverted to Salford at 03:23." in page
    assert "The crew is asked on its page." in page
    assert "At the door about" not in text(door("nia").get("/board/"))
    assert "time to the door not known yet" in text(door("nia").get("/board/"))
    said = {"verb": "expect", "said": {"minutes": "25"}}
    older = posts("act", secret=secret, key="1", ago=60, **said)
    assert (older.status_code, "the way or the arrival is another one" in older.json()["message"]) == (
        409,
        True,
    )
    html = posts("act", secret=secret, key="2", **said).json()["html"]
    assert "At the door about <b>03:48</b>" in html
    assert "as said at 03:23" in html
    assert 'data-verb="delay"' in html
    world.wind(minutes=3)
    for who in ("mo", "ada"):
        page = text(see(door(who), referral))
        assert "At the door about 03:48, said" in page
        assert "At the door in" in page
    assert "At the door about 03:48, said" in text(door("nia").get("/board/"))
