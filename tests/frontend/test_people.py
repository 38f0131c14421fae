"""The screen of people: who finds it, what it says beforehand, what it does, and what a refusal leaves."""

from datetime import timedelta

from django.test import Client

from frontend import cover_sheet
from network import people
from network.access_rows import AccessChange
from network.models import Membership, Person, Role
from tests.frontend.browser import Door, Phones, text, tick
from tests.world import LONG_AGO, World
from workforce import cover, phases, rota
from workforce.models import Duty, Shift

OURS = "/people/cheshire-and-merseyside/"
BEN = f"{OURS}ben/"
WHY = {"reason": "Lost his phone at 02:50."}


def role_page(world: World, who: str) -> str:
    return f"{OURS}{who}/take/{Membership.objects.get(person=world.people[who]).pk}/"


def off_call(world: World, *who: str) -> None:
    """Their duties are over."""
    Shift.objects.filter(person__username__in=who).delete()


def test_the_networks_coordinators_and_leads_alone_find_its_people(door: Door, world: World) -> None:
    changes = [f"{BEN}disable/", role_page(world, "ben"), f"{BEN}give/", f"{BEN}let-in/"]
    for who in world.people:
        client = door(who)
        seen = [client.get(path).status_code for path in (OURS, BEN)]
        asked = [client.get(path).status_code for path in changes]
        done = [client.post(path, {**WHY, "role": "hub", "site": "RET20"}).status_code for path in changes]
        if who == "lea":
            continue
        expected = (200, 403) if who == "nia" else (404, 404)
        assert (seen, asked, done) == ([expected[0]] * 2, [expected[1]] * 4, [expected[1]] * 4), who
    assert set(AccessChange.objects.values_list("by__username", flat=True)) == {"lea"}
    assert [client.get(path).status_code for path in (OURS, BEN) for client in [Client()]] == [302, 302]


def test_somebody_is_found_by_name_with_roles_duty_and_phone(door: Door, world: World) -> None:
    Person.objects.filter(username="cleo").update(phone_verified_at=None)
    page = text(door("nia").get("/people/", follow=True))
    assert "Ada Okoro" in page
    assert "Zed Moor" not in page
    assert "Mo Idris" not in page
    page = text(door("lea").get(OURS, {"name": " MARSH "}))
    assert "Ben Hale" not in page
    assert "Hub operator, Walton" in page
    assert "since 1 Jan 2024" in page
    assert "Second on call, Walton until Mon 03:10" in page
    assert "Has not shown yet that pages reach their phone" in page
    assert "Nobody here is called “x”" in text(door("lea").get(OURS, {"name": "x\0"}))


def test_before_somebody_on_call_is_disabled_the_page_says_what_follows(door: Door, world: World) -> None:
    referral = world.a_referral()
    tick(world, Phones())
    page = text(door("lea").get(f"{BEN}disable/"))
    assert "Ben Hale is on call now" in page
    assert "First on call, Walton: now, until Mon 03:10" in page
    assert "The pager goes on to the others at once" in page
    assert "Nia Bevan" in page
    assert f"An answer to the offer, Walton, {referral.code}: has been paged" in page
    off_call(world, "cleo", "sam")
    page = text(door("lea").get(f"{BEN}disable/"))
    assert "Nobody can take a patient at Walton from this moment until Mon 03:10" in page
    assert "Nobody is paged about this hole" in page


def test_patients_in_their_name_are_listed_and_those_of_other_networks_only_counted(
    door: Door, world: World
) -> None:
    other = world.refers("RR801", by="zed", spoke="RCB55")
    people.grant(world.people["zed"], Role.SPOKE, at=LONG_AGO, site=world.sites["RBL14"])
    own = world.refers(by="zed")
    page = text(door("lea").get(f"{OURS}zed/disable/"))
    assert "2 patients in their name" in page
    assert own.code in page
    assert other.code not in page
    assert "1 of another network, which you do not see" in page
    assert "they also work as Spoke stroke team, York" in page


def test_disabling_shuts_them_out_and_every_page_shows_the_hole(door: Door, world: World) -> None:
    off_call(world, "cleo", "sam")
    ben, lea, walton = door("ben"), door("lea"), world.sites["RET20"]
    assert ben.get("/board/", follow=True).status_code == 200
    done = lea.post(f"{BEN}disable/", WHY, follow=True)
    assert done.redirect_chain == [(BEN, 303)]
    for words in (
        "is disabled",
        "Nobody can take a patient at Walton from this moment",
        WHY["reason"],
        "Lea Frost",
    ):
        assert words in text(done)
    assert ben.get("/me/phone/").status_code == 302
    assert cover_sheet.nearest([walton], now=world.now).startswith("Walton: nobody now")
    assert not cover.doors([walton], at=world.now)[walton.pk].is_open
    on_call = text(door("nia").get("/on-call/"))
    assert "Nobody first on call now" in on_call
    assert "was disabled: nobody pages them" in on_call
    again = lea.post(f"{BEN}let-in/", {"reason": "Has a new phone."}, follow=True)
    assert "Ben Hale can sign in again." in text(again)
    assert cover.doors([walton], at=world.now)[walton.pk].is_open
    assert ben.get("/me/phone/").status_code == 302


def test_a_role_that_is_taken_takes_its_duties_and_its_authorisation(door: Door, world: World) -> None:
    off_call(world, "cleo", "sam")
    lea, walton, page = door("lea"), world.sites["RET20"], role_page(world, "ben")
    asked = text(lea.get(page))
    assert "The duties below are taken off the rota." in asked
    assert "both signatures" in asked
    began = world.now - timedelta(days=1)
    done = lea.post(page, {"reason": "Has left."}, follow=True)
    assert done.redirect_chain[-1][0].startswith("/rota/RET20/")
    assert "Nobody can take a patient at Walton from this moment until Mon 03:10. Put somebody on." in text(
        done
    )
    assert rota.on_call(walton, at=world.now) == []
    assert [s.person.username for s in rota.on_call(walton, at=began)] == ["ben"]
    assert phases.authorisation(world.people["ben"], walton, at=world.now) is None
    assert "Does not operate here any more" in text(lea.get("/operators/RET20/ben/"))
    refused = lea.post(page, {"reason": "Has left."})
    assert (refused.status_code, "taken away already" in text(refused)) == (422, True)


def test_the_only_lead_stays_and_what_was_typed_comes_back(door: Door, world: World) -> None:
    people.grant(
        world.people["hob"], Role.LEAD, at=world.now, network=world.networks["cheshire-and-merseyside"]
    )
    hob, lea = door("hob"), door("lea")
    assert "This is your own access" in text(lea.get(f"{OURS}lea/disable/"))
    assert lea.post(f"{OURS}lea/disable/", WHY).status_code == 422
    refused = hob.post(f"{OURS}lea/disable/", {"reason": "x" * 401})
    assert refused.status_code == 422
    assert "one line of at most 400" in text(refused)
    assert f'value="{"x" * 401}"' in text(refused)
    refused = lea.post(f"{BEN}give/", {"role": "hub", "site": "RBL14", "reason": "Helps out."})
    assert (refused.status_code, "is no hub" in text(refused)) == (422, True)
    assert 'value="Helps out."' in text(refused)
    assert '<option value="RBL14" selected>' in text(refused)
    assert not AccessChange.objects.exists()


def test_a_coordinators_duty_goes_with_the_role(door: Door, world: World) -> None:
    end = world.now + timedelta(hours=5)
    rota.put(world.sites["RET20"], Duty.COORDINATOR, world.people["nia"], start=world.now, end=end)
    done = door("lea").post(role_page(world, "nia"), {"reason": "Has left."}, follow=True)
    assert done.redirect_chain == [(f"{OURS}nia/", 303)]
    assert rota.coordinating([world.networks["cheshire-and-merseyside"]], at=world.now) == []
