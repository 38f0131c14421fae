"""Tokens: made by a command, good for one person, and good for nothing once the token or the person has ended."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from network import people
from network.models import Token
from tests.api.callers import Caller, caller
from tests.world import World


def printed(username: str, *more: str) -> str:
    out, trouble = StringIO(), StringIO()
    call_command("token", username, *more, stdout=out, stderr=trouble)
    assert trouble.getvalue() == ""
    return out.getvalue()


def test_the_command_prints_a_token_and_nothing_else_and_it_opens_the_api(world: World, ada: Caller) -> None:
    code = world.a_referral().code
    out = printed("ada")
    assert re.fullmatch(r"dido_\S{40,}\n", out)
    assert [told["code"] for told in Caller(out.strip()).get("/referrals").json()] == [code]
    assert not Token.objects.filter(digest__contains=out.strip()).exists()


def test_the_command_makes_no_token_for_nobody_or_for_somebody_who_left(world: World) -> None:
    with pytest.raises(CommandError, match="There is nobody called “eve”, so no token was made"):
        printed("eve")
    with pytest.raises(CommandError, match="There is nobody called “eve”, so no token was ended"):
        printed("eve", "--end")
    people.disable(world.people["ada"])
    with pytest.raises(CommandError, match="Ada Okoro may no longer sign in, so no token was made"):
        printed("ada")
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer nobody", "Basic YWRhOmFkYQ==", "nobody", "Bearer \xff"]
)
def test_without_a_token_of_somebody_nothing_opens(world: World, header: str) -> None:
    code = world.a_referral().code
    anybody = Caller("").client
    headers = {"Authorization": header} if header else {}
    for path in ("/referrals", f"/referrals/{code}", "/sites", "/streams"):
        answer = anybody.get(f"/api/v1{path}", headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"] == "unauthorised"
        assert answer["WWW-Authenticate"] == "Bearer"
    assert anybody.post(f"/api/v1/referrals/{code}/accept", headers=headers).status_code == 401


def test_a_session_opens_nothing_here(world: World) -> None:
    browser = Caller("").client
    browser.force_login(world.people["ada"])
    assert browser.get("/api/v1/referrals").status_code == 401


def test_an_ended_token_and_a_disabled_person_open_nothing(world: World, ada: Caller, ben: Caller) -> None:
    assert (ada.get("/sites").status_code, ben.get("/sites").status_code) == (200, 200)
    assert printed("ada", "--end") == "Ended: 1.\n"
    assert printed("ada", "--end") == "Ended: 0.\n"
    people.disable(world.people["ben"])
    assert (ada.get("/sites").status_code, ben.get("/sites").status_code) == (401, 401)
    assert caller(world, "cleo").get("/sites").status_code == 200
