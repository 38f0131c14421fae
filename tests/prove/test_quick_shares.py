"""A quick share of every proof, and that each notices what is broken on purpose; `make prove` runs them whole."""

from pathlib import Path

import pytest
from django.db import connection

from tests.prove import evidence, registry
from tests.prove.contract import Control
from tests.prove.model import proof as model

SEED = 7
HERE = [name for name in registry.ENTRIES if not registry.missing([name]) and registry.load(name).in_tests]
CONTROLS = [
    pytest.param(control, id=f"{name}: {control.broken}")
    for name in HERE
    for control in registry.load(name).controls
    if control.in_tests
]


@pytest.fixture
def ground(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty database, which processes that a proof starts find too; and a machine that may stop for a moment."""
    for transport in ("twilio", "notify"):
        monkeypatch.setattr(f"paging.transports.{transport}.ASKING", 60.0)
    known = connection.get_connection_params()
    who, where = f"{known['user']}:{known['password']}", f"{known['host']}:{known['port']}"
    monkeypatch.setenv("DATABASE_URL", f"postgresql://{who}@{where}/{known['dbname']}")


@pytest.mark.parametrize("name", HERE)
def test_a_share_of_the_proof_finds_no_violation(name: str, ground: None) -> None:
    proof = registry.load(name)
    result = proof.run(proof.least, SEED)
    assert (result.violations, result.examples) == (0, ())
    assert result.size >= proof.least


@pytest.mark.parametrize("control", CONTROLS)
def test_what_is_broken_on_purpose_is_noticed(control: Control, ground: None) -> None:
    assert control.run(control.size, SEED).violations > 0


def test_the_model_that_was_checked_is_the_one_that_is_here() -> None:
    """Where Spin is not installed this is what keeps the model and its figures together."""
    kept = evidence.read("model")
    assert kept
    assert kept.figures["model"] == model.fingerprint(Path(model.MODEL))
