"""The requests that are falsified are Twilio's, and what is falsified says something else or is sealed otherwise."""

from random import Random

import pytest

from paging import urls
from paging.models import Page
from tests.prove import doors, mutants
from tests.prove.doors import DOORS, Cast

CAST = Cast(
    text=Page(pk=17, phone="+447700900102", provider_id="SM" + "1" * 32, reply_code="BCDFG"),
    call=Page(pk=18, phone="+447700900102", provider_id="CA" + "2" * 32, digits="528"),
)


def test_a_signature_is_the_one_of_twilio_s_own_example() -> None:
    """https://www.twilio.com/docs/usage/security#validating-requests"""
    said = [("CallSid", "CA1234567890ABCDE"), ("Caller", "+14158675309"), ("Digits", "1234")]
    said += [("From", "+14158675309"), ("To", "+18005551212")]
    seal = doors.seal("https://mycompany.com/myapp.php?foo=1&bar=2", reversed(said))
    assert doors.signature(seal, "12345") == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_every_door_of_twilio_is_knocked_at() -> None:
    assert {pattern.name for pattern in urls.urlpatterns} == set(DOORS)


@pytest.mark.parametrize("kind", mutants.MUTATIONS)
def test_a_mutant_is_never_the_request_itself(kind: str) -> None:
    rng, made = Random(kind), 0
    for number in range(200):
        true = doors.request(list(DOORS)[number % len(DOORS)], rng, CAST)
        mutant = mutants.mutate(kind, true, rng)
        made += mutant is not None
        assert mutant != true
    assert made >= 5


@pytest.mark.parametrize("kind", sorted(mutants.SAME_SEAL))
def test_where_a_border_moves_the_seal_stays_and_the_meaning_does_not(kind: str) -> None:
    rng = Random(kind)
    true = [doors.request(name, rng, CAST) for name in DOORS for _ in range(40)]
    pairs = [(one, mutant) for one in true if (mutant := mutants.mutate(kind, one, rng))]
    assert pairs
    for one, mutant in pairs:
        assert mutant.signature == one.signature == one.signed().signature == mutant.signed().signature
        assert doors.meaning(mutant) != doors.meaning(one)


def test_another_dress_says_the_same() -> None:
    rng = Random(1)
    for name in list(DOORS) * 30:
        true = doors.request(name, rng, CAST)
        assert doors.meaning(doors.dressed(true, rng)) == doors.meaning(true)
