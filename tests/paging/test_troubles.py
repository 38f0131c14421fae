"""Each error of a provider leads to its right next move, at once."""

from datetime import timedelta

import pytest

from network.models import PhoneTrouble
from paging import troubles
from paging.models import Escalation, Fate, Page, Reason
from paging.transports.contract import Kind, Outcome
from paging.troubles import Trouble
from tests.paging import tables
from tests.paging.tables import Postbox, Tables
from tests.world import World

CODES = sorted(troubles.WORDS)
ONE_OF_EACH = ["20503", "21614", "21610", "30003", "30007", "30036", "20003"]
CARRIED = {Trouble.BUSY, Trouble.FILTERED, Trouble.QUEUE, Trouble.OURS}  # by the other provider


@pytest.fixture
def desk(world: World, monkeypatch: pytest.MonkeyPatch) -> Tables:
    """Two providers, and one page that the first has taken."""
    tables.with_texts_only(world.now)
    return tables.over(world, Postbox("twilio"), Postbox("notify"), monkeypatch=monkeypatch)


def _hurried(desk: Tables) -> bool:
    return desk.climb(Reason.OFFER).next_at == desk.now


def _first(desk: Tables) -> Page:
    return desk.pages("ben")[0]


@pytest.mark.parametrize("code", CODES)
def test_a_report_of_each_error_leads_to_its_move(desk: Tables, code: str) -> None:
    desk.refers()
    desk.world.wind(seconds=5)
    desk.reports(_first(desk), "undelivered", code)
    trouble, page = troubles.of(code), _first(desk)
    carried = trouble in CARRIED
    assert page.fate == (Fate.DUE if carried else Fate.FAILED)
    assert page.passed_over == ("twilio" if carried else "")
    assert _hurried(desk) is not carried
    again = [(p.round, p.due_at - desk.now) for p in desk.pages("ben")[1:]]
    assert again == ([(1, timedelta(seconds=60))] if trouble is Trouble.UNREACHABLE else [])
    about = dict(Escalation.objects.exclude(reason=Reason.OFFER).values_list("reason", "subject"))
    red = troubles.PHONE.get(code, "")
    assert desk.person("ben").phone_trouble == red
    expected = {Reason.PLATFORM: f"twilio {code}"} if trouble is Trouble.OURS else {}
    assert about == expected | ({Reason.CONTACT: ""} if red else {})


def test_there_is_one_of_each_class() -> None:
    assert [troubles.of(code) for code in ONE_OF_EACH] == list(Trouble)


@pytest.mark.parametrize("code", ONE_OF_EACH)
def test_an_error_at_the_first_provider_is_carried_by_the_second_in_the_same_second_where_it_can(
    world: World, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    tables.with_texts_only(world.now)
    one = Postbox("twilio", answers=[Outcome(Kind.REFUSED, error=code)])
    other = Postbox("notify")
    desk = tables.over(world, one, other, monkeypatch=monkeypatch)
    world.refers()
    desk.tick()
    page = _first(desk)
    if troubles.of(code) in CARRIED:
        assert (page.fate, page.provider, page.error) == (Fate.SENT, "notify", "")
        assert one.taken == other.taken == [page.phone]
        assert not _hurried(desk)
    else:
        assert (page.fate, page.provider, page.error) == (Fate.FAILED, "twilio", code)
        assert other.taken == []
        assert _hurried(desk)
    platform = Escalation.objects.filter(reason=Reason.PLATFORM).exists()
    assert platform is (troubles.of(code) is Trouble.OURS)


@pytest.mark.parametrize("code", ONE_OF_EACH)
def test_with_one_provider_alone_each_final_error_hurries_the_ladder(
    world: World, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    tables.with_texts_only(world.now)
    desk = tables.over(world, Postbox("twilio"), monkeypatch=monkeypatch)
    desk.refers()
    desk.reports(_first(desk), "undelivered", code)
    assert _first(desk).fate == Fate.FAILED
    assert _hurried(desk)


@pytest.mark.parametrize("code", CODES)
def test_each_error_is_said_in_words(code: str) -> None:
    assert troubles.in_words(code)
    assert "code" not in troubles.in_words(code)


def test_an_error_that_nobody_knows_counts_as_not_reached_and_is_shown_as_it_is(desk: Tables) -> None:
    assert troubles.of("63999") is Trouble.UNREACHABLE
    assert troubles.in_words("63999") == "not delivered (code 63999)"
    assert troubles.in_words("") == ""
    desk.refers()
    desk.reports(_first(desk), "undelivered", "63999")
    assert _hurried(desk)


@pytest.mark.parametrize("status", ["400", "401", "403", "404", "407", "429", "500", "502", "503", "504"])
def test_an_answer_with_a_bare_http_status_came_from_something_on_the_way(
    world: World, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    """A proxy that wants a password must not make the second provider useless."""
    one = Postbox("twilio", answers=[Outcome(Kind.REFUSED, error=status)])
    desk = tables.over(world, one, Postbox("notify"), monkeypatch=monkeypatch)
    world.refers()
    desk.tick()
    assert (_first(desk).fate, _first(desk).provider) == (Fate.SENT, "notify")


@pytest.mark.parametrize("status", ["permanent-failure", "temporary-failure", "technical-failure"])
def test_notifys_longest_words_can_be_kept(
    world: World, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    desk = tables.over(world, Postbox("notify"), monkeypatch=monkeypatch)
    desk.refers()
    desk.reports(_first(desk), status)
    assert (_first(desk).fate, _first(desk).provider_status, _first(desk).error) == (
        Fate.FAILED,
        status,
        status,
    )


def test_two_providers_that_see_different_faults_of_one_phone_are_told_of_once(desk: Tables) -> None:
    for _ in range(3):
        desk.refers()
    for page, code in zip(desk.pages("ben"), ["21614", "30005", "21614"], strict=True):
        desk.reports(page, "undelivered", code)
    assert desk.person("ben").phone_trouble == PhoneTrouble.NOT_MOBILE
    desk.works()
    assert len(desk.pages("nia", escalation__reason=Reason.CONTACT)) == 1


def test_a_report_about_a_number_that_has_changed_since_says_nothing_of_the_new_one(desk: Tables) -> None:
    desk.refers()
    page = _first(desk)
    ben = desk.person("ben")
    ben.phone = "+447700900555"
    ben.save()
    desk.reports(page, "undelivered", "30005")
    assert desk.person("ben").phone_trouble == ""
    assert not Escalation.objects.filter(reason=Reason.CONTACT).exists()
    assert _hurried(desk)
