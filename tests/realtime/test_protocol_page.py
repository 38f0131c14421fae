"""docs/realtime.md is the contract with other people's clients: what it says is what the code does."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from realtime import client, consumers, reading, server, tail
from realtime.models import Entry
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/realtime.md").read_text()
CODES = {
    "SIGNED_OUT": consumers.SIGNED_OUT,
    "NOT_ALLOWED": consumers.NOT_ALLOWED,
    "BAD_REQUEST": consumers.BAD_REQUEST,
    "POLICY": consumers.POLICY,
    "TRY_AGAIN": tail.TRY_AGAIN,
}


def said() -> dict[str, int]:
    """Every reason for a bye with its close code, as the code has them."""
    found = {}
    for path in (ROOT / "realtime").glob("*.py"):
        for reason, code in re.findall(r'dismiss\("(\w+)"(?:, code=([\w.]+))?\)', path.read_text()):
            known = code.rpartition(".")[2] or "SIGNED_OUT"
            found[reason] = int(known) if known.isdigit() else CODES[known]
    return found


def examples() -> dict[str, dict[str, Any]]:
    """The page's example of each frame."""
    frames = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    return {frame["type"]: frame for frame in frames}


def test_every_bye_is_on_the_page_with_its_code_and_no_other() -> None:
    told = {
        reason: int(code) for reason, code in re.findall(r"^\| `(\w+)` \| (\d{4}) \|", PAGE, re.MULTILINE)
    }
    assert told == said()
    assert set(told) >= client.NO_RIGHT | client.OUR_FAULT


def test_there_is_an_example_of_each_frame() -> None:
    assert set(examples()) == {"hello", "event", "beat", "reset", "bye"}


def test_the_example_of_an_event_has_the_fields_of_a_real_one(world: World) -> None:
    world.refers()
    render = import_string(settings.FEED_RENDERER)
    (real,) = render("site:RET20", list(Entry.objects.filter(stream_id="site:RET20")))
    shown = examples()["event"]
    assert shown.keys() == real.keys()
    assert shown["card"].keys() == real["card"].keys()
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
        f"{client.SILENCE:.0f} s without a frame",
        f"min({client.LONGEST_WAIT:.0f} s, {client.FIRST_WAIT} s × 2ⁿ)",
    ],
)
def test_the_limits_on_the_page_are_those_of_the_code(limit: str) -> None:
    assert limit in PAGE.replace("\n", " ")
