"""Sixteen acceptances at once, over web, text and call: never two, never none, and nobody is told what is not so.

Sixteen threads with a connection each stand before one referral that is offered to two hubs, and go at one signal.
"""

import itertools
import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from random import Random

import django
from django.db import connection
from django.utils import timezone

from network.models import Person, Site
from paging import answers, rungs
from paging.models import Channel, Escalation, Fate, Page
from paging.replies import Yes
from referrals import verbs
from referrals.models import Event, Offer, OfferState, Referral
from referrals.refusals import Refusal
from referrals.states import State
from tests.bench.pager import filling
from tests.prove import emptied
from tests.prove.contract import Control, Proof, Result, Tally, together
from tests.prove.telling import teller
from tests.world import World

ACTORS = 16
AT_WALTON, AT_SALFORD = ("ben", "cleo", "ivy", "sam"), ("mo",)
TAKEN = (OfferState.ACCEPTED, OfferState.PROVISIONAL)
TOGETHER = 250  # referrals that are made at once
OF_ONE_HAND = 100_000  # patients' numbers that one process may use
YES = "You have accepted"

Go = Callable[[], str]  # what this actor is told
Accept = Callable[[str, Person, str, str, datetime], str]
Pages = dict[tuple[int, int, str], Page]  # by referral, person and channel


@dataclass(frozen=True)
class Race:
    """One referral, and whoever wants it."""

    code: str
    goes: list[tuple[str, Go]]  # who, and their acceptance


def _web(code: str, person: Person, hub: str, key: str, now: datetime) -> str:
    try:
        verbs.do(code, "accept", {"hub": hub}, by=person, now=now, via="web", key=key)
    except Refusal as refusal:
        return refusal.message
    return f"{YES} {code}."


def _careless(code: str, person: Person, hub: str, _key: str, now: datetime) -> str:
    """Read, check, save: what a state machine without a lock does."""
    referral = Referral.objects.get(code=code)
    if referral.state != State.REFERRED:
        return "This has been accepted already."
    Referral.objects.filter(pk=referral.pk).update(
        state=State.ACCEPTED, operator=person, hub=Site.objects.get(code=hub), accepted_at=now
    )
    return f"{YES} {code}."


def _races(world: World, count: int, rng: Random, accept: Accept) -> list[Race]:
    """So many referrals, each offered to Walton and Salford, with a text and a call to every operator."""
    world.now = now = timezone.now()
    walton, salford = world.sites["RET20"], world.sites["RM301"]
    referrals = filling.waiting(world, count)
    Offer.objects.bulk_create(
        Offer(referral=r, hub=salford, state=OfferState.OPEN, opened_at=now) for r in referrals
    )
    referrals[0].parties.model.objects.bulk_create(
        referrals[0].parties.model(referral=r, site=salford, is_hub=True, since=now) for r in referrals
    )
    filling.climbing(referrals, due=[now] * count, hub=walton)
    filling.climbing(referrals, due=[now] * count, hub=salford)
    pages = _pages(world, referrals, now)
    return [Race(r.code, _goes(world, r, pages, rng, accept)) for r in referrals]


def _pages(world: World, referrals: list[Referral], now: datetime) -> Pages:
    made = []
    open_now = Escalation.objects.filter(referral__in=referrals).select_related("hub", "referral")
    for escalation in open_now:
        names = AT_WALTON if escalation.hub == world.sites["RET20"] else AT_SALFORD
        for name, channel in itertools.product(names, (Channel.SMS, Channel.VOICE)):
            page = rungs.made(escalation, world.people[name], channel, now)
            page.fate, page.sent_at, page.rung = Fate.SENT, now, 0
            made.append(page)
    for page, code in zip(made, rungs.reply_codes(len(made)), strict=True):
        page.reply_code, page.provider_id = code, f"CA{code}{page.escalation_id}"
    Page.objects.bulk_create(made)
    return {(p.escalation.referral_id or 0, p.person_id or 0, p.channel): p for p in made}


def _goes(
    world: World, referral: Referral, pages: Pages, rng: Random, accept: Accept
) -> list[tuple[str, Go]]:
    now = world.now
    goes: list[tuple[str, Go]] = []
    for name in (*AT_WALTON, *AT_SALFORD):
        person = world.people[name]
        hub = "RET20" if name in AT_WALTON else "RM301"
        text, call = pages[referral.pk, person.pk, "sms"], pages[referral.pk, person.pk, "voice"]
        key = f"{referral.code}:{name}"
        goes += [
            (name, partial(accept, referral.code, person, hub, key, now)),
            (name, partial(_texts, person, text, now)),
            (name, partial(_presses, call, now)),
        ]
    person = world.people["ben"]  # whose thumb pressed twice
    goes.append(("ben", partial(accept, referral.code, person, "RET20", f"{referral.code}:ben", now)))
    rng.shuffle(goes)
    return goes


def _texts(person: Person, page: Page, now: datetime) -> str:
    return answers.receive(
        provider_id=f"SM{page.reply_code}", sender=person.phone, text=page.reply_code, now=now
    )


def _presses(page: Page, now: datetime) -> str:
    fresh = Page.objects.select_related("escalation__referral", "escalation__hub", "person").get(pk=page.pk)
    return answers.press(page=fresh, call_id=page.provider_id, meant=Yes(page.reply_code), now=now)


def _judge(race: Race, told: list[tuple[str, str]], tally: Tally) -> None:
    referral = Referral.objects.select_related("operator").get(code=race.code)
    taken = list(Offer.objects.filter(referral=referral, state__in=TAKEN))
    accepts = Event.objects.filter(referral=referral, verb="accept").count()
    yes = [who for who, words in told if words.startswith(YES)]
    winner = referral.operator.username if referral.operator else ""
    tally.check(
        len(taken) == 1 and accepts == 1,
        f"{race.code}: {len(taken)} offers taken, {accepts} acceptances; told {sorted(set(told))[:3]}",
    )
    tally.check(set(yes) == {winner}, f"{race.code}: {sorted(set(yes))} were told yes, and {winner} has it")
    # The same press twice is one acceptance, told twice.
    tally.check(
        len(yes) <= 2 and (len(yes) == 1 or winner == "ben"), f"{race.code}: {len(yes)} were told yes"
    )
    tally.check(
        len(told) == ACTORS and all(words for _, words in told), f"{race.code}: somebody was told nothing"
    )
    tally.faults["acceptance refused"] += ACTORS - len(yes)


def _run(size: int, seed: int, accept: Accept = _web) -> Result:
    """The races of one world, shared among as many processes as there are cores."""
    world = emptied.world()
    hands = min(os.cpu_count() or 1, size // TOGETHER)
    if hands < 2:
        return _run_here(size, seed, world, accept)
    shares = [size // hands + (number < size % hands) for number in range(hands)]
    with ProcessPoolExecutor(hands, get_context("spawn"), initializer=django.setup) as processes:
        run = partial(_run_here, accept=accept)
        worlds = [replace(world, spare=number * OF_ONE_HAND) for number in range(hands)]
        return together(list(processes.map(run, shares, range(seed, seed + hands), worlds)))


def _run_here(size: int, seed: int, world: World, accept: Accept) -> Result:
    rng, tally = Random(seed), Tally()
    barrier = threading.Barrier(ACTORS)

    def at_the_signal(go: tuple[str, Go]) -> tuple[str, str]:
        barrier.wait(60)
        try:
            return go[0], go[1]()
        except Exception as error:  # noqa: BLE001 a fault is a finding
            return go[0], f"{type(error).__name__}: {error}"

    def goes_home(_: int) -> None:
        barrier.wait(60)
        connection.close()

    with ThreadPoolExecutor(ACTORS) as crowd:
        for number in range(size):
            teller.step(number, size)
            if number % TOGETHER == 0:
                races = _races(world, min(TOGETHER, size - number), rng, accept)
            race = races[number % TOGETHER]
            tally.cases += 1
            _judge(race, list(crowd.map(at_the_signal, race.goes)), tally)
        list(crowd.map(goes_home, range(ACTORS)))
    return tally.result(acceptances=tally.cases * ACTORS)


PROOF = Proof(
    promise="However many accept at once, by web, text or call: one has the patient, and only they are told so.",
    unit="races of 16 acceptances",
    size=20_000,
    least=4,
    run=_run,
    controls=(
        Control(
            broken="acceptance reads, checks and saves without a lock",
            run=lambda size, seed: _run(size, seed, _careless),
            size=8,
        ),
    ),
)
