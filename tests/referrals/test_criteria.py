"""The criteria for thrombectomy, clause by clause, just inside, at and just outside each edge. Pure."""

from typing import Any

import pytest

from referrals import targets
from referrals.criteria import clauses, judging
from referrals.criteria.judging import Verdict

IN, OPEN, OUT = Verdict.WITHIN, Verdict.UNCERTAIN, Verdict.OUTSIDE
H = 60
EARLY = {
    "occlusion": "M1", "nihss": 14, "prestroke_mrs": 1, "aspects": 8, "thrombolysis": "given", "minutes": 4 * H,
    "age": 76,
}  # fmt: skip
LATE = EARLY | {"minutes": 8 * H, "perfusion": "mismatch", "mismatch_ml": 40}
LATER = LATE | {"minutes": 16 * H}
BASILAR = EARLY | {"occlusion": "basilar", "nihss": 12, "perfusion": "mismatch"}
NICE, GUIDELINE = "NICE NG128", "National Clinical Guideline for Stroke"

EDGES: list[tuple[str, str, dict[str, Any], str, list[tuple[Any, Verdict]]]] = [
    # clause, source, the patient otherwise, the fact, and what is said of each value
    ("occlusion", NICE, EARLY, "occlusion", [("ICA", IN), ("M1", IN), ("M2", OPEN), ("other", OPEN), ("", OPEN)]),
    ("occlusion", NICE, BASILAR, "occlusion", [("basilar", IN)]),
    ("window", NICE, LATER, "minutes", [(1, IN), (24 * H - 1, IN), (24 * H, IN), (24 * H + 1, OUT), (None, OPEN)]),
    ("window", NICE, BASILAR, "minutes", [(24 * H, IN), (24 * H + 1, OUT)]),
    (
        "window_posterior", GUIDELINE, BASILAR, "minutes",
        [(12 * H - 1, IN), (12 * H, IN), (12 * H + 1, OPEN), (24 * H, OPEN), (None, OPEN)],
    ),
    ("nihss", NICE, EARLY, "nihss", [(0, OUT), (5, OUT), (6, IN), (7, IN), (42, IN), (None, OPEN)]),
    ("nihss_posterior", GUIDELINE, BASILAR, "nihss", [(9, OUT), (10, IN), (11, IN), (None, OPEN)]),
    ("mrs", NICE, EARLY, "prestroke_mrs", [(0, IN), (1, IN), (2, IN), (3, OUT), (5, OUT), (None, OPEN)]),
    ("mrs_late", GUIDELINE, LATE, "prestroke_mrs", [(0, IN), (1, IN), (2, OUT), (None, OPEN)]),
    ("artery_late", GUIDELINE, LATE, "occlusion", [("ICA", IN), ("M1", IN), ("M2", OPEN)]),
    ("aspects", NICE, EARLY, "aspects", [(0, IN), (10, IN), (None, OPEN)]),
    ("aspects_6_12", GUIDELINE, LATE, "aspects", [(2, OUT), (3, IN), (4, IN), (None, OPEN)]),
    ("aspects_12_24", GUIDELINE, LATER, "aspects", [(2, OUT), (3, IN), (4, IN), (None, OPEN)]),
    (
        "salvage_late", NICE, LATE, "perfusion",
        [("mismatch", IN), ("no_mismatch", OUT), ("not_done", OPEN), ("", OPEN)],
    ),
    ("mismatch_late", GUIDELINE, LATER, "mismatch_ml", [(14, OUT), (15, OUT), (16, IN), (None, OPEN)]),
    (
        "salvage_posterior", NICE, BASILAR, "perfusion",
        [("mismatch", IN), ("no_mismatch", OUT), ("not_done", OPEN), ("", OPEN)],
    ),
    ("age_posterior", GUIDELINE, BASILAR, "age", [(79, IN), (80, IN), (81, OPEN), (None, OPEN)]),
    (
        "thrombolysis", NICE, EARLY, "thrombolysis",
        [("given", IN), ("not_given", IN), ("pending", OPEN), ("", OPEN)],
    ),
]  # fmt: skip
TABLE = [
    pytest.param(clause, source, {**patient, fact: value}, verdict, id=f"{clause}-{value}")
    for clause, source, patient, fact, values in EDGES
    for value, verdict in values
]
BANDS = [
    # which clauses apply to whom, at the edges of the windows
    ("aspects", EARLY, 6 * H, True), ("aspects", EARLY, 6 * H + 1, False), ("aspects", BASILAR, 4 * H, False),
    ("thrombolysis", EARLY, 6 * H, True), ("thrombolysis", EARLY, 6 * H + 1, False),
    ("mrs_late", LATE, 6 * H, False), ("mrs_late", LATE, 6 * H + 1, True), ("mrs_late", LATE, 24 * H, True),
    ("mrs_late", LATE, 24 * H + 1, True), ("mrs_late", BASILAR, 8 * H, False),  # asked on, where a hub takes later ones
    ("salvage_late", LATE, 6 * H, False), ("salvage_late", LATE, 6 * H + 1, True),
    ("aspects_6_12", LATE, 12 * H, True), ("aspects_6_12", LATE, 12 * H + 1, False),
    ("aspects_12_24", LATE, 12 * H, False), ("aspects_12_24", LATE, 12 * H + 1, True),
    ("mismatch_late", LATE, 12 * H, False), ("mismatch_late", LATE, 12 * H + 1, True),
    ("mismatch_late", BASILAR, 16 * H, False), ("artery_late", LATE, 6 * H + 1, True),
    ("window_posterior", EARLY, 4 * H, False), ("window_posterior", BASILAR, 4 * H, True),
    ("nihss_posterior", EARLY, 4 * H, False), ("age_posterior", EARLY, 4 * H, False),
    ("salvage_posterior", EARLY, 4 * H, False), ("salvage_posterior", BASILAR, 4 * H, True),
]  # fmt: skip


def found(facts: dict[str, Any]) -> dict[str, judging.Finding]:
    return {one.clause: one for one in judging.judge(facts, clauses.national()).findings}


@pytest.mark.parametrize(("clause", "source", "facts", "verdict"), TABLE)
def test_each_clause_at_its_edges(clause: str, source: str, facts: dict[str, Any], verdict: Verdict) -> None:
    one = found(facts)[clause]
    assert one.verdict == verdict
    assert one.source.startswith(source)
    assert bool(one.settle) == (verdict == OPEN), "what is uncertain says what would settle it"


@pytest.mark.parametrize(("clause", "patient", "minutes", "applies"), BANDS)
def test_each_clause_applies_within_its_window_and_territory(
    clause: str, patient: dict[str, Any], minutes: int, applies: bool
) -> None:
    assert (clause in found({**patient, "minutes": minutes})) == applies


def test_every_clause_stands_in_the_table() -> None:
    assert {row[0] for row in EDGES} == {clause.id for clause in clauses.national().clauses}


def test_every_clause_has_its_unit_its_source_and_its_version() -> None:
    for clause in clauses.national().clauses:
        assert clause.unit
        assert clause.source.document
        assert clause.source.section
        assert clause.source.year >= 2019
        assert clause.version >= 1


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (EARLY, IN),
        (LATE, IN),
        (LATER, IN),
        (BASILAR, IN),
        ({}, OPEN),
        (EARLY | {"nihss": 5}, OUT),
        (EARLY | {"aspects": None}, OPEN),
        (EARLY | {"aspects": None, "prestroke_mrs": 4}, OUT),
        (EARLY | {"minutes": 25 * H}, OUT),
        (BASILAR | {"minutes": 25 * H}, OUT),
        (LATE | {"perfusion": "not_done", "mismatch_ml": None}, OPEN),
        # The two sources differ: NICE takes an mRS of 2 at eight hours, the guideline does not.
        (LATE | {"prestroke_mrs": 2}, OPEN),
        (LATE | {"prestroke_mrs": 3}, OUT),
        (BASILAR | {"nihss": 7}, OPEN),
        (BASILAR | {"nihss": 5}, OUT),
    ],
)
def test_the_whole_patient_is_judged_by_the_worst_of_what_is_asked(
    facts: dict[str, Any], verdict: Verdict
) -> None:
    assert judging.judge(facts, clauses.national()).verdict == verdict


def test_the_line_says_what_is_missing_and_what_is_outside() -> None:
    def line(**changes: Any) -> str:
        return judging.judge(EARLY | changes, clauses.national()).line

    assert line() == "Within the criteria"
    assert line(aspects=None) == "Uncertain: ASPECTS not known: ask for it"
    assert line(aspects=None, nihss=4) == "Outside the criteria: NIHSS 4 (6 or more)"


def test_a_hub_s_own_bound_replaces_the_national_one_and_names_the_hub() -> None:
    own = clauses.of_hub(
        "Walton", 3, {"aspects": {"at_least": 6}, "thrombolysis": {"dropped": True}}, year=2026
    )
    judgement = judging.judge(EARLY | {"aspects": 5}, own)
    by_clause = {one.clause: one for one in judgement.findings}
    assert judgement.verdict == OUT
    assert by_clause["aspects"].source == "Walton’s own criteria version 3 (2026)"
    assert by_clause["nihss"].source.startswith(NICE)
    assert "thrombolysis" not in by_clause
    assert judgement.version == "2023.1, Walton 3"


@pytest.mark.parametrize(
    "differences",
    [
        {"nihss": {"at_least": 43}},
        {"nihss": {"at_least": "6"}},
        {"nihss": {"at_least": 9, "at_most": 8}},
        {"nihss": {"about": 1}},
        {"salvage_late": {"at_least": 1}},
        {"weather": {"at_least": 1}},
    ],
)
def test_a_bound_that_cannot_be_is_named(differences: dict[str, Any]) -> None:
    assert clauses.faults(differences)


def test_a_network_s_target_is_laid_over_the_national_one() -> None:
    own = targets.of_network("Cheshire and Merseyside", 2, {"dido": [50, 75]})
    assert list(own["dido"].minutes) == [50, 75]
    assert own["dido"].source == "Cheshire and Merseyside’s own target, version 2"
    assert own["groin"] == targets.TARGETS["groin"]
    assert targets.faults({"dido": (75, 50)})
    assert targets.faults({"dido": (0, 0)})
    assert targets.faults({"weather": (1, 2)})
    assert not targets.faults({"dido": (50, 75)})
