"""A phone number counts once its owner has typed the code that was sent to it; nobody is put on a rota without one."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from network import people
from network.models import Person, PhoneTrouble
from paging import reaching
from paging.models import Escalation, Fate, Page, Reason
from paging.reaching import WrongCode
from tests.paging import doors, tables
from tests.paging.night import Night, Phone
from tests.paging.tables import Postbox, Tables
from tests.together import at_once
from tests.world import LONG_AGO, World
from workforce import rota
from workforce.models import Duty
from workforce.rota import Unreachable

OLD, NEW = "+447700900102", "+447700900777"


@pytest.fixture
def desk(world: World, twilio_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Tables:
    doors.at_public_address(world, twilio_settings, monkeypatch)
    tables.with_texts_only(world.now)
    return tables.over(world, Postbox(), Postbox(channel="voice"), monkeypatch=monkeypatch)


@pytest.fixture
def ben(desk: Tables) -> Person:
    return desk.world.people["ben"]


def _code(desk: Tables, number: str = NEW) -> str:
    return Page.objects.filter(phone=number, escalation__reason=Reason.VERIFY).latest("pk").reply_code


def _asked(desk: Tables, ben: Person, number: str = NEW) -> str:
    assert reaching.verify(ben, number, now=desk.now)
    desk.works()
    return _code(desk, number)


def _wrong(code: str) -> str:
    return "BBBBB" if code != "BBBBB" else "CCCCC"


def test_the_code_goes_to_the_new_number_and_the_old_one_goes_on_working(desk: Tables, ben: Person) -> None:
    code = _asked(desk, ben)
    (order,) = desk.routes.ways["sms"][0].orders  # type: ignore[attr-defined]
    assert (order.to, order.words) == (
        NEW,
        f"DIDO: {code} is the code to type on your page. Nobody else needs it.",
    )
    desk.refers()
    assert desk.page("ben").phone == OLD


def test_the_right_code_makes_the_number_theirs(desk: Tables, ben: Person) -> None:
    code = _asked(desk, ben)
    desk.world.wind(minutes=1)
    assert reaching.confirm(ben, f" {code.lower()} ", now=desk.now) == NEW
    assert (desk.person("ben").phone, desk.person("ben").phone_verified_at) == (NEW, desk.now)
    assert ben.phone == NEW
    assert Page.objects.get().fate == Fate.ANSWERED
    assert not Escalation.objects.filter(closed_at=None).exists()
    desk.refers()
    assert desk.page("ben").phone == NEW


def test_a_wrong_code_changes_nothing(desk: Tables, ben: Person) -> None:
    code = _asked(desk, ben)
    with pytest.raises(WrongCode):
        reaching.confirm(ben, _wrong(code), now=desk.now)
    with pytest.raises(WrongCode):
        reaching.confirm(ben, "", now=desk.now)
    assert (desk.person("ben").phone, desk.person("ben").phone_verified_at) == (OLD, LONG_AGO)
    assert reaching.confirm(ben, code, now=desk.now) == NEW


def test_after_five_wrong_codes_the_right_one_is_worth_nothing(desk: Tables, ben: Person) -> None:
    code = _asked(desk, ben)
    for _ in range(5):
        with pytest.raises(WrongCode):
            reaching.confirm(ben, _wrong(code), now=desk.now)
    with pytest.raises(WrongCode):
        reaching.confirm(ben, code, now=desk.now)
    assert desk.person("ben").phone == OLD


def test_four_wrong_codes_leave_the_right_one_its_worth(desk: Tables, ben: Person) -> None:
    code = _asked(desk, ben)
    for _ in range(4):
        with pytest.raises(WrongCode):
            reaching.confirm(ben, _wrong(code), now=desk.now)
    assert reaching.confirm(ben, code, now=desk.now) == NEW


@pytest.mark.parametrize(("seconds", "works"), [(599, True), (600, False), (3600, False)])
def test_a_code_lives_for_ten_minutes(desk: Tables, ben: Person, seconds: int, works: bool) -> None:
    code = _asked(desk, ben)
    desk.wind(seconds=seconds)
    if works:
        assert reaching.confirm(ben, code, now=desk.now) == NEW
    else:
        with pytest.raises(WrongCode):
            reaching.confirm(ben, code, now=desk.now)
        assert not Escalation.objects.filter(closed_at=None).exists()
    assert desk.person("ben").phone == (NEW if works else OLD)


def test_a_code_works_once(desk: Tables, ben: Person) -> None:
    code = _asked(desk, ben)
    reaching.confirm(ben, code, now=desk.now)
    with pytest.raises(WrongCode):
        reaching.confirm(ben, code, now=desk.now)


def test_another_persons_code_is_worth_nothing(desk: Tables, ben: Person) -> None:
    code = _asked(desk, ben)
    with pytest.raises(WrongCode):
        reaching.confirm(desk.world.people["cleo"], code, now=desk.now)
    assert desk.person("cleo").phone != NEW


def test_a_newer_code_ends_the_older(desk: Tables, ben: Person) -> None:
    first = _asked(desk, ben)
    second = _asked(desk, ben, "+447700900778")
    with pytest.raises(WrongCode):
        reaching.confirm(ben, first, now=desk.now)
    assert reaching.confirm(ben, second, now=desk.now) == "+447700900778"


def test_a_number_that_is_somebody_elses_stays_theirs(desk: Tables, ben: Person) -> None:
    theirs = desk.world.people["cleo"].phone
    code = _asked(desk, ben, theirs)
    with pytest.raises(people.PhoneTaken):
        reaching.confirm(ben, code, now=desk.now)
    assert (desk.person("ben").phone, desk.person("cleo").phone) == (OLD, theirs)
    assert Escalation.objects.filter(reason=Reason.VERIFY, closed_at=None).exists(), "it may be freed yet"


def test_whichever_of_two_texts_of_one_code_arrived_is_right(desk: Tables, ben: Person) -> None:
    """The first was reported lost and came all the same; a minute later it was sent once more."""
    first = _asked(desk, ben)
    desk.reports(Page.objects.get(), "undelivered", "30008")
    assert _code(desk) != first
    assert reaching.confirm(ben, first, now=desk.now) == NEW


def test_the_second_text_is_as_good_and_the_tries_are_counted_together(desk: Tables, ben: Person) -> None:
    first = _asked(desk, ben)
    for _ in range(3):
        with pytest.raises(WrongCode):
            reaching.confirm(ben, _wrong(first), now=desk.now)
    desk.reports(Page.objects.get(), "undelivered", "30008")
    desk.wind(seconds=60)
    second = _code(desk)
    for _ in range(2):
        with pytest.raises(WrongCode):
            reaching.confirm(ben, _wrong(second), now=desk.now)
    with pytest.raises(WrongCode):
        reaching.confirm(ben, second, now=desk.now)


def test_nobodys_phone_is_filled_with_codes(desk: Tables, ben: Person) -> None:
    for _ in range(5):
        assert reaching.verify(ben, NEW, now=desk.now)
        desk.works()
        desk.world.wind(minutes=1)
    assert not reaching.verify(ben, NEW, now=desk.now)
    assert reaching.verify(desk.world.people["cleo"], "+447700900778", now=desk.now)
    code = _code(desk)
    assert reaching.confirm(ben, code, now=desk.now) == NEW, "the last code is still good"
    desk.world.wind(hours=1)
    assert reaching.verify(ben, NEW, now=desk.now)


def test_many_who_try_codes_at_once_have_five_tries_together(
    open_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = tables.over(open_world, Postbox(), monkeypatch=monkeypatch)
    ben = desk.world.people["ben"]
    code = _asked(desk, ben)

    def wrong() -> None:
        reaching.confirm(Person.objects.get(pk=ben.pk), _wrong(code), now=desk.now)

    outcomes = at_once([wrong] * 10)
    assert all(isinstance(outcome, WrongCode) for outcome in outcomes)
    assert Page.objects.get().tries == 5


def test_a_new_number_on_a_landline_is_never_theirs(desk: Tables, ben: Person) -> None:
    _asked(desk, ben)
    desk.reports(Page.objects.get(), "undelivered", "30006")
    desk.works()
    assert desk.person("ben").phone_trouble == "", "his own phone is as good as before"
    assert not Escalation.objects.filter(reason=Reason.CONTACT).exists()


def test_somebody_without_a_phone_gets_one(desk: Tables) -> None:
    zed = desk.world.people["zed"]
    Person.objects.filter(pk=zed.pk).update(phone="", phone_verified_at=None)
    zed.refresh_from_db()
    code = _asked(desk, zed)
    assert reaching.confirm(zed, code, now=desk.now) == NEW


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"phone": ""}, "has no phone number"),
        ({"phone_verified_at": None}, "has not shown yet that pages reach"),
    ],
)
def test_nobody_whom_no_page_can_reach_is_put_on_a_rota(
    desk: Tables, fields: dict[str, object], why: str
) -> None:
    ivy = desk.world.people["ivy"]
    Person.objects.filter(pk=ivy.pk).update(**fields)
    ivy.refresh_from_db()
    start = desk.now + timedelta(days=3)
    with pytest.raises(Unreachable, match=why):
        rota.put(desk.world.sites["RET20"], Duty.FIRST, ivy, start=start, end=start + timedelta(hours=12))
    code = _asked(desk, ivy)
    reaching.confirm(ivy, code, now=desk.now)
    rota.put(desk.world.sites["RET20"], Duty.FIRST, ivy, start=start, end=start + timedelta(hours=12))
    assert rota.on_call(desk.world.sites["RET20"], at=start)[0].person == ivy


def test_stop_turns_the_rota_red_and_the_coordinator_hears_of_it_once(night: Night) -> None:
    for _ in range(2):
        night.phone("ben").writes("STOP")
        night.works()
        night.wind(seconds=30)
    assert night.person("ben").phone_trouble == PhoneTrouble.OPTED_OUT
    assert [page.fate for page in night.pages("nia")] == [Fate.DELIVERED]
    night.phone("nia").expects("the phone of Ben Hale on call at Walton has opted out of our texts")
    night.forgets()


@pytest.mark.parametrize("word", ["START", "unstop"])
def test_start_mends_it_and_pages_arrive_again(night: Night, word: str) -> None:
    night.phone("ben").writes("STOP")
    night.works()
    night.wind(minutes=5)
    night.phone("ben").writes(word)
    night.works()
    assert night.person("ben").phone_trouble == ""
    night.forgets()
    referral = night.refers()
    night.hears(ben=referral.code)


def test_the_stop_of_a_number_that_nobody_knows_tells_nobody(night: Night) -> None:
    night.phones["a stranger"] = Phone(night.simulator, "+447700900001")
    night.phone("a stranger").replies("STOP", "unsubscribed")  # by the provider, not by us
    night.works()
    assert not Escalation.objects.exists()
    assert not Person.objects.exclude(phone_trouble="").exists()


def test_start_says_nothing_of_a_number_that_is_out_of_use(night: Night) -> None:
    Person.objects.filter(username="ben").update(phone_trouble=PhoneTrouble.NOT_MOBILE)
    night.phone("ben").writes("START")
    assert night.person("ben").phone_trouble == PhoneTrouble.NOT_MOBILE
    night.forgets()
