"""Falsified webhooks against the real doors: none may be heard; and well-signed ones, all of which must be.

Heard means: any answer but a refusal, or a statement that writes. After all mutants the tables are compared with
what they were. Twilio's signature has no border between a name and a value; those mutants carry a true signature.
"""

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any
from unittest import mock

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.test import Client, override_settings
from django.urls import include, path, reverse
from django.views.decorators.csrf import csrf_exempt
from twilio.request_validator import RequestValidator

from paging import urls
from paging.models import Channel
from tests import world as worlds
from tests.prove import doors, mutants, paged
from tests.prove.contract import Control, Proof, Result, Tally
from tests.prove.doors import ACCOUNT, DOORS, FORM, PUBLIC, TOKEN, Cast, Sent
from tests.prove.telling import teller

HOST = "dido.example"
REFUSED = frozenset({400, 403, 404, 405, 413})
GOOD = 100  # one well-signed request for so many mutants
OF_ONE_DOOR = 40  # different requests that are falsified
TABLES = ("paging_page", "paging_callback", "paging_inbound", "paging_escalation", "referrals_event")
READING = ("SELECT", "SET", "SHOW")


class Front:
    """The doors as the street sees them."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False, headers={"Host": HOST})
        self.writes: list[str] = []

    def note(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Note each statement that may write."""
        if not sql.lstrip().upper().startswith(READING):
            self.writes.append(sql[:40])
        return execute(sql, params, many, context)

    def knock(self, sent: Sent) -> tuple[int, list[str]]:
        """The answer, and the statements that may have written."""
        self.writes = []
        headers = {} if sent.signature is None else {"X-Twilio-Signature": sent.signature}
        where = sent.path + (f"?{sent.query}" if sent.query else "")
        with connection.execute_wrapper(self.note):
            answer = self.client.generic(
                sent.method, where, sent.body, sent.content_type, headers=headers | dict(sent.headers)
            )
        return answer.status_code, self.writes


Street = tuple[Front, Cast]


@contextmanager
def ours() -> Iterator[Street]:
    """Our account, our public address, and a text and a call that have left; all forgotten afterwards."""
    account = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM": doors.OURS}
    # A refusal may be a page; what it looks like is of no interest here.
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    front = {"PUBLIC_URL": PUBLIC, "ALLOWED_HOSTS": [HOST], "STORAGES": settings.STORAGES | plain}
    with override_settings(**front, **account), paged.taken_back():
        world = worlds.build()
        yield (
            Front(),
            Cast(text=paged.sent(world, Channel.SMS.value), call=paged.sent(world, Channel.VOICE.value)),
        )


def run(size: int, seed: int) -> Result:
    """So many mutants at all doors, and a hundredth as many good ones."""
    return _run(size, seed, mutants.KINDS)


def _run(size: int, seed: int, kinds: Sequence[str]) -> Result:
    rng, tally = Random(seed), Tally()
    for name in {pattern.name for pattern in urls.urlpatterns} ^ set(DOORS):
        tally.violation(f"the door {name} is not both in paging.urls and in the table of doors")
    with ours() as (front, cast):
        before = _rows()
        _falsify((front, cast), size, kinds, rng, tally)
        tally.check(_rows() == before, "the tables are not what they were")
        heard = _speak_truly((front, cast), max(size // GOOD, len(DOORS) * 4), rng, tally)
    return tally.result(doors=len(DOORS), kinds=len(tally.faults), well_signed_heard=heard)


def _falsify(street: Street, size: int, kinds: Sequence[str], rng: Random, tally: Tally) -> None:
    front, cast = street
    true = {name: [doors.request(name, rng, cast) for _ in range(OF_ONE_DOOR)] for name in DOORS}
    for _ in teller.count(size):
        mutant = None
        while mutant is None:
            kind, name = rng.choice(kinds), rng.choice(list(DOORS))
            mutant = mutants.mutate(kind, rng.choice(true[name]), rng)
        tally.cases += 1
        tally.faults[kind] += 1
        status, writes = front.knock(mutant)
        if status not in REFUSED or writes:
            tally.violation(
                f"{name}, {kind}: {status} {writes[:1]} {mutant.query} {_difference(mutant, true[name])}"
            )


def _difference(mutant: Sent, true: list[Sent]) -> str:
    """What a mutant says that no true request of its door does."""
    known = {pair for sent in true for pair in sent.pairs}
    return str([pair for pair in mutant.pairs if pair not in known][:2])


def _speak_truly(street: Street, size: int, rng: Random, tally: Tally) -> int:
    front, cast = street
    heard = 0
    for number in range(size):
        name = list(DOORS)[number % len(DOORS)]
        sent = doors.dressed(doors.request(name, rng, cast), rng)
        with paged.taken_back():
            status, _ = front.knock(sent)
        heard += status in {200, 204}
        if status not in {200, 204}:
            tally.violation(f"{name}: a well-signed request was refused with {status}")
    return heard


def _rows() -> list[object]:
    """A fingerprint of every table that a webhook may write."""
    with connection.cursor() as cursor:
        found = []
        for table in TABLES:
            cursor.execute(f"select md5(string_agg(t::text, '|' order by t::text)) from {table} t")
            found.append(cursor.fetchone())
        return found


# What a door does that guards itself badly; the doors behind the guard are the real ones.
Guard = Callable[[HttpRequest], bool]


def _signed_by_twilio(request: HttpRequest, address: str, form: Any) -> bool:
    signature = request.headers.get("X-Twilio-Signature", "")
    return bool(RequestValidator(settings.TWILIO_AUTH_TOKEN).validate(address, form, signature))


def _only_the_path(request: HttpRequest) -> bool:
    return bool(request.headers.get("X-Twilio-Signature"))


def _json_too(request: HttpRequest) -> bool:
    address = f"{settings.PUBLIC_URL}{request.get_full_path()}"
    return _signed_by_twilio(request, address, request.POST if request.content_type == FORM else {})


def _what_the_request_says(request: HttpRequest) -> bool:
    return _signed_by_twilio(request, request.build_absolute_uri(), request.POST)


def _the_signature_alone(request: HttpRequest) -> bool:
    address = f"{settings.PUBLIC_URL}{request.get_full_path()}"
    return request.content_type == FORM and _signed_by_twilio(request, address, request.POST)


def _behind(guard: Guard, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    bare = inspect.unwrap(view)

    @csrf_exempt
    def door(request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not guard(request):
            return HttpResponseForbidden()
        return bare(request)

    return door


def _badly_guarded(broken: str, guard: Guard, *kinds: str) -> Control:
    def check(size: int, seed: int) -> Result:
        careless = [
            path(reverse(pattern.name)[1:], _behind(guard, pattern.callback), name=pattern.name)
            for pattern in urls.urlpatterns
        ]
        real = path("", include("config.urls"))
        with (
            override_settings(ROOT_URLCONF=(*careless, real)),
            mock.patch(f"{__name__}._speak_truly", return_value=0),
        ):
            return _run(size, seed, kinds)

    return Control(broken=broken, run=check, size=60)


PROOF = Proof(
    promise="No falsified webhook is heard: at no door, with whatever is changed in its seal, words, dress or address; "
    "and every well-signed one is.",
    unit="mutated requests",
    size=100_000,
    least=500,
    run=run,
    controls=(
        _badly_guarded(
            "any signature is believed at the right path",
            _only_the_path,
            "forged signature",
            "a changed value",
        ),
        _badly_guarded(
            "a JSON body is accepted, whose signature covers the address alone", _json_too, "JSON"
        ),
        _badly_guarded(
            "the address is what the request says of itself",
            _what_the_request_says,
            "signed for another host",
        ),
        _badly_guarded(
            "a true signature is enough, wherever names and values divide",
            _the_signature_alone,
            "a moved border",
        ),
    ),
)
