"""The rules of a network on screen: source, national figure, own figure, who changed it; changed by its lead alone."""

from typing import Any

import pytest
from django.utils.html import escape

from tests.frontend.browser import Door, text
from tests.world import World
from workforce import rota_plan
from workforce.rota_rows import RuleFigures
from workforce.rules import judge

WHERE = "/rota-rules/cheshire-and-merseyside/"


def keeps(
    door: Door, who: str = "lea", *, seen: int = 0, note: str = "Eight of us by March.", **own: str
) -> Any:
    figures = {f"figure-{name}": figure for name, figure in own.items()}
    return door(who).post(WHERE, {"seen": seen, "note": note, **figures})


@pytest.mark.parametrize(("who", "edits"), [("lea", True), ("nia", False), ("ben", False), ("hob", False)])
def test_every_rule_has_its_source_and_its_figure(world: World, door: Door, who: str, edits: bool) -> None:
    seen = text(door(who).get(WHERE))
    for rule in judge.rules().values():
        assert escape(rule.source) in seen
    assert ("Keep these figures" in seen) is edits


@pytest.mark.parametrize("who", ["ada", "una", "yan", "zed"])
def test_another_network_s_rules_are_not_found(door: Door, who: str) -> None:
    assert door(who).get(WHERE).status_code == 404
    assert keeps(door, who, night_frequency="5").status_code == 404


def test_only_the_lead_changes_them_and_it_is_seen_who_did_and_what_holds_nationally(
    world: World, door: Door
) -> None:
    assert keeps(door, "nia", night_frequency="5").status_code == 404
    assert keeps(door, night_frequency="5").status_code == 303
    seen = text(door("nia").get(WHERE))
    assert "At most 1 night in 5" in seen
    assert "The national figure is 6 nights." in seen
    assert "Lea Frost, 21 Nov 2026 03:10: 5. “Eight of us by March.”" in seen
    assert rota_plan.rules_of(world.networks["cheshire-and-merseyside"])["night_frequency"].value == 5
    assert keeps(door, seen=1, note="Back to the national one.").status_code == 303
    assert "Lea Frost, 21 Nov 2026 03:10: the national figure again." in text(door("lea").get(WHERE))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"night_frequency": "99"}, "At most 1 night in 6: from 1 to 28 nights."),
        ({"weekly_hours": "many"}, "“many” is no number."),
        ({"night_frequency": "5", "note": " "}, "Say why the rules change"),
        ({"night_frequency": "5", "seen": 3}, "Somebody else changed these figures meanwhile."),
    ],
)
def test_what_is_refused_is_said_and_what_was_typed_stays(
    world: World, door: Door, more: dict[str, Any], words: str
) -> None:
    refused = keeps(door, **more)
    assert (refused.status_code, words in text(refused)) == (422, True)
    typed = more.get("night_frequency") or more.get("weekly_hours")
    assert f'value="{typed}"' in text(refused)
    assert not RuleFigures.objects.exists()
