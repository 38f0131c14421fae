"""The conversation: who may write and read, in which order, once, and told to every stream that may see it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from realtime.models import Entry
from referrals import queries, transitions
from referrals.conversation import reading, sending
from referrals.models import Event, Message, Referral
from referrals.refusals import BadInput, NotAllowed, NotVisible, WrongState
from referrals.states import State
from tests.world import World, loses_role


def says(world: World, who: str, referral: Referral, text: str = "BP is 150/90.", **more: Any) -> Message:
    """This person writes to everybody, a minute later."""
    world.wind(minutes=1)
    press = {name: more.pop(name) for name in ("key",) if name in more}
    return sending.send(referral.code, text=text, **more, **world.press(who, **press))


def texts(referral: Referral) -> list[str]:
    return [message.text for message in reading.page(referral).messages]


def test_everybody_who_is_party_writes_with_their_role_and_place(world: World) -> None:
    referral = world.refers()
    said = [says(world, who, referral) for who in ("ada", "ben", "hob", "nia", "lea")]
    assert [(one.number, one.role, str(one.site or one.network)) for one in said] == [
        (1, "spoke", "Arrowe Park"),
        (2, "operator", "Walton"),
        (3, "hub", "Walton"),
        (4, "coordinator", "Cheshire And Merseyside"),
        (5, "lead", "Cheshire And Merseyside"),
    ]


@pytest.mark.parametrize("username", ["zed", "yan", "una", "wyn", "mo", "meg"])
def test_a_stranger_cannot_write_and_nothing_is_kept(world: World, username: str) -> None:
    referral = world.refers()
    with pytest.raises(NotVisible):
        says(world, username, referral)
    assert not Message.objects.exists()


def test_a_hub_that_declined_has_left_the_conversation(world: World) -> None:
    referral = world.refers("RET20", "RM301")
    says(world, "mo", referral)
    transitions.decline(referral.code, reason="no_bed", **world.press("mo"))
    with pytest.raises(NotVisible):
        says(world, "mo", referral)
    assert len(texts(referral)) == 1


def test_who_lost_the_role_cannot_write_any_more(world: World) -> None:
    referral = world.refers()
    loses_role(world, "ada")
    with pytest.raises(NotVisible):
        says(world, "ada", referral)


def test_a_message_is_told_to_each_stream_that_may_see_it_and_is_no_event_of_the_trail(world: World) -> None:
    referral = world.refers()
    before = Event.objects.count()
    version = referral.version
    says(world, "ada", referral, "Secret words")
    told = Entry.objects.filter(verb="message")
    assert {entry.stream_id for entry in told} == queries.streams(referral)
    assert {(entry.subject, entry.version, entry.state) for entry in told} == {
        (referral.code, version, "referred")
    }
    assert Event.objects.count() == before


def test_the_same_key_again_gives_the_first_message_again(world: World) -> None:
    referral = world.refers()
    first = says(world, "ada", referral, "Once", key="k1")
    again = says(world, "ada", referral, " Once\r\n", key="k1")
    assert again.pk == first.pk
    with pytest.raises(WrongState, match="other words"):
        says(world, "ada", referral, "Twice", key="k1")
    assert texts(referral) == ["Once"]
    assert says(world, "ben", referral, "Another's key is another key", key="k1").number == 2
    with pytest.raises(WrongState, match="another referral"):
        says(world, "ada", world.refers(), "Elsewhere", key="k1")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [(" \n ", "Write something"), ("a\x00b", "cannot be kept"), ("a" * 4001, "at most 4,000")],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(world: World, text: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        says(world, "ada", world.refers(), text)
    assert not Message.objects.exists()


def test_a_correction_stands_beside_the_original(world: World) -> None:
    referral = world.refers()
    says(world, "ada", referral, "Weight 80 kg")
    says(world, "ada", referral, "Weight 60 kg", corrects=1)
    wrong, right = reading.page(referral).messages
    assert (wrong.text, right.text) == ("Weight 80 kg", "Weight 60 kg")
    assert right.corrects == wrong
    with pytest.raises(NotAllowed, match="Only who wrote"):
        says(world, "ben", referral, "Weight 70 kg", corrects=1)
    with pytest.raises(BadInput, match="no such message"):
        says(world, "ada", referral, "Weight 70 kg", corrects=9)


@pytest.mark.parametrize(
    "statement", ["update referrals_message set text = 'x'", "delete from referrals_message"]
)
def test_the_database_lets_nobody_change_or_remove_a_message(world: World, statement: str) -> None:
    says(world, "ada", world.refers())
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)


def test_a_message_that_had_to_wait_keeps_when_it_was_typed(world: World) -> None:
    referral = world.refers()
    typed = world.now
    world.wind(minutes=4)
    assert says(world, "ada", referral, typed_at=typed).typed_at == typed
    for late in (timedelta(hours=1), timedelta(days=-2), timedelta(minutes=1)):
        assert says(world, "ada", referral, typed_at=world.now + late).typed_at is None


def test_messages_of_one_instant_keep_their_order_in_time(world: World) -> None:
    referral = world.refers()
    sent = [sending.send(referral.code, text=str(n), **world.press("ada")) for n in range(3)]
    assert sorted(one.at for one in sent) == [one.at for one in sent]
    assert len({one.at for one in sent}) == 3


def test_the_conversation_goes_on_after_the_referral_has_ended(world: World) -> None:
    referral = world.a_referral(State.STOOD_DOWN)
    assert says(world, "ada", referral, "She improved.").number == 1


def test_pages_go_back_to_the_beginning_in_a_constant_number_of_queries(
    world: World, django_assert_num_queries: Any
) -> None:
    referral = world.refers()
    for number in range(120):
        sending.send(referral.code, text=str(number), **world.press("ada"))
    shown: list[str] = []
    before = None
    while True:
        with django_assert_num_queries(3):
            page = reading.page(referral, before=before)
        shown = [message.text for message in page.messages] + shown
        if not page.more:
            break
        before = page.messages[0].number
    assert shown == [str(number) for number in range(120)]
