"""A deed is rendered once for all streams that may see it, and each audience is told only what it may see."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from realtime import above, reading, rendering
from realtime.models import Entry, Stream
from referrals import remarks, transitions
from tests.world import World

SPOKE, WALTON, SALFORD = "site:RBL14", "site:RET20", "site:RM301"
NETWORK, OTHER = "network:cheshire-and-merseyside", "network:greater-manchester"


def all_new() -> dict[str, list[dict[str, Any]]]:
    """What a tail that watches everything reads, as its clients get it."""
    found, _ = reading.look(dict.fromkeys([SPOKE, WALTON, SALFORD, NETWORK, OTHER], 0))
    return {key: [json.loads(one.text) for one in entries] for key, entries in found.items()}


def one_by_one() -> dict[str, list[dict[str, Any]]]:
    """The same, each stream rendered for itself."""
    render = import_string(settings.FEED_RENDERER)
    keys = Stream.objects.order_by("key").values_list("key", flat=True)
    return {key: render(key, list(Entry.objects.filter(stream=key).order_by("position"))) for key in keys}


def test_what_is_shared_is_what_each_stream_would_have_been_told(world: World) -> None:
    first, second = world.refers("RET20", "RM301"), world.refers("RM301")
    remarks.ask(first.code, text="BP?", **world.press("ben"))
    transitions.accept(first.code, **world.press("ben"))
    told = all_new()
    assert told == json.loads(json.dumps(one_by_one()))
    seen = {key: {f["referral"] for f in frames if f["card"]} for key, frames in told.items()}
    assert seen[SALFORD] == {second.code}, "who lost sight of it is told that, and nothing of it"
    assert seen[SPOKE] == {first.code, second.code}


def test_a_verb_is_rendered_once_for_all_its_streams(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.refers("RET20", "RM301")
    rendered: list[str] = []
    render = above.render

    def counted(stream: str, entries: list[Entry]) -> list[dict[str, Any]]:
        rendered.extend([stream] * len(entries))
        return render(stream, entries)

    monkeypatch.setattr(above, "render", counted)
    told = all_new()
    assert len(rendered) == 1
    assert [len(frames) for frames in told.values()] == [1] * 5
    assert len({json.dumps(frames[0]["card"]) for frames in told.values()}) == 1


def test_nothing_new_is_nothing(world: World) -> None:
    world.refers()
    assert reading.look({WALTON: 1, SPOKE: 1, "site:of nobody": 0})[0] == {}
    assert reading.look({})[0] == {}
    assert rendering.rendered({}) == {}
