"""Who may do what at a hub, on the screen: who finds the page, who finds the forms, and what a refusal leaves."""

import re
from datetime import timedelta

import pytest

from network import people
from network.models import Role
from tests.frontend.browser import Door
from tests.workforce import training
from tests.workforce.training import operator
from tests.world import LONG_AGO, World
from workforce import changes, phases
from workforce.models import ChangeKind, Phase, Rung
from workforce.sign_offs import Capacity

DEV = "/operators/RET20/dev/"


@pytest.mark.parametrize("who", ["ben", "dev", "hob", "nia", "lea", "meg"])
def test_the_hub_and_those_who_decide_see_who_may_do_what(door: Door, who: str) -> None:
    html = door(who).get("/operators/", follow=True).content.decode().partition("<main")[2]
    assert [name for name in ("Ben Hale", "Ivy Lowe", "Dev Rao") if name in html] == [
        "Ben Hale", "Ivy Lowe", "Dev Rao",
    ]  # fmt: skip
    assert html.index("Ben Hale") < html.index("Ivy Lowe") < html.index("Dev Rao")


@pytest.mark.parametrize("who", ["ada", "wyn", "mo", "zed", "yan", "una", "kit"])
def test_nobody_else_finds_the_page(door: Door, who: str) -> None:
    client = door(who)
    for path in ("/operators/RET20/", DEV):
        assert client.get(path).status_code == 404
    assert client.post(f"{DEV}review/", {"next_on": "2027-01-01"}).status_code == 404


@pytest.mark.parametrize(("who", "status"), [
    ("dev", 200), ("sam", 200), ("lea", 200), ("meg", 200), ("ben", 404), ("nia", 404), ("hob", 404),
])  # fmt: skip
def test_one_operators_page_is_theirs_their_supervisors_and_the_leads(
    door: Door, who: str, status: int
) -> None:
    assert door(who).get(DEV).status_code == status


def test_each_finds_the_forms_of_what_they_may_do(door: Door, world: World) -> None:
    training.ready_for_indirect(world)

    def forms(who: str) -> set[str]:
        html = door(who).get(DEV).content.decode()
        return set(re.findall(rf'action="{DEV}(\w+)/"', html))

    assert forms("dev") == set()
    assert forms("sam") == {"review", "back", "sign"}
    assert forms("lea") == {"agreement", "supervisor"}
    assert forms("meg") == {"agreement", "supervisor", "review", "back", "sign"}


def terms() -> dict[str, str]:
    return {name: str(getattr(training.TERMS, name)) for name in training.TERMS.__dataclass_fields__}


def test_from_enrolment_to_the_first_phase_by_hand(door: Door, world: World) -> None:
    hob, today = world.people["hob"], changes.day(world.now).isoformat()
    assert door("lea").post(
        "/operators/RET20/enrol/", {"person": hob.pk, "specialty": "IC"}
    ).headers["Location"] == "/operators/RET20/hob/"  # fmt: skip
    page = "/operators/RET20/hob/"
    assert door("lea").post(f"{page}agreement/", terms()).status_code == 303
    assert door("lea").post(f"{page}supervisor/", {"supervisor": world.people["sam"].pk}).status_code == 303
    for rung in (Rung.COURSE, Rung.SIMULATOR, Rung.DIAGNOSTIC):
        said = {"rung": rung.value, "on": today, "evidence": "Certificate seen."}
        assert door("sam").post(f"{page}rung/", said).status_code == 303
    signed = {"to": "direct", "capacity": "supervisor", "grounds": "Ready to be second operator."}
    assert door("sam").post(f"{page}sign/", signed).status_code == 303
    assert phases.authorisation(hob, world.sites["RET20"], at=world.now) is None
    directs = {
        **signed,
        "capacity": "director",
        "reference": "CG-2026-9",
        "review_on": (changes.day(world.now) + timedelta(days=90)).isoformat(),
        "expires_on": (changes.day(world.now) + timedelta(days=365)).isoformat(),
    }
    html = door("meg").post(f"{page}sign/", directs, follow=True).content.decode()
    assert "Both have signed" in html
    held = phases.authorisation(hob, world.sites["RET20"], at=world.now)
    assert held is not None
    assert held.phase == Phase.DIRECT
    assert "CG-2026-9" in html


def test_what_was_typed_comes_back_with_the_reason(door: Door, world: World) -> None:
    refused = door("lea").post(f"{DEV}agreement/", {**terms(), "months": "many", "employer": ""})
    html = refused.content.decode()
    assert refused.status_code == 422
    assert "This is needed." in html
    assert training.TERMS.completion in html
    assert 'aria-invalid="true"' in html
    too_soon = {"to": "indirect", "capacity": "supervisor", "grounds": "Good."}
    refused = door("sam").post(f"{DEV}sign/", too_soon)
    assert (refused.status_code, operator(world, "dev").changes.count()) == (422, 1)
    assert "This is missing first" in refused.content.decode()


@pytest.mark.parametrize(
    ("who", "what", "said"),
    [
        ("dev", "review", {"next_on": "2027-01-01"}),
        ("dev", "back", {"phase": "none", "reason": "x"}),
        ("dev", "agreement", {}),
        ("sam", "agreement", {}),
        ("lea", "back", {"phase": "none", "reason": "x"}),
        ("lea", "rung", {"rung": "second", "on": "2026-11-01", "evidence": "x"}),
        ("dev", "sign", {"to": "indirect", "capacity": "supervisor", "grounds": "x"}),
    ],
)
def test_a_form_that_was_not_offered_is_refused(
    door: Door, world: World, who: str, what: str, said: dict[str, str]
) -> None:
    training.ready_for_indirect(world)
    before = operator(world, "dev").changes.count()
    refused = door(who).post(f"{DEV}{what}/", said or terms())
    assert refused.status_code == 403
    assert "Nothing was changed." in refused.content.decode()
    assert operator(world, "dev").changes.count() == before


def test_a_supervisor_who_cannot_answer_any_more_is_shown_at_once(door: Door, world: World) -> None:
    phases.end(operator(world, "sam"), at=world.now)
    html = door("ben").get("/operators/RET20/").content.decode()
    assert html.count("Sam Quist cannot answer for them any more") == 2


def test_every_change_is_told_in_words(door: Door, world: World) -> None:
    training.ready_for_indirect(world)
    training.signs(world, "dev", "sam", Phase.INDIRECT, Capacity.SUPERVISOR)
    training.signs(world, "dev", "meg", Phase.INDIRECT, Capacity.DIRECTOR)
    for what, said in (
        ("review", {"next_on": "2027-01-01", "note": "On course."}),
        ("back", {"phase": "direct", "reason": "A long leave."}),
        ("back", {"phase": "none", "reason": "Has left."}),
    ):
        assert door("meg").post(f"{DEV}{what}/", said).status_code == 303
    training.names(world, "dev", "cleo")
    kinds = set(operator(world, "dev").changes.values_list("kind", flat=True))
    assert kinds == set(ChangeKind) - {ChangeKind.ENROLLED}
    html = door("meg").get(DEV).content.decode()
    for words in (
        "Reached the rung “First operator”", "Agreement: 18 months", "Signed off to indirect supervision as",
        "Set back to direct supervision", "Cleo Marsh answers for them", "Reviewed; next on 1 Jan 2027",
        "Does not operate here any more", "Authorised: indirect supervision", "From the records",
    ):  # fmt: skip
        assert words in html


def test_a_medical_director_sees_no_patient(door: Door, world: World) -> None:
    referral = world.refers()
    client = door("meg")
    assert client.get(f"/r/{referral.code}/").status_code == 404
    for path in ("/board/", "/board/network:cheshire-and-merseyside/", "/", "/on-call/"):
        html = client.get(path, follow=True).content.decode()
        assert referral.code not in html
    assert "/board/" not in client.get("/operators/RET20/").content.decode()
    people.grant(
        world.people["meg"], Role.LEAD, at=LONG_AGO, network=world.networks["cheshire-and-merseyside"]
    )
    assert client.get(f"/r/{referral.code}/").status_code == 200
