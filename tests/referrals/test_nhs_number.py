"""The NHS number and its check digit (modulus 11, NHS Data Dictionary)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals import nhs_number


@pytest.mark.parametrize("number", ["9434765919", "9990000018", "4010232137"])
def test_known_numbers_are_valid(number: str) -> None:
    assert nhs_number.is_valid(number)
    assert nhs_number.spoken(number).replace(" ", "") == number


@pytest.mark.parametrize("number", ["9434765918", "999000001", "99900000180", "99900000AB", "", "٩٩٩٠٠٠٠٠١٨"])
def test_other_numbers_are_not(number: str) -> None:
    assert not nhs_number.is_valid(number)


def test_spaces_and_dashes_are_not_part_of_a_number() -> None:
    assert nhs_number.digits(" 943-476 59–19\u00a0") == "9434765919"


@given(first=st.text("0123456789", min_size=9, max_size=9), where=st.integers(0, 9), other=st.integers(1, 9))
def test_one_changed_digit_makes_a_number_invalid(first: str, where: int, other: int) -> None:
    checks = [first + last for last in "0123456789" if nhs_number.is_valid(first + last)]
    assert len(checks) <= 1  # where the check would be 10 the number is never issued
    for number in checks:
        changed = str((int(number[where]) + other) % 10)
        assert not nhs_number.is_valid(number[:where] + changed + number[where + 1 :])
