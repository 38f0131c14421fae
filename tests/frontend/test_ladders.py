"""The ladder's editor: read by the hub, changed by its network, never over somebody else's head."""

import re
from typing import Any

import pytest

from network import people
from network.models import Membership
from paging import engine, ladders, routes
from paging.models import Escalation, Ladder, Reason
from referrals.states import State
from tests.frontend.browser import Door, Phones, text, tick
from tests.frontend.ladder_desk import (
    CONFIRM,
    HUB,
    OFFER,
    fill_the_rota,
    own_version,
    said,
    save,
    step,
    warnings,
)
from tests.paging.tables import Postbox
from tests.world import World

UNPLACED = f"/ladders/{HUB}/unplaced/"
PAGES = ["/ladders/RET20/", OFFER, CONFIRM, UNPLACED]
PREVIEW = OFFER + "preview/"


def kept(world: World) -> Ladder:
    return ladders.versions(world.sites[HUB], Reason.OFFER)[0]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("nia", 200),
        ("lea", 200),
        ("ben", 200),
        ("hob", 200),
        ("ada", 404),
        ("mo", 404),
        ("una", 404),
        ("zed", 404),
    ],
)
def test_the_hub_and_those_who_lead_its_network_read_it_and_nobody_else(
    world: World, door: Door, path: str, who: str, status: int
) -> None:
    assert door(who).get(path).status_code == status


@pytest.mark.parametrize("path", PAGES)
def test_somebody_who_has_not_signed_in_is_asked_to(world: World, client: Any, path: str) -> None:
    assert client.get(path)["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("path", [OFFER, PREVIEW, "/ladders/RET20/drill/"])
@pytest.mark.parametrize("who", ["ben", "hob", "ada", "una"])
def test_only_coordinators_and_leads_of_the_network_change_anything(
    world: World, door: Door, path: str, who: str
) -> None:
    assert door(who).post(path, said()).status_code == 404
    assert not Ladder.objects.exists()
    assert not Escalation.objects.exists()


def test_a_reader_has_no_form_and_a_coordinator_has(world: World, door: Door) -> None:
    assert 'name="save"' in text(door("nia").get(OFFER))
    page = text(door("ben").get(OFFER))
    assert 'name="save"' not in page
    assert "At 90 s first on call, by call and siren on the boards." in page


def test_somebody_whose_role_has_ended_finds_nothing(world: World, door: Door) -> None:
    people.end(Membership.objects.get(person=world.people["nia"]), at=world.now)
    assert door("nia").get(OFFER).status_code == 404
    assert door("nia").post(OFFER, said()).status_code == 404


@pytest.mark.parametrize(
    "path", ["/ladders/RBL14/", "/ladders/NONE/", "/ladders/%00/", "/ladders/RET20/reach/"]
)
def test_a_spoke_and_a_wait_that_has_no_ladder_are_not_found(world: World, door: Door, path: str) -> None:
    assert door("nia").get(path).status_code == 404


def test_the_only_hub_is_gone_to_at_once_and_several_are_listed(world: World, door: Door) -> None:
    assert door("nia").get("/ladders/")["Location"] == "/ladders/RET20/"
    people.grant(world.people["nia"], "lead", at=world.now, network=world.networks["greater-manchester"])  # type: ignore[arg-type]
    page = text(door("nia").get("/ladders/"))
    assert "Walton" in page and "Salford" in page and "Leeds" not in page
    assert "You belong to neither." in text(door("ada").get("/ladders/"))


def test_the_way_there_is_shown_to_those_who_decide(world: World, door: Door) -> None:
    assert 'href="/ladders/"' in text(door("lea").get("/on-call/"))
    page = text(door("ben").get("/on-call/"))
    assert 'href="/ladders/"' not in page
    assert 'href="/ladders/RET20/"' in page
    assert "/ladders/" not in text(door("ada").get("/on-call/"))


def test_the_form_begins_with_the_ladder_that_is_climbed_now(world: World, door: Door) -> None:
    fill_the_rota(world)
    page = text(door("nia").get(OFFER))
    assert "Walton has no ladder of its own yet" in page
    assert re.findall(r'name="\d-after" id="[^"]+" value="(\d+)"', page) == ["0", "90", "180", "300"]
    assert 'name="2-to" value="supervisor" checked' in page
    assert 'name="1-also" value="siren" checked' in page
    assert 'value="hand_on" checked' in page
    assert save(door("nia")).status_code == 303
    assert ladders.read(kept(world).rungs) == ladders.read(ladders.shipped(Reason.OFFER).rungs)


def test_a_ladder_without_a_warning_is_saved_at_once_and_climbed_by_the_next_patient(
    world: World, door: Door, phones: Phones
) -> None:
    fill_the_rota(world)
    sent = said(step("0", ["second"], ["sms"]), step("1:30", ["coordinator"], ["voice"]), end="alarm")
    response = door("nia").post(OFFER, {**sent, "note": "Ben is on leave"}, follow=True)
    assert response.redirect_chain == [(OFFER, 303)]
    assert "Saved as version 1 at 03:10:00." in text(response)
    saved = kept(world)
    assert (saved.version, saved.made_by, saved.note) == (1, world.people["nia"], "Ben is on leave")
    world.refers()
    tick(world, phones)
    opened = Escalation.objects.get()
    assert [rung["to"] for rung in opened.rungs] == [["second"], ["coordinator"]]
    assert opened.rungs[1]["after"] == 90 and opened.rungs[1]["alarm"]


def test_warnings_are_shown_before_anything_is_saved_and_a_reason_is_kept(world: World, door: Door) -> None:
    nia = door("nia")
    shown = nia.post(OFFER, said())
    assert shown.status_code == 422
    assert "Save all the same" in text(shown)
    assert own_version(world) == 0
    seen = re.search(r'name="seen" value="(\w+)"', text(shown))
    assert seen
    assert nia.post(OFFER, {**said(), "seen": seen[1], "note": "  "}).status_code == 422
    assert nia.post(OFFER, {**said(), "note": "Never shown"}).status_code == 422
    assert own_version(world) == 0
    assert nia.post(OFFER, {**said(), "seen": seen[1], "note": "The rota comes on Monday"}).status_code == 303
    assert kept(world).note == "The rota comes on Monday"
    assert "“The rota comes on Monday”" in text(nia.get(OFFER))


def test_another_warning_than_the_one_that_was_seen_is_shown_first(world: World, door: Door) -> None:
    nia = door("nia")
    seen = re.search(r'name="seen" value="(\w+)"', text(nia.post(OFFER, said())))
    assert seen
    other = said(step("90", ["first"], ["sms"]), seen=seen[1], note="We know")
    response = nia.post(OFFER, other)
    assert response.status_code == 422
    assert "The first page goes out only after 90 seconds." in warnings(response)
    assert own_version(world) == 0


BROKEN = [
    ({"0-after": "soon"}, "f-0-after", "Step 1: write the time in seconds, like 90."),
    ({"0-after": "4000"}, "f-0-after", "Step 1: the time must be from 0 to 3600 seconds."),
    ({"0-to": []}, "f-0-to", "Step 1 pages nobody. Tick whom, or remove the step."),
    ({"0-by": []}, "f-0-by", "Step 1: tick how they are reached."),
    ({"end_after": ""}, "f-end_after", "The end: write the time in seconds, like 480."),
    ({"end_after": "3601"}, "f-end_after", "The end: the time must be from 0 to 3600 seconds."),
    ({"seen_holds": "x"}, "f-seen_holds", "“Seen, looking”: write the time in seconds, like 120."),
    ({"seen_holds": "601"}, "f-seen_holds", "A look may hold the ladder for 0 to 600 seconds."),
    ({"note": "x" * 201}, "f-note", "The reason may have 200 letters."),
    ({"row": []}, "", "There is no step: nobody would ever be paged. Add one."),
]


@pytest.mark.parametrize(("wrong", "place", "sentence"), BROKEN, ids=[sentence for *_, sentence in BROKEN])
def test_what_cannot_be_climbed_is_named_at_its_field_and_nothing_typed_is_lost(
    world: World, door: Door, wrong: dict[str, Any], place: str, sentence: str
) -> None:
    sent = said() | {"note": "My reason", "1-after": "95"} | wrong
    response = door("nia").post(OFFER, sent)
    page = text(response)
    assert response.status_code == 422
    assert sentence in page
    assert own_version(world) == 0
    if place:
        assert f'<a href="#{place}">{sentence}</a>' in page
        assert f'id="{place}"' in page
        assert re.search(rf'aria-describedby="[^"]*\b{place.replace("f-", "fault-")}"', page)
        assert f'value="{sent["1-after"]}"' in page
    for name in ("0-after", "end_after", "seen_holds"):
        if "row" not in wrong or name in {"end_after", "seen_holds"}:
            assert f'value="{sent[name]}"' in page
    assert sent["note"] in page


def test_what_a_browser_would_never_send_is_refused_or_left_out(world: World, door: Door) -> None:
    fill_the_rota(world)
    sent = said(
        step("0", ["first", "first"], ["sms"], ["alarm"]),
        based_on="x",
        seen="<b>",
        note="a\0b\r\n c",
    )
    sent["row"] = ["0", "../../1", "٣"]
    assert door("nia").post(OFFER, sent).status_code == 303
    assert kept(world).rungs[0] == {"after": 0, "to": ["first"], "by": ["sms"]}
    assert kept(world).note == "a b c"
    nobody_s = said() | {"row": [str(n % 4) for n in range(500)]}
    assert "at most 12 steps" in text(door("nia").post(OFFER, nobody_s))


def test_the_supervisors_ladder_does_not_go_on_to_the_next_hub(world: World, door: Door) -> None:
    fill_the_rota(world)
    assert 'value="hand_on"' not in text(door("nia").get(CONFIRM))
    response = door("nia").post(CONFIRM, said())
    assert (response.status_code, "Only an offer can go on" in text(response)) == (422, True)
    assert save(door("nia"), path=CONFIRM, **said(end="alarm")).status_code == 303
    assert ladders.current(world.sites[HUB], Reason.CONFIRM).version == 1


@pytest.mark.parametrize(
    ("to", "by", "sentence"),
    [
        (["first", "nurse", "<b>"], ["sms"], "Step 1 names “&lt;b&gt;”, whom this ladder cannot page."),
        (["owner"], ["sms"], "Step 1 names the platform&#x27;s owner, whom this ladder cannot page."),
        (["first"], ["sms", "pigeon"], "Step 1: tick how they are reached."),
    ],
)
def test_a_name_or_a_way_that_no_ladder_knows_is_refused_and_not_left_out(
    world: World, door: Door, to: list[str], by: list[str], sentence: str
) -> None:
    response = door("nia").post(OFFER, said(step("0", to, by)))
    assert (response.status_code, sentence in text(response)) == (422, True)
    assert own_version(world) == 0


def test_the_ladder_for_a_patient_without_a_hub_is_changed_like_the_others(world: World, door: Door) -> None:
    page = text(door("nia").get(UNPLACED))
    assert "Walton was asked last" in page
    assert re.findall(r'name="0-to" value="(\w+)"', page) == ["coordinator", "lead"]
    sent = said(step("0", ["lead"], ["sms"], ["phone_now"]), end="alarm")
    assert save(door("nia"), path=UNPLACED, **sent).status_code == 303
    world.a_referral(State.UNPLACED)
    engine.tick(now=world.now, routes=routes.only(Postbox()), clock=lambda: world.now)
    climb = Escalation.objects.get(reason=Reason.UNPLACED)
    assert climb.rungs == [{"after": 0, "to": ["lead"], "by": ["sms"], "phone_now": True, "alarm": True}]
    assert "lea" in set(climb.pages.values_list("person__username", flat=True))


def test_no_first_on_call_is_paged_for_a_patient_without_a_hub(world: World, door: Door) -> None:
    sent = said(step("0", ["first", "lead"], ["sms"]), end="alarm")
    response = door("nia").post(UNPLACED, sent)
    sentence = "Step 1 names first on call, whom this ladder cannot page."
    assert (response.status_code, sentence in text(response)) == (422, True)


def test_pressed_twice_it_is_one_version(world: World, door: Door) -> None:
    fill_the_rota(world)
    nia = door("nia")
    sent = said(step("0", ["first"], ["sms"]))
    assert nia.post(OFFER, sent).status_code == 303
    again = nia.post(OFFER, sent, follow=True)
    assert "Nothing was changed" in text(again)
    assert own_version(world) == 1


def test_what_is_pressed_in_the_form_comes_back_with_its_steps(world: World, door: Door) -> None:
    def preview(**whole: Any) -> Any:
        return door("nia").post(PREVIEW, said(**whole))

    def times(edit: str) -> list[tuple[str, str]]:
        page = text(preview(edit=edit))
        return re.findall(r'name="(\d)-after" id="[^"]+" value="(\d+)"', page)

    assert times("up-1") == times("down-0") == times("look") == times("up-0") == times("remove-77")
    assert times("remove-1") == [("0", "0"), ("1", "180"), ("2", "300")]
    assert times("add")[-1] == ("4", "360")
    moved = text(preview(edit="down-2"))
    assert 'name="3-to" value="supervisor" checked' in moved
    assert 'name="2-to" value="coordinator" checked' in moved
    far = text(preview(edit="add", **{"3-after": "450"}))
    assert 'name="end_after" id="f-end_after" value="570"' in far
    assert 'name="0-after" id="f-0-after" value="0"' in text(preview(edit="add", row=[]))


def test_without_a_script_the_same_buttons_bring_the_page_back_and_save_nothing(
    world: World, door: Door
) -> None:
    response = door("nia").post(OFFER, said() | {"edit": "remove-0", "1-after": "x"})
    assert response.status_code == 200
    assert re.findall(r'name="row" value="(\d)"', text(response)) == ["0", "1", "2"]
    assert 'value="x"' in text(response)
    assert ladders.versions(world.sites[HUB], Reason.OFFER) == []
