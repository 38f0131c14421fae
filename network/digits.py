"""Whole numbers as people type them and programs send them. Pure.

Called wherever a text from outside becomes a number; what a number may be is the caller's to say.
"""

from collections.abc import Iterable

LONGEST = 9  # digits; whatever counts or names something in the database is shorter than its columns


def those(texts: Iterable[str]) -> list[int]:
    """The numbers among these texts; what is none is left out."""
    return [number for number in map(whole, texts) if number is not None]


def whole(text: str, *, longest: int = LONGEST) -> int | None:
    """The number that these digits are; None for anything else, and for more digits than can be meant.

    Only 0 to 9: “²” and “٣” are digits to Python, and no number that a nurse has typed.
    """
    return int(text) if len(text) <= longest and text.isascii() and text.isdigit() else None
