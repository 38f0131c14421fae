"""How many parts a text takes."""

import pytest

from paging.simulator import segments


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 80 + "a", 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("é" * 160, 1),
        ("ê" * 70, 1),
        ("ê" * 71, 2),
        ("ê" * 134, 2),
        ("ê" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 67, 3),
    ],
)
def test_a_text_is_cut_as_networks_cut_it(body: str, parts: int) -> None:
    assert segments.count(body) == parts


def test_the_phone_alphabet_has_128_places_less_the_escape() -> None:
    assert len(segments.GSM_BASIC) == 127
    assert segments.encoding("Δ_{€}") == "GSM-7"
    assert segments.encoding("∆") == "UCS-2"
