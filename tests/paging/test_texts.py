"""Every text is one GSM-7 segment with its reply code whole, whatever the names are."""

from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from paging import texts
from paging.replies import LEFT_TO_PROVIDER
from paging.simulator import segments
from referrals.codes import ALPHABET
from tests.world import NIGHT

ANY = st.text(max_size=120)
LONGEST = "Ẅ" * 120
CODES = st.text(ALPHABET, min_size=4, max_size=6)
REPLIES = st.text(ALPHABET, min_size=5, max_size=5)
# The basic table without its escape, and without whatever costs two septets.
PLAIN = set("@$_!\"#%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz ")


def _check(text: str, *codes: str) -> None:
    assert len(text) <= 160
    assert set(text) <= PLAIN
    assert segments.count(text) == 1
    assert text.split(maxsplit=1)[0].strip(".,:!").upper() not in LEFT_TO_PROVIDER
    for code in codes:
        assert code in text.replace(".", " ").split(), text


@given(code=CODES, reply=REPLIES, spoke=ANY, hub=ANY)
@example(code="RRRRRR", reply="R7K2B", spoke=LONGEST, hub=LONGEST)
@example(code="R7K2", reply="R7K2B", spoke="STOP", hub="YES")
@example(code="R7K2", reply="R7K2B", spoke="St Mary’s “East” – [A] {B} ~ `x` ^ | \\ €", hub="🧠\n\t\x00")
def test_an_offer_is_one_segment_with_both_its_codes(code: str, reply: str, spoke: str, hub: str) -> None:
    text = texts.offer(code=code, spoke=spoke, hub=hub, since=NIGHT, reply=reply)
    _check(text, code, reply, f"X{reply}")
    assert f"Reply {reply} accept, X{reply} decline." in text


@given(code=CODES, reply=REPLIES, hub=ANY, operator=ANY)
@example(code="RRRRRR", reply="R7K2B", hub=LONGEST, operator=LONGEST)
def test_a_request_to_confirm_is_one_segment(code: str, reply: str, hub: str, operator: str) -> None:
    _check(texts.confirm(code=code, hub=hub, operator=operator, reply=reply), code, reply, f"X{reply}")


@given(code=CODES, reply=REPLIES, spoke=ANY, hub=ANY)
@example(code="RRRRRR", reply="R7K2B", spoke=LONGEST, hub=LONGEST)
def test_an_alarm_is_one_segment(code: str, reply: str, spoke: str, hub: str) -> None:
    _check(texts.unplaced(code=code, spoke=spoke, reply=reply), code, reply)
    _check(texts.unanswered_confirmation(code=code, hub=hub, reply=reply), code, reply)
    _check(texts.unanswered_offer(code=code, spoke=spoke, hub=hub), code)


@given(text=st.text(max_size=400))
@example(text="“" * 200)
def test_any_answer_is_cut_to_one_segment(text: str) -> None:
    fitted = texts.fit(text)
    assert len(fitted) <= 160
    assert set(fitted) <= PLAIN


def test_the_time_in_an_offer_is_the_hospital_s() -> None:
    summer = datetime(2026, 7, 1, 2, 5, tzinfo=UTC)
    assert "03:05" in texts.offer(code="R7K2", spoke="York", hub="Leeds", since=summer, reply="BCDFG")


def test_a_public_address_that_is_too_long_is_left_out_and_the_codes_stay(settings: object) -> None:
    settings.PUBLIC_URL = "https://" + "very-long." * 12 + "example"  # type: ignore[attr-defined]
    text = texts.offer(code="R7K2", spoke="York", hub="Leeds", since=NIGHT, reply="BCDFG")
    assert "https" not in text
    assert text.endswith("Reply BCDFG accept, XBCDFG decline.")
