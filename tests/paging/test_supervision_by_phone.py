"""Nobody is left alone above their competence, by phone: what each phase's acceptance does, and who hears of it."""

from datetime import timedelta

import pytest

from network.models import Person, PhoneTrouble
from paging.models import Escalation, Page, Reason
from referrals.models import Event, Referral
from referrals.states import State
from tests.paging.night import Night
from workforce.models import Duty, Shift


def on_call(night: Night, who: str) -> None:
    """This person is first on call at Walton tonight instead of ben."""
    Shift.objects.filter(person__username="ben").update(person=night.world.people[who])


def paged(night: Night, who: str) -> Referral:
    """A patient is offered to Walton, and the first on call hears of it."""
    on_call(night, who)
    referral = night.refers()
    night.tick()
    night.forgets()
    night.phone(who).code = Page.objects.get(person=night.world.people[who]).reply_code
    return referral


def stands(referral: Referral) -> tuple[str, str | None, str | None]:
    referral.refresh_from_db()
    operator, supervisor = referral.operator, referral.supervisor
    return (
        referral.state,
        operator.username if operator else None,
        supervisor.username if supervisor else None,
    )


def accepts(night: Night, who: str, *words: str) -> None:
    phone = night.phone(who)
    phone.replies(phone.code, *words)


def test_under_direct_supervision_the_supervisor_is_paged_at_once_and_confirms(night: Night) -> None:
    referral = paged(night, "dev")
    accepts(night, "dev", "provisionally accepted", "Your supervisor is being paged")
    assert stands(referral) == (State.PROVISIONAL, "dev", "sam")
    night.tick()
    night.hears(sam="Dev Rao accepted under your supervision")
    page = Page.objects.get(person=night.world.people["sam"])
    assert (page.sent_at, page.escalation.reason) == (night.now, Reason.CONFIRM)
    accepts(night, "sam", "You have confirmed")
    assert stands(referral) == (State.ACCEPTED, "dev", "sam")
    night.wind(minutes=15)
    assert not Escalation.objects.filter(reason=Reason.TOLD).exists()


def test_under_indirect_supervision_it_is_final_and_the_supervisor_is_told_once(night: Night) -> None:
    referral = paged(night, "ivy")
    accepts(night, "ivy", "You have accepted")
    assert stands(referral) == (State.ACCEPTED, "ivy", "sam")
    night.tick()
    text = night.phone("sam").expects("Ivy Lowe accepted. You answer for them.", "No reply needed.")
    assert referral.code in text
    assert "Reply " not in text
    night.is_silent()
    told = night.climb(Reason.TOLD)
    assert (told.opened_at, told.referral, told.person) == (night.now, None, night.world.people["ivy"])
    night.wind(minutes=30)
    assert Escalation.objects.filter(reason=Reason.TOLD).count() == 1
    assert night.climb(Reason.TOLD).closed_at is not None
    accept = Event.objects.get(referral=referral, verb="accept")
    said = {name: accept.details[name] for name in ("hub", "phase", "told")}
    assert said == {"hub": "RET20", "phase": "indirect", "told": "Sam Quist"}


def test_an_independent_acceptance_is_final_and_nobody_else_hears_of_it(night: Night) -> None:
    Shift.objects.filter(person__username="cleo").delete()
    referral = paged(night, "cleo")
    accepts(night, "cleo", "You have accepted")
    assert stands(referral) == (State.ACCEPTED, "cleo", None)
    night.wind(minutes=15)
    night.is_silent()


def test_where_no_supervisor_is_on_call_the_named_one_is_told(night: Night) -> None:
    Shift.objects.filter(duty=Duty.SUPERVISOR).delete()
    referral = paged(night, "ivy")
    accepts(night, "ivy", "You have accepted")
    night.tick()
    night.hears(sam="Ivy Lowe accepted")
    assert stands(referral)[2] == "sam"


def test_the_supervisor_on_call_is_told_before_the_named_one(night: Night) -> None:
    Shift.objects.filter(duty=Duty.SECOND, hub__code="RET20").delete()
    Shift.objects.filter(duty=Duty.SUPERVISOR).update(person=night.world.people["cleo"])
    referral = paged(night, "ivy")
    accepts(night, "ivy", "You have accepted")
    night.tick()
    night.hears(cleo="Ivy Lowe accepted")
    assert stands(referral)[2] == "cleo"


@pytest.mark.parametrize(
    "unreachable",
    [
        {"phone": ""},
        {"phone_verified_at": None},
        {"phone_trouble": PhoneTrouble.OPTED_OUT},
        {"is_active": False},
    ],
)
def test_where_no_supervisor_can_be_reached_it_is_refused_and_the_ladder_climbs_on(
    night: Night, unreachable: dict[str, object]
) -> None:
    referral = paged(night, "ivy")
    Person.objects.filter(username="sam").update(**unreachable)
    accepts(night, "ivy", "No supervisor at Walton can be reached now")
    assert stands(referral) == (State.REFERRED, None, None)
    assert night.climb(Reason.OFFER).closed_at is None
    night.wind(minutes=4)
    second = Page.objects.filter(person=night.world.people["cleo"], escalation__reason=Reason.OFFER)
    assert second.exists()
    night.forgets()


def test_after_an_outage_it_is_told_while_the_patient_is_on_the_way(night: Night) -> None:
    referral = paged(night, "ivy")
    accepts(night, "ivy", "You have accepted")
    night.sleeps(minutes=40)
    night.tick()
    night.hears(sam="Ivy Lowe accepted")
    assert night.climb(Reason.TOLD).opened_at == night.now
    assert night.now - Referral.objects.get(pk=referral.pk).accepted_at >= timedelta(minutes=40)  # type: ignore[operator]


def test_an_answer_that_nobody_asked_for_is_thanked_and_changes_nothing(night: Night) -> None:
    referral = paged(night, "ivy")
    accepts(night, "ivy", "You have accepted")
    night.tick()
    night.phone("sam").expects("Ivy Lowe accepted")
    code = Page.objects.get(person=night.world.people["sam"], escalation__reason=Reason.TOLD).reply_code
    night.phone("sam").replies(code, "Nothing needs to be answered.")
    assert stands(referral) == (State.ACCEPTED, "ivy", "sam")
