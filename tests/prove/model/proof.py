"""The pager's protocol, model-checked: every order of steps, deaths and answers, by Spin.

The model is pager.pml beside this file. The size is how many deaths of a pager are allowed for; with the full size a
pager may also stand still for longer than its lease, and the provider's answer may be lost.
"""

import hashlib
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.prove.contract import Control, Proof, Result, Tally
from tests.prove.telling import teller

MODEL = Path(__file__).with_name("pager.pml")
DEEPEST = 100_000  # steps of one run; none has needed more than a few hundred
SLOWEST = 1800  # seconds for one property, on a busy machine
TIMES = 3  # deaths of the full size

PROPERTIES = (
    "has_a_timer",
    "is_noticed",
    "ends_in_an_alarm",
    "one_acceptance",
    "page_ends",
    "sent_was_handed_over",
    "sent_stays_sent",
    "comes_to_rest",
)
WITNESSES = ("never_an_alarm", "never_as_many_copies_as_faults", "never_answered_in_flight")


@dataclass(frozen=True)
class Verdict:
    """What Spin found: a counterexample or none, after so many states."""

    error: str
    states: int
    depth: int


class Checker:
    """The model, compiled once for these faults; a small one is searched sooner than it is optimised."""

    def __init__(self, folder: Path, *defines: str, full: bool = False) -> None:
        self.folder, self.table = folder, "-w26" if full else "-w20"
        flags = [f"-D{define}" for define in defines]
        self._do(["spin", *flags, "-a", str(MODEL)])
        self._do(["gcc", "-O2" if full else "-O0", "-w", "-DNFAIR=3", "-o", "pan", "pan.c"])

    def _do(self, command: list[str]) -> str:
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, timeout=SLOWEST, check=True
        )
        return done.stdout

    def judge(self, name: str) -> Verdict:
        """Look at every state for a counterexample to this property, under weak fairness."""
        said = self._do([str(self.folder / "pan"), "-a", "-f", "-b", self.table, f"-m{DEEPEST}", "-N", name])
        found = re.search(r"^pan:1: (.*?)(?: \(at depth \d+\))?$", said, re.MULTILINE)
        states = re.search(r"^ *([\d.e+]+) states, stored", said, re.MULTILINE)
        depth = re.search(r"depth reached (\d+), errors: (\d+)", said)
        assert states and depth, said[-2000:]
        error = found[1] if found else ""
        assert bool(error) == (depth[2] != "0"), said[-2000:]
        return Verdict(error, int(float(states[1])), int(depth[1]))


def fingerprint(model: Path) -> str:
    """Which model this is."""
    return hashlib.sha256(model.read_bytes()).hexdigest()[:16]


def run(size: int, seed: int) -> Result:
    """Every property, of the page of each rung; nothing is drawn, so the seed changes nothing."""
    full = size >= TIMES
    faults = (f"CRASHES={size}", f"PAUSES={int(full)}", f"LOST_ANSWERS={int(full)}")
    tally, states, deepest = Tally(cases=size), 0, 0
    watched = (0, 1) if full else (0,)
    names = [(rung, name) for rung in watched for name in [*PROPERTIES, *WITNESSES]]
    with tempfile.TemporaryDirectory() as folder:
        for done, (rung, name) in enumerate(names):
            teller.step(done, len(names))
            if name == names[0][1]:
                checker = Checker(Path(folder), *faults, f"WATCHED={rung}", full=full)
            verdict = checker.judge(name)
            states, deepest = states + verdict.states, max(deepest, verdict.depth)
            if name in WITNESSES:
                tally.check(verdict.error, f"{name} holds: the model cannot do what it must be able to do")
            else:
                tally.check(not verdict.error, f"{name}: {verdict.error}")
    tally.faults.update({"deaths of a pager": size, "pauses beyond a lease": int(full)})
    tally.faults.update({"answers of the provider lost": int(full)})
    return tally.result(
        properties=len(PROPERTIES) * len(watched),
        witnesses=len(WITNESSES) * len(watched),
        states=states,
        depth=deepest,
        model=fingerprint(MODEL),
    )


def _broken(define: str, caught_by: str) -> Control:
    def check(size: int, seed: int) -> Result:
        tally = Tally(cases=size)
        with tempfile.TemporaryDirectory() as folder:
            verdict = Checker(Path(folder), f"CRASHES={size}", "LOST_ANSWERS=0", define).judge(caught_by)
        tally.check(not verdict.error, f"{caught_by}: {verdict.error}")
        return tally.result(states=verdict.states, depth=verdict.depth)

    return Control(broken=BROKEN[define], run=check, size=1)


BROKEN = {
    "MARK_FIRST": "a page is marked as sent before it is sent",
    "NO_LEASE_EXPIRY": "the lease of a dead pager never ends",
    "NO_FENCE": "a pager thought dead may still mark its page",
    "BLIND_CLAIM": "a page is claimed without asking whether it is still wanted",
    "NO_TIMER": "the next rung never comes due by time",
    "READ_CHECK_SAVE": "an acceptance looks first and writes afterwards",
}
CAUGHT_BY = {
    "MARK_FIRST": "sent_was_handed_over",
    "NO_LEASE_EXPIRY": "page_ends",
    "NO_FENCE": "sent_stays_sent",
    "BLIND_CLAIM": "has_a_timer",  # an assertion in the model, which every property checks too
    "NO_TIMER": "ends_in_an_alarm",
    "READ_CHECK_SAVE": "one_acceptance",
}

PROOF = Proof(
    promise="A waiting referral always has a timer and comes to an alarm; a page ends, is handed over before it is "
    "called sent, and leaves no more copies than one and one for each fault; nothing leaves for an answered referral "
    "but what was in flight; one acceptance.",
    unit="deaths of a pager, in every order of all steps",
    size=TIMES,
    least=1,
    run=run,
    controls=tuple(_broken(define, caught_by) for define, caught_by in CAUGHT_BY.items()),
)
