"""The ambulances' crews of the night: the spoke hands a link over, and the crew presses through it, as on its own page.

Called by demo.acting. Whoever has no link is written down by the hospitals, as before.
"""

from datetime import timedelta

from demo import players
from demo.players import Scene
from referrals import crew
from referrals.models import Via

SHARE = 0.7  # of the crews at home have a link
WITH_PATIENT = 0.6  # of the minutes from the request to door out, until the crew is with the patient


def hand_link(scene: Scene) -> None:
    """The spoke makes a link for the crew that it has just asked for, as often as not."""
    if not scene.plan.home or scene.plan.rng("crew").random() >= SHARE:
        return
    by = players.spoke(scene.referral.spoke)
    crew.link_crew(scene.referral.code, by=by, at=scene.now, now=scene.now, via=Via.NIGHT)
    scene.referral.refresh_from_db()


def has_link(scene: Scene) -> bool:
    """Can the crew say itself how it gets on?"""
    return bool(crew.links(scene.referral, now=scene.now))


def press(scene: Scene, verb: str) -> bool:
    """The crew presses on its page; False where it has none."""
    links = crew.links(scene.referral, now=scene.now)
    if not links:
        return False
    secret = crew.secret_of(links[0].seed)
    crew.press(secret, verb, {}, key=f"night-{verb}", ago=timedelta(0), now=scene.now)
    scene.plan.crew += 1
    scene.referral.refresh_from_db()
    return True
