"""Whole numbers from outside: the digits 0 to 9, as many as can be meant, and nothing else."""

import pytest

from network import digits


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("007", 7), ("123456789", 123_456_789)])
def test_digits_are_a_number(text: str, number: int) -> None:
    assert digits.whole(text) == number


@pytest.mark.parametrize(
    "text",
    ["", " 7", "-1", "+1", "1.0", "1e3", "1_0", "²", "٣", "７", "one", "1\n", "1234567890", "9" * 5000],
)
def test_anything_else_is_none(text: str) -> None:
    assert digits.whole(text) is None


def test_a_caller_says_how_many_digits_can_be_meant() -> None:
    assert digits.whole("1" * 15, longest=15) == int("1" * 15)
    assert digits.whole("123456", longest=5) is None
