"""The ladder as a time line: whom each rung reached by what, what became of it, and what comes next."""

from datetime import datetime, timedelta

import pytest

from frontend import ladder_line
from frontend.ladder_line import Line
from network.models import PhoneTrouble
from paging import alarms, queries, reaching, routes, settling, waits
from paging.models import Ladder, Page, Reason
from paging.transports.contract import Kind, Outcome
from paging.transports.siren import Siren
from referrals import remarks, transitions
from referrals.models import Referral
from referrals.states import State
from tests.frontend.browser import Door, Phones, see, text, tick
from tests.world import NIGHT, World

SECOND = timedelta(seconds=1)


@pytest.fixture
def phones() -> Phones:
    """Texts, calls, and the siren of the boards."""
    made = Phones()
    made.routes = routes.only(made, Phones("voice"), Siren())
    return made


def line(world: World, referral: Referral) -> Line:
    """The last ladder of this referral, as it stands."""
    climbs = queries.climbs([referral], names_at=world.now)[referral.pk]
    return ladder_line.of(climbs[-1], world.now)


def told(shown: Line) -> list[tuple[str, str, str]]:
    """Who, by what, and what became of it."""
    steps = (*shown.earlier, *shown.steps)
    return [(one.who, page.word, page.fate) for step in steps for one in step.reached for page in one.told]


def page_of(world: World, username: str, channel: str = "sms") -> Page:
    return Page.objects.filter(person=world.people[username], channel=channel).latest("pk")


def reports(page: Page, status: str, *, now: datetime, error: str = "") -> None:
    settling.report(page_id=page.pk, provider_id=page.provider_id, status=status, error=error, now=now)


def test_a_text_is_told_from_due_to_answered(world: World, phones: Phones) -> None:
    referral = world.refers()
    waits.open_for_waiting(now=world.now)
    assert line(world, referral).steps == ()
    tick(world, phones)
    assert told(line(world, referral)) == [("Ben Hale", "Text", "sent")]
    reports(page_of(world, "ben"), "delivered", now=world.wind(seconds=2))
    shown = line(world, referral)
    assert told(shown) == [("Ben Hale", "Text", "delivered, no answer yet")]
    assert shown.steps[0].reached[0].told[0].hour == "03:10:02"
    transitions.accept(referral.code, **world.press("ben"))
    tick(world, phones)
    assert told(line(world, referral)) == [("Ben Hale", "Text", "answered after 2 s")]


def test_a_call_rings_is_picked_up_and_left_without_a_key(world: World, phones: Phones) -> None:
    referral = world.refers()
    tick(world, phones)
    tick(world, phones, after=90)
    call = page_of(world, "ben", "voice")
    fates = []
    for status in ("initiated", "ringing", "in-progress", "completed"):
        reports(call, status, now=world.now)
        fates.append(told(line(world, referral))[1])
    assert fates == [
        ("Ben Hale", "Call", "calling"),
        ("Ben Hale", "Call", "ringing"),
        ("Ben Hale", "Call", "picked up"),
        ("Ben Hale", "Call", "picked up, no key pressed"),
    ]


@pytest.mark.parametrize(
    ("channel", "reported", "words"),
    [
        ("sms", ("undelivered", "30003"), "phone off or no signal"),
        ("sms", ("failed", "21610"), "has opted out by STOP"),
        ("voice", ("no-answer", ""), "did not pick up"),
        ("voice", ("busy", ""), "engaged"),
        ("voice", ("machine", ""), "an answering machine picked up"),
    ],
)
def test_a_page_that_failed_says_why(
    world: World, phones: Phones, channel: str, reported: tuple[str, str], words: str
) -> None:
    referral = world.refers()
    tick(world, phones)
    tick(world, phones, after=90)
    status, error = reported
    reports(page_of(world, "ben", channel), status, error=error, now=world.now)
    shown = line(world, referral)
    failed = [
        page for step in shown.steps for one in step.reached for page in one.told if page.mood == "late"
    ]
    assert [page.fate for page in failed] == [words]


def test_a_text_to_a_phone_that_is_off_says_when_it_is_tried_once_more(world: World, phones: Phones) -> None:
    referral = world.refers()
    tick(world, phones)
    reports(page_of(world, "ben"), "undelivered", error="30003", now=world.now)
    assert ("Ben Hale", "Text", "once more at 03:11:00") in told(line(world, referral))


def test_the_second_provider_is_named_and_the_first_is_not(world: World, phones: Phones) -> None:
    class Second(Phones):
        provider = "notify"

    class Broken(Phones):
        def send(self, order: object) -> Outcome:
            return Outcome(Kind.AGAIN, error="20503")

    phones.routes = routes.only(Broken(), Second())
    referral = world.refers()
    tick(world, phones)
    [step] = line(world, referral).steps
    assert step.reached[0].told[0].more == "by GOV.UK Notify instead of Twilio"
    phones.routes = routes.only(phones)
    other = world.refers()
    tick(world, phones)
    assert line(world, other).steps[0].reached[0].told[0].more == ""


def test_a_siren_says_whether_any_board_sounds(world: World, phones: Phones) -> None:
    referral = world.refers()
    tick(world, phones)
    tick(world, phones, after=90)
    assert ("Walton’s boards", "Siren", "no board sounds yet") in told(line(world, referral))
    siren = Page.objects.get(channel="siren")
    settling.rang(pages=[siren.pk], sites=frozenset({world.sites["RET20"].pk}), now=world.now)
    assert ("Walton’s boards", "Siren", "boards sound") in told(line(world, referral))
    transitions.accept(referral.code, **world.press("ben"))
    tick(world, phones)
    assert ("Walton’s boards", "Siren", "boards sounded") in told(line(world, referral))


def test_what_comes_next_says_for_whom_by_what_and_when(world: World, phones: Phones) -> None:
    referral = world.refers()
    tick(world, phones)
    tick(world, phones, after=90)
    coming = line(world, referral).coming
    assert coming
    assert coming.tick
    assert (coming.who, coming.people) == ("Second on call and the supervisor", "Cleo Marsh, Sam Quist")
    assert coming.by == "push, text, call and siren on the boards"
    assert (coming.tick.text, coming.tick.until) == ("1:30", NIGHT + 180 * SECOND)
    tick(world, phones, after=90)
    coming = line(world, referral).coming
    assert coming
    assert (coming.people, coming.more) == ("6 people", "Arrowe Park is told to ring Walton.")


def test_a_rung_that_would_find_nobody_says_so(world: World, phones: Phones) -> None:
    referral = world.refers("RM301")
    tick(world, phones)
    tick(world, phones, after=90)
    coming = line(world, referral).coming
    assert coming
    assert coming.people == "nobody is there now, so it goes straight on"


def test_at_the_end_of_an_offer_the_next_hub_comes_and_of_the_others_an_alarm(
    world: World, phones: Phones
) -> None:
    referral = world.refers()
    for seconds in (0, 90, 90, 120):
        tick(world, phones, after=seconds)
    coming = line(world, referral).coming
    assert coming
    assert (coming.who, coming.more) == (
        "The offer goes to the next hub",
        "Where there is none, an alarm rings.",
    )
    tick(world, phones, after=180)
    tick(world, phones, after=1)
    coming = line(world, referral).coming
    assert coming
    assert coming.more == "From then on every minute, until somebody takes it."


def test_an_alarm_that_rings_all_night_folds_its_beginning_and_says_who_is_next(
    world: World, phones: Phones
) -> None:
    referral = world.a_referral(State.UNPLACED)
    for _ in range(20):
        tick(world, phones, after=60)
    shown = line(world, referral)
    assert len(shown.steps) == ladder_line.STEPS_SHOWN
    assert len(shown.earlier) > 10
    assert shown.rings
    assert shown.outcome == "alarm since 03:13"
    assert shown.coming
    assert shown.coming.who == "The network's lead and the coordinator again"


def test_a_taken_alarm_says_who_deals_with_it_and_when_it_rings_again(world: World, phones: Phones) -> None:
    referral = world.a_referral(State.UNPLACED)
    for _ in range(4):
        tick(world, phones, after=30)
    [climb] = queries.climbs([referral], open_only=True)[referral.pk]
    alarms.take(climb.id, **world.press("nia"))
    shown = line(world, referral)
    assert not shown.rings
    assert shown.coming
    assert shown.coming.tick
    assert (shown.coming.who, shown.coming.tick.text) == ("Nia Bevan is dealing with it", "10:00")
    assert (shown.outcome, shown.mood) == ("alarm since 03:12, taken by Nia Bevan", "soon")
    assert "delivered, no answer yet" not in {fate for _, _, fate in told(shown)}


def test_while_somebody_looks_it_says_until_when_nobody_else_is_paged(
    world: World, phones: Phones, door: Door
) -> None:
    referral = world.refers()
    tick(world, phones)
    remarks.seen(referral.code, **world.press("ben"))
    tick(world, phones, after=1)
    words = "".join(piece.text for piece in line(world, referral).held)
    assert words == "Ben Hale is looking: nobody else is paged before 03:12:00."
    assert words in text(see(door("ada"), referral)).replace("<b>", "").replace("</b>", "")
    tick(world, phones, after=119)
    assert line(world, referral).held == ()


def test_a_ladder_that_cannot_be_climbed_is_told_as_the_one_that_is_climbed(
    world: World, phones: Phones, door: Door
) -> None:
    referral = world.refers()
    tick(world, phones)
    escalation = referral.escalations.get()
    escalation.rungs = [{"after": 0, "to": ["nobody knows"]}]
    escalation.save()
    assert "First on call" in text(see(door("ada"), referral))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(12, "12 s"), (59, "59 s"), (60, "1:00 min"), (103, "1:43 min"), (3600, "1 h 00"), (7800, "2 h 10")],
)
def test_how_long_somebody_took_is_said_to_the_second_as_long_as_seconds_count(
    world: World, phones: Phones, seconds: int, words: str
) -> None:
    ben = world.people["ben"]
    reaching.page_myself(ben, now=world.now)
    tick(world, phones)
    reaching.answered(Page.objects.latest("pk"), by=ben, now=world.wind(seconds=seconds))
    [climb] = queries.tests_of(ben, most=5)
    assert ladder_line.of(climb, world.now).outcome == f"answered after {words}"


def test_older_ladders_are_folded_with_how_they_ended(world: World, phones: Phones, door: Door) -> None:
    referral = world.refers("RET20", "RM301")
    tick(world, phones)
    world.wind(seconds=25)
    transitions.decline(referral.code, reason="no_bed", **world.press("mo"))
    tick(world, phones)
    page = text(see(door("ada"), referral))
    old = queries.climbs([referral])[referral.pk][1]
    assert f'<details class="ladder more" id="ladder-{old.id}">' in page
    assert 'Answer from Salford <span class="ok">answered by Mo Idris after 25 s</span>' in page
    assert 'Answer from Walton <span class="quiet">since 03:10:00</span>' in page


def test_a_ladder_without_any_page_says_that_nobody_was_paged(world: World, door: Door) -> None:
    referral = world.refers()
    Ladder.objects.create(
        hub=None,
        reason=Reason.OFFER,
        version=9,
        rungs=[{"after": 60, "to": ["first"]}, {"after": 90, "to": [], "hand_on": True}],
        made_at=world.now,
    )
    waits.open_for_waiting(now=world.now)
    page = text(see(door("ada"), referral))
    assert "Nobody has been paged yet." in page
    assert 'data-tick="until">1:00</time>' in page


def test_a_test_of_a_phone_is_told_by_the_same_line(world: World, phones: Phones) -> None:
    ben = world.people["ben"]
    reaching.page_myself(ben, now=world.now)
    tick(world, phones)
    [climb] = queries.tests_of(ben, most=5)
    shown = ladder_line.of(climb, world.now)
    assert (shown.title, told(shown)) == ("Your test", [("Ben Hale", "Text", "sent")])
    reports(page_of(world, "ben"), "failed", error="21610", now=world.now)
    ben.refresh_from_db()
    assert ben.phone_trouble == PhoneTrouble.OPTED_OUT
