"""How a patient enters: pre-alert, referral, or straight to a hub. Verbs like those of referrals.transitions.

A patient with a live referral is never entered twice by accident: the second team joins the live one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Unpack

from django.db import connection, transaction

from network.models import Role, Site
from referrals import facts, ledger, nhs_number, offers, policy
from referrals.facts import Stage
from referrals.ledger import Press, Turn
from referrals.models import Offer, OfferState, Referral
from referrals.refusals import BadInput, NotAllowed, WrongState
from referrals.states import LIVE, State


@dataclass(frozen=True)
class Entered:
    """The referral, and whether it is a live one of somebody else that was joined."""

    referral: Referral
    joined: bool


def refer(
    *, spoke: str, hubs: list[str], said: Mapping[str, Any], separate: bool = False, **press: Unpack[Press]
) -> Entered:
    """The CTA is done: put a new patient to one or several hubs."""
    with transaction.atomic():
        if done := ledger.done_before(press, "refer"):
            return _again(done, said, press)
        site = _site(spoke, "spoke", press, Role.SPOKE)
        known, chosen = _checked(said, hubs, spoke=site, press=press)
        if not separate and (live := _live_twin(known["nhs_number"], site)):
            # The CTA that a pre-alert waits for is done: somebody must be asked now.
            if live.state == State.PRE_ALERTED:
                done = upgrade(live.code, hubs=hubs, said=said, joining=site, **press)
                return Entered(done, joined=done.spoke_id != site.pk)
            return Entered(_join(live, site, press), joined=True)
        turn = _new(site, "refer", known, press)
        turn.move(Referral._refer)
        ledger.create(turn)
        ledger.admit_party(turn, site, is_hub=False)
        turn.details["hubs"] = [hub.code for hub in chosen]
        offers.open_to(turn, chosen)
        ledger.write(turn)
        return Entered(turn.referral, joined=False)


def pre_alert(
    *, spoke: str, said: Mapping[str, Any], separate: bool = False, **press: Unpack[Press]
) -> Entered:
    """Suspected large-vessel occlusion, CTA under way: nobody is paged yet."""
    with transaction.atomic():
        if done := ledger.done_before(press, "pre_alert"):
            return _again(done, said, press)
        site = _site(spoke, "spoke", press, Role.SPOKE)
        known = facts.check(said, stage=Stage.PRE_ALERT, now=press.get("now", press["at"]))
        if not separate and (live := _live_twin(known["nhs_number"], site)):
            return Entered(_join(live, site, press), joined=True)
        turn = _new(site, "pre_alert", known, press)
        turn.move(Referral._pre_alert)
        ledger.create(turn)
        ledger.admit_party(turn, site, is_hub=False)
        ledger.write(turn)
        return Entered(turn.referral, joined=False)


def admit(*, hub: str, said: Mapping[str, Any], separate: bool = False, **press: Unpack[Press]) -> Entered:
    """A patient who came straight to a hub enters by `arrive`; the operator is the person who writes it down."""
    with transaction.atomic():
        if done := ledger.done_before(press, "arrive"):
            return _again(done, said, press)
        site = _site(hub, "hub", press, Role.OPERATOR, Role.HUB)
        if not site.is_hub:
            raise BadInput({"hub": f"{site} is not a thrombectomy hub."})
        known = facts.check(said, stage=Stage.ADMIT, now=press.get("now", press["at"]))
        if not separate and (live := _live_twin(known["nhs_number"], site)):
            return Entered(_join(live, site, press), joined=True)
        turn = _new(site, "arrive", known, press)
        turn.referral.hub, turn.referral.operator = site, press["by"]
        turn.at = known["arrived_at"].astimezone(UTC)
        turn.move(Referral._arrive)
        ledger.create(turn)
        ledger.admit_party(turn, site, is_hub=True)
        Offer.objects.create(
            referral=turn.referral,
            hub=site,
            state=OfferState.ACCEPTED,
            opened_at=turn.now,
            closed_at=turn.now,
            closed_by=turn.by,
        )
        ledger.write(turn)
        return Entered(turn.referral, joined=False)


def upgrade(
    code: str,
    *,
    hubs: list[str],
    said: Mapping[str, Any],
    joining: Site | None = None,
    **press: Unpack[Press],
) -> Referral:
    """The CTA of a pre-alerted patient is done: refer the patient to one or several hubs."""

    def work(turn: Turn) -> None:
        told = dict(said)
        if joining is not None and joining.pk != turn.referral.spoke_id:
            turn.details["site"] = joining.code
            told.pop("arrived_at", None)  # the first hospital's door counts
            ledger.admit_party(turn, joining, is_hub=False)
        policy.check("refer", turn.rights, turn.referral)
        turn.move(Referral._refer)
        before = {name: getattr(turn.referral, name) for name in facts.NAMES}
        known, chosen = _checked({**before, **told}, hubs, spoke=turn.referral.spoke, press=press)
        for name, value in known.items():
            setattr(turn.referral, name, value)
        turn.details["hubs"] = [hub.code for hub in chosen]
        offers.open_to(turn, chosen)

    return ledger.change(code, "refer", press, work)


def _checked(
    said: Mapping[str, Any], hubs: list[str], *, spoke: Site, press: Press
) -> tuple[dict[str, Any], list[Site]]:
    """The cleaned facts and the hubs; all faults of both in one answer."""
    faults: dict[str, str] = {}
    chosen: list[Site] = []
    try:
        chosen = offers.hubs_named(hubs, spoke=spoke)
    except BadInput as bad:
        faults = bad.fields
    try:
        known = facts.check(said, stage=Stage.REFER, now=press.get("now", press["at"]))
    except BadInput as bad:
        raise BadInput({**bad.fields, **faults}) from None
    if faults:
        raise BadInput(faults)
    return known, chosen


def _again(done: Referral, said: Mapping[str, Any], press: Press) -> Entered:
    """The first answer to this key again; never for another patient, who would be lost."""
    for name in ("nhs_number", "family_name", "given_name"):
        typed = str(said.get(name) or "").strip()
        typed = nhs_number.digits(typed) if name == "nhs_number" else typed
        if typed and typed.casefold() != getattr(done, name).casefold():
            raise WrongState("key_used", "This idempotency key was already used for another patient.")
    event = done.events.get(key=ledger.scoped(press))
    return Entered(done, joined="site" in event.details)


def _site(code: str, field: str, press: Press, *roles: Role) -> Site:
    """The site of this code, where this person must hold one of these roles."""
    rights = ledger.rights_of(press)
    assert rights is not None, "the clock refers nobody"
    wanted = code.strip().upper()
    sites = Site.objects.select_related("network")
    site = sites.filter(code=wanted).first() if wanted.isalnum() else None
    if site is None:
        raise BadInput({field: f"There is no hospital with the code “{code[:16]}”."})
    if not rights.has(*roles, site_id=site.pk):
        raise NotAllowed("not_allowed", f"You cannot refer from {site}: you are not in its team.")
    press["rights"] = rights
    return site


def _new(site: Site, verb: str, known: Mapping[str, Any], press: Press) -> Turn:
    return ledger.begin(Referral(spoke=site, **known), verb, press)


def _live_twin(number: str, site: Site) -> Referral | None:
    """The live referral of this NHS number in this network; two teams that enter it at once queue up."""
    if not number:
        return None
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 2))", [number])
    live = Referral.objects.filter(nhs_number=number, state__in=sorted(LIVE), spoke__network=site.network)
    # Locked, so that it cannot end between being found and being joined.
    return live.select_for_update(no_key=True, of=("self",)).order_by("-pk").first()


def _join(live: Referral, site: Site, press: Press) -> Referral:
    def work(turn: Turn) -> None:
        turn.details["site"] = site.code
        ledger.admit_party(turn, site, is_hub=False)

    if live.parties.filter(site=site, until=None).exists():
        return live
    return ledger.change(live.code, "join", press, work)
