"""The logbook on the screen: its owner, the supervisor and governance read it, and nobody else; it holds no patient."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.utils import timezone

from frontend import logbook_sheet
from network import permissions
from referrals.states import State
from tests.frontend.browser import Door, act, see, text
from tests.referrals.test_cases import treated
from tests.workforce import training
from tests.workforce.training import operator
from tests.world import World
from workforce import phases
from workforce.models import LogbookEntry

DEV = "/logbook/dev/"
ENTRY = {
    "kind": "simulator",
    "hub": "RET20",
    "on": "2026-11-01",
    "count": "4",
    "evidence": "=Leeds, Dr Marsh",
}


@pytest.mark.parametrize("who", ["dev", "sam", "meg"])
def test_the_owner_the_supervisor_and_governance_read_it(door: Door, world: World, who: str) -> None:
    referral = treated(world, "dev", confirmed_by="sam")
    client = door(who)
    html = client.get(DEV).content.decode()
    assert referral.code in html
    assert "37 min" in html
    assert ("Enter by hand" in html) is (who == "dev")
    assert client.get(f"{DEV}csv/").status_code == 200


@pytest.mark.parametrize("who", ["ben", "cleo", "ivy", "hob", "lea", "nia", "ada", "mo", "zed", "kit", "una"])
def test_nobody_else_finds_it(door: Door, who: str) -> None:
    client = door(who)
    for path in (DEV, f"{DEV}csv/"):
        assert client.get(path).status_code == 404
    assert client.post(f"{DEV}enter/", ENTRY).status_code == 404
    assert client.get("/logbook/nobody/").status_code == 404


def test_a_supervisor_who_answers_no_more_reads_no_more(door: Door, world: World) -> None:
    assert door("sam").get(DEV).status_code == 200
    training.names(world, "dev", "cleo")
    assert door("sam").get(DEV).status_code == 404
    assert door("cleo").get(DEV).status_code == 200


def test_only_the_owner_writes(door: Door, world: World) -> None:
    for who in ("sam", "meg"):
        assert door(who).post(f"{DEV}enter/", ENTRY).status_code == 403
    assert door("dev").post(f"{DEV}enter/", ENTRY).status_code == 303
    entry = LogbookEntry.objects.get()
    for who in ("sam", "meg"):
        assert door(who).post(f"{DEV}strike/{entry.pk}/", {"why": "x"}).status_code == 403
    assert door("dev").post(f"{DEV}strike/{entry.pk}/", {"why": ""}).status_code == 422
    assert door("ben").post(f"/logbook/ben/strike/{entry.pk}/", {"why": "x"}).status_code == 404
    assert door("dev").post(f"{DEV}strike/{entry.pk}/", {"why": "Twice."}).status_code == 303
    assert "Struck out: 1" in door("dev").get(DEV).content.decode()


def test_a_wrong_entry_comes_back_with_the_reason(door: Door) -> None:
    for changed, why in (
        ({"on": "2027-01-01"}, "in the future"),
        ({"evidence": "999 000 0018"}, "names no patient"),
        ({"evidence": ""}, "This is needed."),
        ({"hub": "RM301"}, "Select a valid choice"),
        ({"code": "ZZZZ", "count": "1"}, "No patient with the code ZZZZ"),
    ):
        refused = door("dev").post(f"{DEV}enter/", {**ENTRY, **changed})
        assert refused.status_code == 422
        assert why in refused.content.decode()
    assert not LogbookEntry.objects.exists()


def test_a_referral_stands_in_a_logbook_once(door: Door, world: World) -> None:
    own, other = treated(world, "dev", confirmed_by="sam"), treated(world, "ben")
    said = {**ENTRY, "kind": "second", "count": "1"}
    twice = door("dev").post(f"{DEV}enter/", {**said, "code": own.code})
    assert "stands in this logbook already" in twice.content.decode()
    assert door("dev").post(f"{DEV}enter/", {**said, "code": other.code.lower()}).status_code == 303
    assert LogbookEntry.objects.get().code == other.code


def test_the_last_twelve_months_are_counted_against_the_figure(world: World) -> None:
    treated(world, "dev", confirmed_by="sam")
    world.wind(days=360)
    for _ in range(2):
        treated(world, "dev", confirmed_by="sam")

    def year(who: str) -> logbook_sheet.Year:
        rights = permissions.rights(world.people[who], at=world.now)
        places = logbook_sheet.places_of(world.people[who], rights=rights)
        assert places
        return logbook_sheet.book(world.people[who], places, rights=rights, at=world.now).year

    assert (year("dev").own, dict(year("dev").roles)["First operator"]) == (3, 3)
    assert (year("sam").own, dict(year("sam").roles)["Supervising"]) == (0, 3)
    assert (year("dev").share, year("dev").median, year("dev").opened, year("dev").scored) == (10, 37, 3, 3)
    world.wind(days=10)
    assert year("dev").own == 2


@pytest.mark.parametrize(
    ("today", "since"),
    [
        (date(2026, 11, 21), date(2025, 11, 22)),
        (date(2024, 2, 29), date(2023, 3, 1)),
        (date(2025, 2, 28), date(2024, 2, 29)),
        (date(2026, 12, 31), date(2026, 1, 1)),
    ],
)
def test_twelve_months_end_today(today: date, since: date) -> None:
    assert logbook_sheet.year_before(today) == since


def test_the_csv_says_the_same_and_computes_nothing(door: Door, world: World) -> None:
    referral = treated(world, "dev", confirmed_by="sam")
    door("dev").post(f"{DEV}enter/", ENTRY)
    answer = door("sam").get(f"{DEV}csv/")
    assert answer["Content-Disposition"].startswith('attachment; filename="logbook-dev-2026-11-')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["What"], row["Referral"], row["Puncture to end, min"], row["mTICI"]) for row in rows] == [
        ("First operator", referral.code, "37", "2b"),
        ("Simulator cases", "", "", ""),
    ]
    assert rows[1]["Evidence"] == "'=Leeds, Dr Marsh"
    assert rows[0]["Phase of the operator"] == "Direct supervision"


def test_no_patient_is_in_it(door: Door, world: World) -> None:
    referral = treated(world, "dev", confirmed_by="sam")
    for path in (DEV, f"{DEV}csv/"):
        text = door("meg").get(path).content.decode()
        for fact in (referral.nhs_number, "Canary", "Peregrine", "+441514960123", "1950"):
            assert fact not in text


def test_everybody_comes_to_their_own(door: Door, world: World) -> None:
    assert door("dev").get("/logbook/")["Location"] == DEV
    assert "You have no logbook" in door("ada").get("/logbook/").content.decode()
    assert 'href="/logbook/"' in door("dev").get("/operators/RET20/").content.decode()
    phases.end(operator(world, "dev"), at=world.now)
    assert "Not authorised" in door("dev").get(DEV).content.decode()


def test_both_logbooks_show_reperfusion_and_complications_and_the_second_operator_has_a_line(
    door: Door, world: World
) -> None:
    referral = world.a_referral(State.PUNCTURE)
    world.wind(minutes=30)
    case = see(door("hob"), referral)
    assert "Reperfusion, who else was there, complications" in text(case)
    opened = timezone.localtime(world.now - timedelta(minutes=8)).strftime("%Y-%m-%dT%H:%M")
    said = {
        "mtici": "2c",
        "reperfused_at": opened,
        "second": "ivy",
        "complications": ["vasospasm", "access_site"],
    }
    refused = act(door("hob"), referral, "end_procedure", **{**said, "second": "mo"})
    assert refused.status_code == 422
    for kept in ("choose one of the operators of Walton", 'value="vasospasm" checked', opened):
        assert kept in text(refused)
    assert act(door("hob"), referral, "end_procedure", **said).status_code == 303
    shown = text(see(door("ada"), referral))
    assert "second operator: Ivy Lowe · complications: vasospasm, at the access site" in shown
    assert '<span class="stop">Reperfused</span>' in shown
    for owner, role in (("ben", "First operator"), ("ivy", "Second operator")):
        page = text(door("meg").get(f"/logbook/{owner}/"))
        assert referral.code in page
        assert role in page
        assert "22 min" in page
        assert "Vasospasm, At the access site" in page
