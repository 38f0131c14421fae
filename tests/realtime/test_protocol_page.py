"""docs/realtime.md is the contract with other people's clients: what it says is what the code does."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from realtime import client, consumers, delivery, presence, reading, server, tail
from realtime.byes import BYES
from realtime.models import Entry
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/realtime.md").read_text()


def said() -> set[str]:
    """Every reason for a bye that stands in the code."""
    ways = re.compile(r'(?:dismiss|Refused)\((?:\w+, )?"(\w+)"\)|"reason": "(\w+)"')
    return {
        one or other
        for path in (ROOT / "realtime").glob("*.py")
        for one, other in ways.findall(path.read_text())
    }


def examples() -> dict[str, dict[str, Any]]:
    """The page's example of each frame."""
    frames = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    return {frame["type"]: frame for frame in frames}


def test_every_bye_is_on_the_page_with_its_code_and_no_other() -> None:
    told = {
        reason: int(code) for reason, code in re.findall(r"^\| `(\w+)` \| (\d{4}) \|", PAGE, re.MULTILINE)
    }
    assert told == BYES
    assert said() == BYES.keys()
    assert set(told) >= client.NO_RIGHT | client.OUR_FAULT


def test_there_is_an_example_of_each_frame() -> None:
    assert set(examples()) == {"hello", "event", "beat", "presence", "receipts", "reset", "bye"}


def test_the_examples_have_the_fields_of_the_real_ones(world: World) -> None:
    world.refers()
    render = import_string(settings.FEED_RENDERER)
    (real,) = render("site:RET20", list(Entry.objects.filter(stream_id="site:RET20")))
    shown = examples()["event"]
    assert shown.keys() == real.keys()
    assert shown["card"].keys() == real["card"].keys()
    assert examples()["beat"].keys() == json.loads(reading.beat(1, now=world.now, pager=None)).keys()
    (viewer,) = examples()["presence"]["people"]
    shown_to_all = presence.frame("R7K2", [presence.Viewer(**viewer)])
    assert examples()["presence"] == shown_to_all
    for part in ("spoke", "clock"):
        assert shown["card"][part].keys() == real["card"][part].keys()
    assert shown["card"]["offers"][0].keys() == real["card"]["offers"][0].keys()


@pytest.mark.parametrize(
    "limit",
    [
        f"{reading.FAR_BEHIND} events",
        f"{consumers.MAX_FRAME} characters",
        f"{consumers.MAX_FRAMES} frames",
        f"{server.MOST_WAITING // 1024} KiB",
        f"every {tail.BEAT:.0f} s",
        f"within {delivery.LONGEST_RETURN:.0f} s",
        f"{presence.FORGOTTEN} s",
        f"{client.SILENCE:.0f} s without a frame",
        f"min({client.LONGEST_WAIT:.0f} s, {client.FIRST_WAIT} s × 2ⁿ)",
    ],
)
def test_the_limits_on_the_page_are_those_of_the_code(limit: str) -> None:
    assert limit in PAGE.replace("\n", " ")
