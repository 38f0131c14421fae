"""The NHS number: ten digits, the last a check digit (modulus 11, NHS Data Dictionary). Pure."""

import re

GAP = r"[ \-\u00a0\u2013]"
TEN = rf"(?:[0-9]{{10}}|[0-9]{{3}}{GAP}[0-9]{{3}}{GAP}[0-9]{{4}})(?![0-9])"
RUN = re.compile(rf"(?<![0-9]){TEN}")
ABROAD = (
    re.compile(  # as it is dialled from anywhere: 8 to 15 digits, until words, or ten more digits, follow
        rf"\+[0-9](?:{GAP}?[0-9]){{7,14}}?(?={GAP}{TEN}|(?!{GAP}?[0-9]))"
    )
)


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
    """Is there, in these words, what looks like a patient's number: ten digits in one, or 3-3-4 as they are printed?

    Ten that check are one, and ten that do not begin with a nought; a telephone number that begins with a plus is none.
    """
    found = RUN.findall(ABROAD.sub(";", text))
    return any(is_valid(one) or not one.startswith("0") for one in map(digits, found))
