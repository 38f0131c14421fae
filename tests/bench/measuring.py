"""What `make bench` measures: from the moment a verb's commit returns until a board has the event."""

import asyncio
import time
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.core.management import call_command
from django.utils import timezone

from network import people
from network.models import Person
from referrals import transitions
from referrals.models import Referral
from tests import world as worlds
from tests.bench.listening import Crowd, spread
from tests.bench.stock import GROUP

STREAM = "network:cheshire-and-merseyside"


@dataclass(frozen=True)
class Row:
    """One server's figures: milliseconds, and events that some board never got."""

    name: str
    median: float
    p99: float
    lost: int


def prepare() -> None:
    """Tables, the small network, one referral."""
    call_command("migrate", verbosity=0)
    worlds.build(timezone.now()).refers()


async def interleaved(*, ours: int, stock: int, boards: int, events: int, rounds: int) -> list[Row]:
    """Rounds of the one and of the other in turn, so that both meet the same noise."""
    token = await sync_to_async(_token)()
    bearer = {"Authorization": f"Bearer {token}"}
    sides = {
        "Dido's tail": Crowd(f"ws://127.0.0.1:{ours}/ws/feed/?stream={STREAM}", bearer, boards),
        "stock group send": Crowd(f"ws://127.0.0.1:{stock}/ws/stock/", {}, boards),
    }
    for crowd in sides.values():
        await crowd.gather()
    delays: dict[str, list[float]] = {name: [] for name in sides}
    lost = dict.fromkeys(sides, 0)
    mark = 1_000_000
    for _ in range(rounds):
        for name, crowd in sides.items():
            for _ in range(events):
                mark += 1
                done, version = await (_verb() if name.startswith("Dido") else _group_send(mark))
                if not await crowd.everybody_heard(version):
                    lost[name] += 1
                delays[name] += [moment - done for moment in crowd.heard.get(version, [])]
                await asyncio.sleep(0.05)
    for crowd in sides.values():
        await crowd.leave()
    return [Row(name, *spread(delays[name]), lost[name]) for name in sides]


def _token() -> str:
    return people.issue_token(Person.objects.get(username="nia"), at=timezone.now())


async def _verb() -> tuple[float, int]:
    """One verb through the product; the clock starts when its commit has returned."""

    def answer() -> tuple[float, int]:
        now = timezone.now()
        by = Person.objects.get(username="ada")
        code = Referral.objects.values_list("code", flat=True).get()
        referral = transitions.answer(code, text="BP 168/90, GCS 13", by=by, at=now, now=now)
        return time.perf_counter(), referral.version

    return await sync_to_async(answer)()


async def _group_send(mark: int) -> tuple[float, int]:
    """One message of about the same size through the channel layer."""
    layer = get_channel_layer()
    assert layer is not None
    begun = time.perf_counter()
    frame = {"type": "event", "version": mark, "card": "x" * 2000}
    await layer.group_send(GROUP, {"type": "board.event", "frame": frame})
    return begun, mark


def table(rows: list[Row], *, boards: int) -> str:
    """The figures, and the ratio that counts."""
    lines = [f"One event to {boards} boards of one Daphne, milliseconds until a board has it:", ""]
    lines += [
        f"  {row.name:<18} median {row.median:7.1f}   p99 {row.p99:7.1f}   lost {row.lost}" for row in rows
    ]
    ours, stock = rows
    lines += ["", f"  ratio of the p99s, Dido to stock: {ours.p99 / stock.p99:.2f}", ""]
    return "\n".join(lines)
