"""What may be said of a patient: each wrong value has its sentence, and nothing odd ever breaks the form."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referrals import facts as form
from referrals.facts import Stage
from referrals.refusals import BadInput
from tests.world import facts

NOW = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)


def moment(**by: float) -> str:
    return (NOW + timedelta(**by)).isoformat()


def check(**changes: Any) -> dict[str, Any]:
    return form.check({**facts(NOW), **changes}, stage=Stage.REFER, now=NOW)


A_SCORE = "is a whole number from 0 to"
WRONG: list[tuple[str, Any, str]] = [
    ("nhs_number", "9990000017", "not a valid NHS number"),
    ("nhs_number", "999000001", "not a valid NHS number"),
    ("nhs_number", "99900000AB", "not a valid NHS number"),
    ("nhs_number", "99900000180", "not a valid NHS number"),
    ("nhs_number", "9990000018 9990000018", "too long"),
    ("nhs_number", "٩٩٩٠٠٠٠٠١٨", "not a valid NHS number"),
    ("family_name", "x" * 81, "at most 80 characters"),
    ("family_name", "   ", "Give the family name."),
    ("family_name", "nul\x00", "cannot be kept"),
    ("family_name", "half \ud800", "must be a text"),
    ("given_name", "", "Give the first name."),
    ("date_of_birth", "2026-11-22", "lies in the future"),
    ("date_of_birth", "1890-01-01", "Check the year of birth."),
    ("date_of_birth", "31.02.1950", "this is not a date"),
    ("date_of_birth", "1950", "this is not a date"),
    ("sex", "f", "must be one of: female, male, other, unknown"),
    ("onset_kind", "guessed", "must be one of: witnessed"),
    ("onset_kind", None, "Say how the onset is known"),
    ("onset_at", moment(minutes=3), "lies in the future"),
    ("onset_at", moment(days=-15), "more than 14 days ago"),
    ("onset_at", None, "Give the time of onset"),
    ("onset_at", "at tea", "not a date and time"),
    ("arrived_at", moment(hours=1), "lies in the future"),
    ("arrived_at", None, "Give the time of arrival"),
    ("arrived_at", "9999-12-31T23:59:59-14:00", "lies in the future"),
    ("arrived_at", "0001-01-01T00:00:00+14:00", "14 days ago"),
    ("arrived_at", "2026-02-30T10:00", "not a date and time"),
    ("nihss", 43, A_SCORE),
    ("nihss", -1, A_SCORE),
    ("nihss", 14.5, A_SCORE),
    ("nihss", "many", A_SCORE),
    ("nihss", "", "Give the NIHSS."),
    ("nihss", float("inf"), A_SCORE),
    ("nihss", "9" * 5000, A_SCORE),
    ("nihss", True, "must be a text or a number"),
    ("nihss", [14], "must be a text or a number"),
    ("nihss", {"score": 14}, "must be a text or a number"),
    ("prestroke_mrs", 6, A_SCORE),
    ("aspects", 11, A_SCORE),
    ("cta_at", moment(minutes=-50), "before the arrival at your door"),
    ("cta_at", None, "Give the time of the CT angiogram."),
    ("occlusion", "M9", "must be one of: ICA, M1"),
    ("occlusion", None, "Say where the clot is."),
    ("side", None, "Say which side the clot is on."),
    ("side", "both", "must be one of: left, right"),
    ("thrombolysis", "perhaps", "must be one of: given"),
    ("thrombolysis", "not_given", "Say why thrombolysis was not given."),
    ("thrombolysis_at", None, "Give the time of thrombolysis."),
    ("thrombolysis_at", moment(minutes=-110), "before the onset"),
    ("thrombolysis_at", moment(minutes=20), "lies in the future"),
    ("no_thrombolysis_reason", "tired", "must be one of: too_late"),
    ("anticoagulant", "rat poison", "must be one of: none"),
    ("callback", "ward 4", "not a telephone number"),
    ("callback", "12", "not a telephone number"),
    ("callback", "+44 151 496 0123 0151 496 0123", "too long"),
    ("callback", None, "Give a number"),
    ("note", "x" * 40_000, "at most 4,000 characters"),
    ("note", "nul\x00", "cannot be kept"),
    ("mood", "grim", "There is no field called “mood”."),
    ("m" * 500, 1, "There is no field called “mmm"),
]  # fmt: skip
FIELDS_OF = {("thrombolysis", "not_given"): "no_thrombolysis_reason"}


@pytest.mark.parametrize(("name", "value", "sentence"), WRONG, ids=lambda v: ascii(v)[:24])
def test_each_wrong_value_has_its_sentence(name: str, value: Any, sentence: str) -> None:
    with pytest.raises(BadInput) as refusal:
        check(**{name: value})
    field = FIELDS_OF.get((name, str(value)), name)
    assert list(refusal.value.fields) == [field]
    assert sentence in refusal.value.fields[field]
    assert len(refusal.value.fields[field]) < 200


def test_a_number_of_more_digits_than_python_prints_is_a_wrong_value_too() -> None:
    with pytest.raises(BadInput, match="nihss must be a text or a number"):
        check(nihss=int("9" * 4000) ** 2)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("nhs_number", "999 000 0018", "9990000018"),
        ("nhs_number", "999-000-0018", "9990000018"),
        ("nhs_number", "", ""),
        ("nihss", "0", 0),
        ("nihss", 42, 42),
        ("callback", "0151 496 0123", "+441514960123"),
        ("callback", "(0151) 496-0123", "+441514960123"),
        ("callback", "+353 1 800 1234", "+35318001234"),
        ("family_name", "  O’Neill-Núñez ", "O’Neill-Núñez"),
        ("onset_at", "2026-11-21 02:30", datetime(2026, 11, 21, 2, 30, tzinfo=UTC)),
        ("date_of_birth", "31/01/1950", datetime(1950, 1, 31).date()),  # noqa: DTZ001 a day has no zone
    ],
)  # fmt: skip
def test_what_people_type_is_kept_in_one_form(name: str, value: Any, kept: object) -> None:
    assert check(**{name: value})[name] == kept


def test_a_patient_who_woke_up_with_it_has_no_time_of_onset() -> None:
    assert check(onset_kind="wake_up", onset_at=None)["onset_at"] is None


def test_a_clot_in_the_basilar_artery_has_no_side() -> None:
    assert check(occlusion="basilar", side=None)["side"] == ""


def test_all_faults_are_told_in_one_answer() -> None:
    with pytest.raises(BadInput) as refusal:
        check(nihss=99, family_name="", occlusion=None, colour="red")
    assert set(refusal.value.fields) == {"nihss", "family_name", "occlusion", "colour"}


def test_a_pre_alert_asks_for_little() -> None:
    known = form.check(
        {"arrived_at": moment(minutes=-5), "callback": "0151 496 0123"}, stage=Stage.PRE_ALERT, now=NOW
    )
    assert set(known) == set(form.NAMES)


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None))
    | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None)
@given(
    said=st.dictionaries(st.sampled_from(form.NAMES) | st.text(), ODD, max_size=8),
    typed=st.booleans(),
    stage=st.sampled_from(Stage),
)
def test_nothing_that_is_said_breaks_the_form(said: dict[str, Any], typed: bool, stage: Stage) -> None:
    try:
        known = form.check({**facts(NOW), **said} if typed else said, stage=stage, now=NOW)
    except BadInput as bad:
        faults = bad.fields
    else:
        faults = {}
        assert set(known) == set(form.NAMES)
        assert "\x00" not in "".join(str(value) for value in known.values())
    assert all(faults.values())
