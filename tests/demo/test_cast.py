"""The cast and its rota: who is there, who is on call, and that loading again harms nothing."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from demo import cast, shifts
from frontend import cast as sign_in
from network import permissions
from network.models import Membership, Person, Role, Site
from workforce import phases, rota, rota_plan
from workforce.models import Authorisation, Duty, Phase, Shift


def walton() -> Site:
    return Site.objects.get(code=cast.WALTON)


def on_call(at: datetime) -> list[str]:
    return [shift.person.username for shift in rota.on_call(walton(), at=at)]


def test_loading_the_cast_again_changes_nothing(house: None, now: datetime) -> None:
    before = [model.objects.count() for model in (Person, Membership, Authorisation, Shift)]
    assert cast.load(now=now + timedelta(minutes=5)) == 0
    assert shifts.keep(now=now + timedelta(minutes=5)) == 0
    assert [model.objects.count() for model in (Person, Membership, Authorisation, Shift)] == before


def test_loading_the_cast_later_extends_the_rota_and_ben_is_first_again(house: None, now: datetime) -> None:
    for hours in (9, 34, 24 * 7, 24 * 30):
        later = now + timedelta(hours=hours)
        assert shifts.keep(now=later) > 0
        assert on_call(later) == ["ben", "cleo", "sam"]
        assert shifts.keep(now=later) == 0


CHANGES = [
    ("2026-03-28T23:30+00:00", "2026-03-29T00:59+00:00", "2026-03-29T01:00+00:00", "2026-03-29T07:30+00:00"),
    ("2026-10-24T23:30+00:00", "2026-10-25T00:30+00:00", "2026-10-25T01:30+00:00", "2026-10-25T07:59+00:00"),
]


@pytest.mark.parametrize("moments", CHANGES, ids=["spring", "autumn"])
def test_ben_is_first_on_call_now_through_the_change_of_the_clock(
    places: None, moments: tuple[str, ...]
) -> None:
    cast.load(now=datetime.fromisoformat(moments[0]))
    for moment in map(datetime.fromisoformat, moments):
        shifts.keep(now=moment)
        assert on_call(moment) == ["ben", "cleo", "sam"]
    starts = {s.period.lower.astimezone(shifts.LONDON).time() for s in Shift.objects.filter(hub=walton())}
    assert shifts.MORNING in starts
    assert starts <= {shifts.MORNING, shifts.NOON}


def test_the_day_of_a_clock_change_lasts_an_hour_less_or_more(places: None) -> None:
    for moment, hours in (
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), 23),
        (datetime(2026, 10, 24, 20, 0, tzinfo=UTC), 25),
    ):
        cast.load(now=moment)
        shifts.keep(now=moment)
        tonight = Shift.objects.get(hub=walton(), duty=Duty.FIRST, period__contains=moment)
        assert tonight.period.upper.astimezone(UTC) - tonight.period.lower.astimezone(UTC) == timedelta(
            hours=hours
        )


def broken(hub: Site, now: datetime) -> list[str]:
    """What the rota that a visitor can see breaks there, in the judge's words; how many operate is not the rota's."""
    start, end = now - timedelta(days=2), now + timedelta(days=16)
    found = rota_plan.judged([hub], rota_plan.rules_of(hub.network_id), start=start, end=end)
    return [breach.words for breach in found if breach.rule not in rota_plan.OF_THE_HUB]


def test_every_rota_keeps_the_rules(house: None, now: datetime) -> None:
    assert {hub.code: broken(hub, now) for hub in Site.objects.filter(is_hub=True)} == {
        hub.code: [] for hub in Site.objects.filter(is_hub=True)
    }


@pytest.mark.parametrize("hour", [3, 5, 19])
def test_at_whatever_hour_a_visitor_comes_walton_keeps_the_rules_and_goes_on_keeping_them(
    house: None, hour: int
) -> None:
    Shift.objects.all().delete()
    begun = datetime(2026, 11, 21, hour, 20, tzinfo=UTC)
    for hours in (0, 5, 26):
        now = begun + timedelta(hours=hours)
        shifts.keep(now=now)
        assert on_call(now) == ["ben", "cleo", "sam"]
        assert on_call(now + timedelta(hours=4)) != []
        assert broken(walton(), now) == []


def test_nobody_is_on_two_shifts_at_once_and_no_duty_is_held_twice(house: None, now: datetime) -> None:
    for hour in range(0, 24 * 5, 7):
        shifts.keep(now=now + timedelta(hours=hour))
    for holder in ("person_id", "hub_id"):
        rows: dict[object, list[Shift]] = {}
        for shift in Shift.objects.all():
            key = shift.person_id if holder == "person_id" else (shift.hub_id, shift.duty)
            rows.setdefault(key, []).append(shift)
        for held in rows.values():
            held.sort(key=lambda shift: shift.period.lower)
            assert all(a.period.upper <= b.period.lower for a, b in pairwise(held))


def test_somebody_in_training_is_on_call_only_with_an_independent_supervisor(
    house: None, now: datetime
) -> None:
    training = {a.person_id for a in Authorisation.objects.exclude(phase=Phase.INDEPENDENT)}
    seen = 0
    for shift in Shift.objects.filter(person__in=training).exclude(duty=Duty.SUPERVISOR):
        [supervisor] = [
            s for s in rota.on_call(shift.hub, at=shift.period.lower) if s.duty == Duty.SUPERVISOR
        ]
        assert supervisor.person_id not in training
        seen += 1
    assert seen > 20
    assert Shift.objects.filter(person__username="dev", period__startswith__gt=now).exists()


def test_a_gap_in_the_first_duty_can_be_seen_coming(house: None, now: datetime) -> None:
    end = now + timedelta(days=14)
    for code in (cast.WALTON, shifts.GAPS_AT):
        found = rota.between([Site.objects.get(code=code)], start=now, end=end)
        assert rota.gaps(found, Duty.FIRST, start=now, end=end)


def test_everybody_has_a_number_of_their_own_that_nobody_else_in_the_country_has(house: None) -> None:
    phones = list(Person.objects.values_list("phone", flat=True))
    assert len(set(phones)) == len(phones)
    assert all(phone.startswith("+447700900") and len(phone) == 13 for phone in phones)
    assert not any(person.has_usable_password() for person in Person.objects.all())
    assert walton().phone.startswith("+44151496")


def test_the_seven_hold_what_they_need(house: None, now: datetime) -> None:
    held = {
        name: permissions.rights(Person.objects.get(username=name), at=now)
        for name in ("ada", "ben", "nia", "zed")
    }
    assert held["ada"].has(Role.SPOKE, site_id=Site.objects.get(code=cast.ARROWE_PARK).pk)
    assert held["ben"].has(Role.OPERATOR, site_id=walton().pk)
    assert held["nia"].coordinates(walton().network_id)
    assert walton().network_id not in held["zed"].networks | {
        s.network_id for s in Site.objects.filter(pk__in=held["zed"].sites)
    }
    dev = phases.authorisation(Person.objects.get(username="dev"), walton(), at=now)
    assert dev is not None
    assert dev.phase == Phase.DIRECT
    assert dev.supervisor == Person.objects.get(username="sam")


def test_a_role_that_somebody_took_away_stays_away(house: None, now: datetime) -> None:
    Membership.objects.filter(person__username="zed").update(until=now)
    cast.load(now=now)
    assert not permissions.rights(Person.objects.get(username="zed"), at=now).sites


def test_the_list_shows_everybody_with_a_phrase_each() -> None:
    out = StringIO()
    call_command("load_cast", "--list", stdout=out)
    lines = out.getvalue().strip().splitlines()
    assert [line.split()[0] for line in lines] == [star.username for star in cast.STARS]
    assert all(len(line.split()) > 2 for line in lines)


def test_the_sign_in_page_offers_everybody_of_the_cast() -> None:
    assert {star.username for star in cast.STARS} == {part.username for part in sign_in.CAST}


@pytest.mark.parametrize("command", ["load_cast", "night"])
@override_settings(DEMO=False)
def test_the_commands_refuse_where_real_patients_may_be(command: str) -> None:
    with pytest.raises(CommandError, match="set DEMO=1 where no real patient is"):
        call_command(command)
