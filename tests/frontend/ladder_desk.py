"""A ladder's form as a browser sends it, for the tests of the editor."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.test import Client

from paging import ladders
from paging.models import Reason
from tests.frontend.browser import text
from tests.world import World
from workforce import rota
from workforce.models import Duty, Shift

HUB = "RET20"
OFFER, CONFIRM = f"/ladders/{HUB}/offer/", f"/ladders/{HUB}/confirm/"
Said = dict[str, Any]


def said(*steps: Said, **whole: Any) -> Said:
    """What a browser sends for these steps; without any, those of the ladder that is shipped."""
    found: Said = {"row": [], "end": "hand_on", "end_after": "480", "seen_holds": "120", "based_on": "0"}
    for n, step in enumerate(steps or SHIPPED):
        found["row"].append(str(n))
        found |= {f"{n}-{name}": value for name, value in step.items()}
    return found | whole


def step(after: str, to: Sequence[str], by: Sequence[str], also: Sequence[str] = ()) -> Said:
    """One step as it is sent."""
    return {"after": after, "to": list(to), "by": list(by), "also": list(also)}


SHIPPED = [
    step("0", ["first"], ["push", "sms"]),
    step("90", ["first"], ["voice"], ["siren"]),
    step("180", ["second", "supervisor"], ["push", "sms", "voice"], ["siren"]),
    step("300", ["operators", "coordinator"], ["push", "sms"], ["phone_now", "siren"]),
]


def fill_the_rota(world: World) -> None:
    """Somebody on every duty at Walton for three weeks from now."""
    hub = world.sites[HUB]
    Shift.objects.filter(hub=hub).delete()
    for duty, who in ((Duty.FIRST, "ben"), (Duty.SECOND, "cleo"), (Duty.SUPERVISOR, "sam")):
        end = world.now + timedelta(days=21)
        rota.put(hub, duty, world.people[who], start=world.now - timedelta(days=1), end=end)


def save(client: Client, *, path: str = OFFER, reason: str = "", **more: Any) -> Any:
    """Save as somebody would who reads the warnings and says why."""
    sent = more or said()
    response = client.post(path, sent)
    if seen := re.search(r'name="seen" value="(\w+)"', response.content.decode()):
        response = client.post(path, {**sent, "seen": seen[1], "note": reason or "We know"})
    return response


def warnings(response: Any) -> list[str]:
    """The warnings beside the steps."""
    box = re.search(r'id="warnings".*?</ul>', text(response))
    return re.findall(r"<li>(.*?)</li>", box[0]) if box else []


def moments(response: Any) -> list[str]:
    """The night as it is read: time and people."""
    found = re.findall(
        r'<li(?: class="is-empty")?><time>([\d:]+)</time> <div>(.*?)</div></li>', text(response)
    )
    plain = [f"{hour} {re.sub(r'<[^>]+>', ' ', words)}" for hour, words in found]
    return [re.sub(r"\s+", " ", line).replace(" :", ":").strip() for line in plain]


def own_version(world: World) -> int:
    """The version of Walton's own ladder for an offer; 0 for none."""
    kept = ladders.versions(world.sites[HUB], Reason.OFFER)
    return kept[0].version if kept else 0
