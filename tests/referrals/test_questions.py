"""The usual questions: asked by topic, answered with what belongs to it, and kept as facts of the case."""

from typing import Any

import pytest

from referrals import questions, verbs
from referrals.models import Event, Referral
from referrals.refusals import BadInput
from tests.world import NIGHT, World


def does(world: World, who: str, referral: Referral, verb: str, **said: Any) -> Event:
    done = verbs.do(referral.code, verb, said, by=world.people[who], now=world.wind(minutes=1), via="web")
    return done.events.latest("number")


def test_one_tap_asks_in_full_words(world: World) -> None:
    event = does(world, "ben", world.refers(), "ask", topic="blood_pressure")
    assert event.details == {"text": "What is the blood pressure now?", "topic": "blood_pressure"}


def test_own_words_may_go_with_a_topic(world: World) -> None:
    event = does(world, "ben", world.refers(), "ask", topic="perfusion", text="Core at 02:00?")
    assert event.details == {"text": "Core at 02:00?", "topic": "perfusion"}


@pytest.mark.parametrize(
    ("topic", "said", "text", "words"),
    [
        (
            "blood_pressure",
            {"systolic": "150", "diastolic": "90", "pressure_treated": "yes"},
            "Labetalol given.",
            "150/90 mmHg, being lowered. Labetalol given.",
        ),
        ("perfusion", {"perfusion": "mismatch", "mismatch_ml": "85"}, "", "Tissue to save, 85 mL"),
        (
            "anticoagulant",
            {"anticoagulant": "apixaban", "dose_at": "2026-11-20T19:30"},
            "",
            "Apixaban, last taken Fri 20 Nov 19:30",
        ),
        ("wishes", {"wishes": "not_reached"}, "Daughter drives.", "Nobody reached yet. Daughter drives."),
    ],
)
def test_an_answer_is_kept_as_it_was_typed_and_said_in_words(
    world: World, topic: str, said: dict[str, str], text: str, words: str
) -> None:
    event = does(world, "ada", world.refers(), "answer", topic=topic, text=text, **said)
    assert event.details["text"] == words
    assert event.details["topic"] == topic
    assert event.details["said"].keys() == said.keys()


def test_what_is_a_fact_of_the_referral_too_becomes_that(world: World) -> None:
    referral = world.refers()
    event = does(world, "ada", referral, "answer", topic="anticoagulant", anticoagulant="apixaban")
    referral.refresh_from_db()
    assert referral.anticoagulant == "apixaban"
    assert event.details["changed"] == {"anticoagulant": ["none", "apixaban"]}


@pytest.mark.parametrize(
    ("topic", "said", "sentence"),
    [
        ("blood_pressure", {"systolic": "15"}, "Systolic is a whole number from 40 to 300 mmHg"),
        ("blood_pressure", {"systolic": "high"}, "whole number"),
        ("anticoagulant", {"dose_at": "yesterday"}, "write a date and time"),
        ("anticoagulant", {"dose_at": "2026-11-22T19:30"}, "check the date and time"),
        ("anticoagulant", {"anticoagulant": "aspirin"}, "must be one of"),
        ("wishes", {"systolic": "150"}, "no answer to that question"),
        ("", {"systolic": "150"}, "no answer to that question"),
        ("wishes", {}, "this is needed"),
        ("", {}, "this is needed"),
    ],
)
def test_a_wrong_answer_is_refused_with_a_sentence_and_keeps_nothing(
    world: World, topic: str, said: dict[str, str], sentence: str
) -> None:
    referral = world.refers()
    with pytest.raises(BadInput, match=sentence):
        does(world, "ada", referral, "answer", topic=topic, **said)
    referral.refresh_from_db()
    assert referral.version == 1


def test_nobody_asks_nothing(world: World) -> None:
    with pytest.raises(BadInput, match="this is needed"):
        does(world, "ben", world.refers(), "ask")


def test_every_part_belongs_to_one_question() -> None:
    parts = [part.name for question in questions.QUESTIONS.values() for part in question.parts]
    assert len(parts) == len(set(parts))
    assert questions.QUESTIONS.keys() == set(questions.Topic.values)
    for question in questions.QUESTIONS.values():
        assert questions.in_words(question.topic, {}) == ""
        assert questions.read(question.topic, {}, now=NIGHT) == {}
