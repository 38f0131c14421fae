"""One proof run: what is counted, what is said, and that a control which nobody notices is no proof."""

import pytest

from tests.prove import asked, registry, running
from tests.prove.contract import Control, Proof, Result, Tally
from tests.prove.evidence import Evidence
from tests.prove.telling import Teller

emptied: list[int] = []


def a_proof(*, violations: int = 0, caught: int = 1) -> Proof:
    """A proof about nothing, which finds so much."""

    def run(size: int, seed: int) -> Result:
        tally = Tally(cases=size)
        for number in range(violations):
            tally.violation(f"case {number} of seed {seed}")
        return tally.result(best=3)

    control = Control(
        broken="nobody looks", run=lambda size, seed: Result(size=size, violations=caught), size=5
    )
    return Proof(promise="It holds.", unit="tries", size=1000, least=30, run=run, controls=(control,))


def run(proof: Proof, share: float = 1) -> Evidence:
    emptied.clear()
    return running.run("words", proof, share=share, seed=9, empty=lambda: emptied.append(1))


def test_a_proof_without_a_violation_whose_control_is_caught_holds(db: None) -> None:
    found = run(a_proof())
    assert found.holds
    assert running.line(found).startswith(
        "words      proved: 1,000 tries, 0 violations, 1 of 1 controls caught"
    )
    assert running.trouble(found) == []
    assert len(emptied) == 2


def test_a_violation_is_told_in_words_and_the_first_three_are_enough(db: None) -> None:
    found = run(a_proof(violations=40))
    assert not found.holds
    assert "VIOLATED: 1,000 tries, 40 violations" in running.line(found)
    assert running.trouble(found) == [f"  case {number} of seed 9" for number in range(3)]


def test_a_control_that_nobody_notices_is_told(db: None) -> None:
    found = run(a_proof(caught=0))
    assert not found.holds
    assert "PROVES NOTHING" in running.line(found)
    assert running.trouble(found) == ["  not caught: nobody looks"]


@pytest.mark.parametrize(("share", "size"), [(1, 1000), (0.5, 500), (0.001, 30)])
def test_a_share_is_never_smaller_than_what_still_says_something(share: float, size: int, db: None) -> None:
    assert run(a_proof(), share).size == size


def test_the_machine_is_told_by_nothing_but_its_kind(db: None) -> None:
    assert set(running.machine()) == {"cores", "Python", "PostgreSQL", "system"}


def test_every_proof_asks_only_for_programs_whose_package_is_known() -> None:
    needed = {program for entry in registry.ENTRIES.values() for program in entry.needs}
    assert needed <= set(registry.PACKAGES)


def test_all_proofs_are_run_at_full_size_unless_something_else_is_asked_for() -> None:
    everything = asked.read({"PATH": ""} | {"ARGS": " ".join(_without_needs())})
    assert (everything.share, everything.seed) == (1, asked.SEED)
    chosen = asked.read({"ARGS": "words webhooks words --quick", "SEED": "3"})
    assert chosen == asked.Asked(["words", "webhooks"], asked.QUICK, 3)
    assert asked.read({"ARGS": "words", "SHARE": "0.25"}).share == 0.25


def _without_needs() -> list[str]:
    return [name for name, entry in registry.ENTRIES.items() if not entry.needs]


def test_progress_is_told_in_tenths_where_nobody_watches_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    teller = Teller()
    list(teller.count(50))
    assert capsys.readouterr().err == ""
    teller.begin("words")
    assert list(teller.count(50)) == list(range(50))
    teller.end()
    assert capsys.readouterr().err.splitlines()[:2] == ["  words: 10 %", "  words: 20 %"]
