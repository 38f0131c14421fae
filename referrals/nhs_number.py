"""The NHS number: ten digits, the last a check digit (modulus 11, NHS Data Dictionary). Pure."""

import re

RUN = re.compile(r"[0-9]+(?:[ \-\u00a0\u2013][0-9]+)*")


def digits(text: str) -> str:
    """The digits alone, without the spaces and dashes that people type."""
    return "".join(c for c in text if c not in " -\u00a0\u2013")


def is_valid(number: str) -> bool:
    """Ten digits whose last one checks the other nine: weights 10 to 2, remainder from 11."""
    if len(number) != 10 or not number.isascii() or not number.isdigit():
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:9], range(10, 1, -1), strict=True))
    check = (11 - total % 11) % 11
    return check == int(number[9])  # a check of 10 is never issued, and never equals one digit


def spoken(number: str) -> str:
    """As it is printed: 3-3-4."""
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def is_in(text: str) -> bool:
    """Is there, in these words, what looks like a patient's number: ten digits that check, or ten together that do not
    begin with a nought as a telephone number does?"""
    for run in RUN.findall(text):
        groups = re.findall(r"[0-9]+", run)
        joined = ("".join(groups[i:j]) for i in range(len(groups)) for j in range(i + 1, len(groups) + 1))
        if any(is_valid(one) for one in joined) or _ten_together("".join(groups)):
            return True
    return False


def _ten_together(number: str) -> bool:
    return len(number) == 10 and not number.startswith("0")
