"""What somebody meant by a text."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paging import replies
from paging.replies import LeftToProvider, Looking, No, Unclear, Yes
from paging.simulator import keywords
from referrals.codes import ALPHABET

CODES = st.text(ALPHABET, min_size=5, max_size=5).filter(lambda code: not code.startswith("X"))
CODE = "4F7KB"


@pytest.mark.parametrize(
    "text", ["4F7KB", "4f7kb", " 4F7KB.", "4F7 KB", "4-f-7-k-b", "4F7KB yes", "ok 4F7KB!", "R7K2 4F7KB"]
)
def test_the_code_alone_or_with_a_yes_is_yes(text: str) -> None:
    assert replies.parse(text) == Yes(CODE)


@pytest.mark.parametrize(
    "text", ["X4F7KB", "x4f7kb.", "X 4F7KB", "x-4f7kb", "4F7KB X", "X 4F7 KB", "4F7KB no", "decline 4f7kb"]
)
def test_an_x_or_a_no_is_no(text: str) -> None:
    assert replies.parse(text) == No(CODE)


@pytest.mark.parametrize("text", ["seen 4F7KB", "4f7kb looking", "I am looking 4F7KB", "4F7KB seen"])
def test_seen_or_looking_beside_the_code_asks_for_a_little_time(text: str) -> None:
    assert replies.parse(text) == Looking(CODE)


@pytest.mark.parametrize(
    "text",
    [
        "not seen 4F7KB", "seen X4F7KB", "4F7KB yes looking",
        "", "hello", "4F7K", "4F7KBB", "4F7KB R8M3C", "4F7KB X4F7KB", "Reply 4F7KB accept, X4F7KB decline",
        "4F7KB can't", "4F7KB cannot accept", "not accept 4F7KB", "X4F7KB yes", "no problem 4F7KB", "🧠",
        "4F7KB?? who is this",
    ],
)  # fmt: skip
def test_anything_else_is_unclear(text: str) -> None:
    assert replies.parse(text) == Unclear()


@pytest.mark.parametrize("word", sorted(keywords.STOP_WORDS | keywords.START_WORDS | keywords.HELP_WORDS))
def test_every_word_that_twilio_answers_is_left_to_it(word: str) -> None:
    assert replies.parse(f" {word.lower()} ") == LeftToProvider(word)


@given(text=st.text(max_size=200))
@example(text="X" * 1600)
def test_no_text_is_a_surprise(text: str) -> None:
    assert isinstance(replies.parse(text), Yes | No | Looking | LeftToProvider | Unclear)


@given(code=CODES, gap=st.sampled_from(["", " ", "-", ". ", "  "]), lower=st.booleans())
def test_x_before_any_code_never_means_yes(code: str, gap: str, lower: bool) -> None:
    text = f"X{gap}{code}"
    assert replies.parse(text.lower() if lower else text) == No(code)
