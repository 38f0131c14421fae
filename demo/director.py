"""The director: plays one night of patients through the public verbs, and steps back from whatever a visitor touches.

`tick` is called each second by the command night, and by tests with a clock that they wind. All that it must
remember is in demo.models.Patient. It never acts on a referral that has no row there.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q, QuerySet

from demo import acting, answering, arrivals, cast, coming_on, shifts
from demo.arrivals import Stage
from demo.models import Patient
from demo.plans import Plan
from demo.players import Deed, Scene, Signal
from network.models import Site
from paging.models import Escalation
from referrals.models import Event, Referral, Via
from referrals.refusals import Refusal
from referrals.states import LIVE, State

log = structlog.get_logger(__name__)

LIVE_AT_HOME, LIVE_ELSEWHERE = 10, 20
MOST_AT_HOME = 18  # with those whom visitors have taken over
QUIET = timedelta(seconds=24)  # after so long without an event at home something is brought forward
BETWEEN_ARRIVALS = timedelta(seconds=12)
ROTA_EVERY = timedelta(minutes=5)
BATCH = 20
MOST_REFUSALS = 5
BY_PHONE = frozenset({Via.SMS.value, Via.VOICE.value})


@dataclass
class Director:
    """One night; `perform` carries out what happens on phones, and is None where there are no phones."""

    seed: int
    speed: float
    perform: Callable[[Deed], None] | None = None
    failures: int = 0
    skipped: int = 0  # seeds that came to nothing
    _rota_at: datetime | None = field(default=None, init=False)
    _tests: set[int] = field(default_factory=set, init=False)  # the pages of tests that were answered
    _openings: list[tuple[bool, str]] | None = field(default=None, init=False)

    def tick(self, *, now: datetime) -> None:
        """Everything that is due at this moment."""
        self._keep_the_rota(now)
        self._open(now)
        for pk in list(_due(now).values_list("pk", flat=True)[:BATCH]):
            self.step(pk, now=now)
        self._signals(now)
        coming_on.confirm(now=now)
        self._answer_tests(now)
        self._welcome(now)
        self._liven(now)

    def step(self, pk: int, *, now: datetime, talk: bool = False) -> None:
        """The next step of one patient, or the director's stepping back; a fault here holds up nobody else."""
        deeds: list[Deed] = []
        try:
            with transaction.atomic():
                deeds = self._locked_step(pk, now=now, talk=talk)
        except (OperationalError, InterfaceError):
            raise
        except Refusal as refusal:
            self._stumble(pk, now, refusal.code)
        except Exception as error:
            log.exception("night_step_failed", patient=pk)
            self._stumble(pk, now, type(error).__name__)
        for deed in deeds:
            if self.perform:
                self.perform(deed)

    def _locked_step(self, pk: int, *, now: datetime, talk: bool) -> list[Deed]:
        patient = Patient.objects.select_for_update().filter(pk=pk, left_at=None).first()
        if patient is None:
            return []
        referrals = Referral.objects.select_for_update(no_key=True, of=("self",)).select_related(
            "spoke__network", "hub"
        )
        referral = referrals.get(pk=patient.referral_id)
        plan = Plan.of(patient.plan)
        if _a_visitor_acted(referral, plan):
            patient.left_at, patient.next_at = now, None
            patient.save(update_fields=["left_at", "next_at"])
            log.info("night_steps_back", referral=referral.code)
            return []
        scene = Scene(patient, referral, plan, now, self.speed, has_phones=self.perform is not None)
        if talk:
            acting.converse(scene)
        elif plan.state != referral.state:  # somebody's text, or the clock, moved it on
            patient.next_at = acting.diary(scene)
        else:
            patient.next_at = acting.act(scene)
        patient.plan = plan.row()
        patient.save(update_fields=["plan", "next_at"])
        return scene.deeds

    def _stumble(self, pk: int, now: datetime, code: str) -> None:
        """What was planned cannot be done: try again later, and some day no more."""
        self.failures += 1
        patient = Patient.objects.select_related("referral").get(pk=pk)
        plan = Plan.of(patient.plan)
        plan.refused += 1
        patient.plan = plan.row()
        patient.next_at = now + timedelta(seconds=15 * plan.refused) if plan.refused < MOST_REFUSALS else None
        patient.save(update_fields=["plan", "next_at"])
        log.warning("night_refused", referral=patient.referral.code, code=code, tries=plan.refused)

    def _open(self, now: datetime) -> None:
        """An empty board is full at once: those who would be there by now are entered late."""
        if self._openings is None:
            empty = not Patient.objects.exists() and self._stage_is_set()
            every = [(True, s.value) for s in arrivals.AT_HOME] + [
                (False, s.value) for s in arrivals.ELSEWHERE
            ]
            self._openings = every if empty else []
        while self._openings:
            home, state = self._openings.pop(0)
            self._enter(partial(arrivals.begin_at, State(state), home=home, stage=self._stage(now)))

    def _stage_is_set(self) -> bool:
        return Site.objects.filter(code=cast.WALTON).exists()

    def _stage(self, now: datetime) -> Stage:
        return Stage(now, self.speed, has_phones=self.perform is not None)

    def _enter(self, enter: Callable[[int], Patient | None]) -> None:
        """Let one patient in, with a seed that none had before."""
        seed = self.seed * 1_000_000 + Patient.objects.count() + self.skipped + 1
        try:
            with transaction.atomic():
                entered = enter(seed)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.exception("night_arrival_failed", error=type(error).__name__)
            self.failures += 1
            entered = None
        if entered is None:
            self.skipped += 1

    def _welcome(self, now: datetime) -> None:
        """New patients, so that about as many are on their way as before."""
        if Patient.objects.filter(made_at__gt=now - BETWEEN_ARRIVALS).exists():
            return
        homes = Patient.objects.filter(left_at=None, referral__state__in=sorted(LIVE)).values_list(
            "referral__spoke__network__code", flat=True
        )
        counted = Counter(code == cast.HOME for code in homes)
        crowded = _live_at_home() >= MOST_AT_HOME
        if counted[True] < LIVE_AT_HOME and not crowded:
            self._enter(partial(arrivals.come, home=True, stage=self._stage(now)))
        elif counted[False] < LIVE_ELSEWHERE:
            self._enter(partial(arrivals.come, home=False, stage=self._stage(now)))

    def _liven(self, now: datetime) -> None:
        """Where nothing has happened at home for a while, the next step is brought forward, or people talk."""
        at_home = Event.objects.filter(referral__spoke__network__code=cast.HOME)
        last = at_home.order_by("-pk").values_list("written_at", flat=True).first()
        if last is not None and now - last < QUIET:
            return
        mine = Patient.objects.filter(left_at=None, next_at__gt=now, referral__spoke__network__code=cast.HOME)
        rng = Random(f"{self.seed}:{now.timestamp():.0f}")  # noqa: S311 - plays dice, guards nothing
        talking = mine.filter(referral__state__in=acting.TALKING, referral__version__lt=14)
        if rng.random() < 0.35 and (pks := list(talking.order_by("pk").values_list("pk", flat=True))):
            self.step(rng.choice(pks), now=now, talk=True)
            return
        ready = mine.filter(referral__state__in=sorted(acting.ROUTINE)).order_by("next_at").first()
        if ready:
            self.step(ready.pk, now=now)
        elif _live_at_home() < MOST_AT_HOME:
            self._enter(partial(arrivals.come, home=True, stage=self._stage(now)))

    def _signals(self, now: datetime) -> None:
        """Phones that the director took the signal from find it again, whatever became of the patient."""
        if self.perform is None:
            return
        for patient in Patient.objects.exclude(plan__dark_until="")[:BATCH]:
            plan = Plan.of(patient.plan)
            if now >= datetime.fromisoformat(plan.dark_until):
                self.perform(Signal(plan.dark, on=True))
                plan.dark_until = ""
                Patient.objects.filter(pk=patient.pk).update(plan=plan.row())

    def _answer_tests(self, now: datetime) -> None:
        """Whoever's phone is tested answers, so that the rota stays green and nobody else is told."""
        if self.perform is None:
            return
        for page, deed in answering.tests(now=now, done=self._tests).items():
            self._tests.add(page)
            self.perform(deed)

    def _keep_the_rota(self, now: datetime) -> None:
        if self._rota_at is None or now - self._rota_at >= ROTA_EVERY:
            shifts.keep(now=now)
            self._rota_at = now


def _due(now: datetime) -> QuerySet[Patient]:
    return Patient.objects.filter(left_at=None, next_at__lte=now).order_by("next_at", "pk")


def _live_at_home() -> int:
    return Referral.objects.filter(state__in=sorted(LIVE), spoke__network__code=cast.HOME).count()


def _a_visitor_acted(referral: Referral, plan: Plan) -> bool:
    """Did somebody do something to this referral that the director did not do?"""
    events = Event.objects.filter(referral=referral).exclude(via__in=[Via.NIGHT, Via.CLOCK])
    every = list(events.values_list("via", "by"))
    told = [one for one in every if one[0] != Via.CREW]
    if len(every) - len(told) > plan.crew:
        return True
    ours = Counter(plan.texted)
    by_phone = Counter(by for via, by in told if via in BY_PHONE)
    if any(via not in BY_PHONE for via, _ in told) or any(n > ours[by] for by, n in by_phone.items()):
        return True
    taken = Q(taken_by__isnull=False) & ~Q(taken_by__in=plan.texted)
    return Escalation.objects.filter(taken, referral=referral).exists()
