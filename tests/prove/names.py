"""Names as no hospital has them, and as all of ours have them; drawn from a seed.

Whatever a column of the database can hold: any Unicode but the null character and lone surrogates.
"""

import csv
from pathlib import Path
from random import Random

SITES = Path(__file__).resolve().parents[2] / "network" / "data" / "sites.csv"
PLACE, PERSON = 24, 80  # the columns' lengths
EXTENSION = "^{}\\[~]|€\f`"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz '.-/&"
STRANGE = (
    "STOP", "START", "Stop.", "YES", "HELP INFO", "UNSUBSCRIBE", "", " ", "  ", ".", "-" * 24, "W" * 80, "Ẅ" * 80,
    "R7K2B", "XR7K2B", "Reply R7K2B accept", "Reply", "https://evil.example/r/R7K2/", "&lt;Dial&gt;", "<Hangup/>",
    "</Say><Dial>+447700900000</Dial>", "]]>", "<!--", "'\"><", "&amp;&#x0;", "€" * 24, "[{~}]" * 5, "\\" * 24,
    "|^|^" * 6, "\t\n\r", "\x01\x07\x1b", "\x7f\x85\xa0", "\ufffe\uffff", "\u200b\u2060\ufeff", "\u0300" * 24,
    "O’Neill “Jo” – MD", "'; drop table site; --", "%s %n {0} {code}", "½ ㎏ ℃ № ™" * 2, "ﷺ" * 24, "ﬃ" * 24,
    "🧠🚑" * 12, "👩🏽\u200d⚕️" * 5, "a\u0301\u0327" * 9, "Z\u0338\u0321a\u0334l\u0335g\u0336o\u0337", "İstanbul ı",
    "مستشفى الملك" * 2, "\u202eلا\u202c", "Straße", "ΑΒΓΔ", "Бёдро", "北京协和医院",
    "ญี่ปุ่น", "한국",
)  # fmt: skip
BLOCKS = (
    (0x20, 0x7E), (0xA0, 0x24F), (0x300, 0x36F), (0x370, 0x52F), (0x590, 0x6FF), (0x900, 0xDFF), (0x1E00, 0x1FFF),
    (0x2000, 0x27BF), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xF900, 0xFDFF), (0xFE20, 0xFFFD),
    (0x1F000, 0x1FAFF), (0x1, 0x1F),
)  # fmt: skip


def real() -> list[str]:
    """The names and short names of every site that Dido ships with."""
    with SITES.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [row[column] for row in rows for column in ("short_name", "name")]


def strange(rng: Random, longest: int) -> str:
    """Any name that fits the column."""
    way = rng.random()
    if way < 0.4:
        name = rng.choice(STRANGE)
    elif way < 0.5:
        name = "".join(rng.choices(EXTENSION + LETTERS, k=rng.randrange(longest + 1)))
    elif way < 0.75:
        name = "".join(rng.choices(LETTERS, k=rng.choice([longest, rng.randrange(longest + 1)])))
    else:
        first, last = rng.choice(BLOCKS)
        name = "".join(
            chr(rng.randint(first, last)) for _ in range(rng.choice([longest, rng.randrange(longest + 1)]))
        )
    return name[:longest]
