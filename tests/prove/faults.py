"""Twilio's faults, one after the other, against the pager over real HTTP: each must lead to its right next move.

The table is tests/prove/faults_matrix.py. Every fault meets as many nights as there are seeds; a night is one patient
who waits, drawn from the seed, and nothing of it is kept.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from copy import copy
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest import mock

from django.conf import settings
from django.test import override_settings

from network.models import PhoneTrouble
from paging import escalations, routes, troubles
from paging.transports import twilio
from paging.transports.contract import Kind, Outcome
from paging.troubles import Trouble
from tests import world as worlds
from tests.prove import doors, faults_judge, faults_provider, paged
from tests.prove.contract import Control, Proof, Result, Tally
from tests.prove.faults_matrix import CASES, Case
from tests.prove.faults_night import Night
from tests.prove.faults_provider import Accounts
from tests.prove.telling import teller
from tests.prove.webhooks import HOST, Front

SEEDS = 50  # nights for each fault
TOGETHER = 60  # nights on the same rows
MIXED = tuple(Random(0).sample(CASES, len(CASES)))  # so that a small share meets faults of every kind
OWNER = "hob"


class Heard(logging.Handler):
    """Everything that was logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line."""
        self.lines.append(f"{record.msg} {record.args or ''}")


@contextmanager
def _listening() -> Iterator[Heard]:
    heard, root = Heard(), logging.getLogger()
    others, root.handlers = root.handlers, [heard]
    try:
        yield heard
    finally:
        root.handlers = others


@contextmanager
def _front() -> Iterator[None]:
    account = {
        "TWILIO_ACCOUNT_SID": doors.ACCOUNT,
        "TWILIO_AUTH_TOKEN": doors.TOKEN,
        "TWILIO_FROM": doors.OURS,
    }
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    ours = {"PUBLIC_URL": doors.PUBLIC, "ALLOWED_HOSTS": [HOST], "STORAGES": settings.STORAGES | plain}
    with override_settings(PLATFORM_OWNER=OWNER, **account, **ours):
        yield


def _run(size: int, seed: int, cases: Sequence[Case] = MIXED) -> Result:
    tally, more, left, most = Tally(), Counter[str](), size, 0
    with _front(), _listening() as heard, faults_provider.opened() as provider:
        accounts, front = Accounts(provider), Front()
        while left > 0:
            with paged.taken_back():
                world = worlds.build()
                for _ in range(min(left, TOGETHER)):
                    number = size - left
                    teller.step(number, size)
                    case, rng = cases[number % len(cases)], Random(f"{seed}:{number}")
                    night = Night(
                        world=copy(world),
                        routes=routes.only(),
                        case=case,
                        rng=rng,
                        accounts=accounts,
                        front=front,
                    )
                    most = max(most, _played(night, heard, tally, number))
                    more += faults_judge.figures(night)
                    left -= 1
    nights = size // len(cases)
    return tally.result(faults_in_the_table=len(cases), nights_for_each=nights, most_copies=most, **more)


def _played(night: Night, heard: Heard, tally: Tally, number: int) -> int:
    """One night; says how many copies of one page reached a phone at most."""
    heard.lines.clear()
    with (
        paged.taken_back(),
        mock.patch("paging.routes.configured", return_value=night.routes),
        mock.patch("paging.webhooks.timezone", SimpleNamespace(now=night.clock)),
    ):
        night.play()
        copies = max(faults_judge.copies(night).values(), default=0)
        found = [*night.wrong, *faults_judge.wrong(night, heard.lines)]
    night.accounts.provider.let_go()
    tally.cases += 1
    tally.faults[night.case.kind] += len(night.hits)
    if night.meanwhile:
        tally.faults[f"meanwhile: {night.meanwhile}"] += 1
    for words in dict.fromkeys(found):
        tally.violation(f"night {number}, {night.case.name}: {words}")
    return copies


def _broken(broken: str, only: Callable[[Case], bool], *patches: AbstractContextManager[Any]) -> Control:
    chosen = [case for case in MIXED if only(case)]

    def check(size: int, seed: int) -> Result:
        with ExitStack() as stack:
            for patch in patches:
                stack.enter_context(patch)
            return _run(size, seed, chosen)

    return Control(broken=broken, run=check, size=6)


ASKED = twilio._asked


def _never_final(*given: Any) -> Outcome:
    """Whatever the provider refuses may be tried again."""
    said = ASKED(*given)
    return Outcome(Kind.AGAIN, error=said.error) if said.kind is Kind.REFUSED else said


def _hopeful(*given: Any) -> Outcome:
    """Silence is taken for yes."""
    said = ASKED(*given)
    return Outcome(Kind.ACCEPTED, "SM" + "0" * 32, "queued") if said.error == "unanswered" else said


NUMBERS_FAULT = {
    code: (Trouble.CONTACT, words)
    for code, (trouble, words) in troubles.WORDS.items()
    if trouble is Trouble.OURS
}
RED = dict.fromkeys(NUMBERS_FAULT, PhoneTrouble.UNKNOWN)

PROOF = Proof(
    promise="Each fault of Twilio’s leads to its right next move within its time: the page again, the other provider, "
    "the next rung, a red rota, a page to the platform’s owner; none is lost, hangs, or is tried for ever.",
    unit="nights with a fault",
    size=len(CASES) * SEEDS,
    least=14,
    run=_run,
    controls=(
        _broken(
            "every error may be tried again",
            lambda case: bool(case.red) and case.answer is not None,
            mock.patch.object(troubles, "of", return_value=Trouble.BUSY),
            mock.patch.object(twilio, "_asked", _never_final),
        ),
        _broken(
            "a refused account is taken for a bad number",
            lambda case: case.owner,
            mock.patch.dict(troubles.WORDS, NUMBERS_FAULT),
            mock.patch.dict(troubles.PHONE, RED),
        ),
        _broken(
            "a time-out is taken for “sent”",
            lambda case: case.kind == "time-out",
            mock.patch.object(twilio, "_asked", _hopeful),
        ),
        _broken(
            "a bad number is no business of the coordinator’s",
            lambda case: bool(case.red),
            mock.patch.dict(troubles.PHONE, clear=True),
        ),
        _broken(
            "a failure does not hurry the ladder",
            lambda case: case.kind == "report of a failure" and not case.owner,
            mock.patch.object(escalations, "hurry", return_value=None),
        ),
    ),
)
