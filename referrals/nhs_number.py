"""The NHS number: ten digits, the last a check digit (modulus 11, NHS Data Dictionary). Pure."""


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
