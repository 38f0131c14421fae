"""Swaps of duties: ask, offer, approve; the rules are asked at the offer and again at the approval.

The only writer of swaps. The duty changes hands at the approval alone, through workforce.rota_edits.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from network.models import Person
from workforce import phases, rota, rota_edits, rota_plan
from workforce.models import Shift
from workforce.rota_edits import Breaks, NotOnTheRota
from workforce.rota_plan import Holding
from workforce.rota_rows import OPEN, Deed, Swap, SwapState
from workforce.rules.facts import Breach


def ask(shift: Shift, *, by: Person, at: datetime, why: str = "") -> Swap:
    """Whoever holds a duty ahead asks to be relieved of it."""
    if shift.person_id != by.pk:
        raise NotOnTheRota("Only whoever holds a duty asks to swap it.")
    if shift.period.lower <= at:
        raise NotOnTheRota("This duty has begun. Ask a colleague to take it now.")
    try:
        with transaction.atomic():
            swap = Swap.objects.create(
                hub=shift.hub, duty=shift.duty, period=shift.period, asker=by, why=why.strip(), asked_at=at
            )
            _note(Deed.SWAP_ASKED, swap, by=by, reason=why.strip())
    except IntegrityError as error:
        raise NotOnTheRota("A swap of this duty is under way already.") from error
    return swap


def changes(swap: Swap, offerer: Person, in_return: Shift | None) -> list[Holding]:
    """What the rota would be changed by: the duty to whoever offers, and theirs to whoever asked."""
    made = [Holding(swap.hub, swap.duty, offerer, swap.period.lower, swap.period.upper)]
    if in_return:
        period = in_return.period
        made.append(Holding(in_return.hub, in_return.duty, swap.asker, period.lower, period.upper))
    return made


def may_offer(swap: Swap, person: Person, *, at: datetime) -> bool:
    """Another operator of the same hub may."""
    return (
        swap.state == SwapState.ASKED
        and person.pk != swap.asker_id
        and phases.authorisation(person, swap.hub, at=at) is not None
    )


def offer(
    swap: Swap, *, by: Person, at: datetime, in_return: Shift | None = None, reason: str = ""
) -> list[Breach]:
    """A colleague offers to hold the duty, perhaps for one of their own; Breaks where rules would be broken unsaid."""
    with transaction.atomic():
        swap = _locked(swap)
        if not may_offer(swap, by, at=at):
            raise NotOnTheRota("You cannot offer for this swap.")
        if in_return and (in_return.person_id != by.pk or in_return.period.lower <= at):
            raise NotOnTheRota("What you give in return is a duty of your own that has not begun.")
        _check_still_held(swap, at=at)
        rota.check_reachable(by)
        broken = _checked(changes(swap, by, in_return), reason)
        swap.offerer, swap.state = by, SwapState.OFFERED
        if in_return:
            swap.return_hub, swap.return_duty = in_return.hub, in_return.duty
            swap.return_period = in_return.period
        swap.save()
        _note(Deed.SWAP_OFFERED, swap, by=by, reason=reason, broken=broken)
    return broken


def agreed(swap: Swap) -> list[Holding]:
    """What an offered swap would change in the rota."""
    assert swap.offerer
    made = [Holding(swap.hub, swap.duty, swap.offerer, swap.period.lower, swap.period.upper)]
    if swap.return_period and swap.return_hub:
        period = swap.return_period
        made.append(Holding(swap.return_hub, swap.return_duty, swap.asker, period.lower, period.upper))
    return made


def approve(swap: Swap, *, by: Person, at: datetime, reason: str = "") -> list[Breach]:
    """A lead or coordinator approves, and the duties change hands; Breaks where rules would be broken unsaid."""
    with transaction.atomic():
        swap = _locked(swap)
        rota_edits.check_edits(by, swap.hub, at=at)
        if swap.state != SwapState.OFFERED:
            raise NotOnTheRota("Nobody offers for this swap at present.")
        if swap.return_hub and swap.return_hub.network_id != swap.hub.network_id:
            rota_edits.check_edits(by, swap.return_hub, at=at)
        _check_still_held(swap, at=at)
        broken = rota_edits.apply(agreed(swap), deed=Deed.SWAP_APPROVED, by=by, at=at, reason=reason)
        _settle(swap, SwapState.APPROVED, at=at)
    return broken


def refuse(swap: Swap, *, by: Person, at: datetime, reason: str) -> None:
    """A lead or coordinator will not have it; the duties stay where they are."""
    with transaction.atomic():
        swap = _locked(swap)
        rota_edits.check_edits(by, swap.hub, at=at)
        _check_open(swap)
        if not reason.strip():
            raise NotOnTheRota("Say why: both of them read it.")
        _settle(swap, SwapState.REFUSED, at=at)
        _note(Deed.SWAP_REFUSED, swap, by=by, reason=reason.strip())


def withdraw(swap: Swap, *, by: Person, at: datetime) -> None:
    """Whoever asked needs no swap any more; whoever offered takes the offer back, and the question stays open."""
    with transaction.atomic():
        swap = _locked(swap)
        _check_open(swap)
        if by.pk not in {swap.asker_id, swap.offerer_id}:
            raise NotOnTheRota("This is not your swap.")
        _note(Deed.SWAP_WITHDRAWN, swap, by=by)
        if by.pk == swap.asker_id:
            _settle(swap, SwapState.WITHDRAWN, at=at)
            return
        swap.state, swap.offerer = SwapState.ASKED, None
        swap.return_hub, swap.return_duty, swap.return_period = None, "", None
        swap.save()


def _locked(swap: Swap) -> Swap:
    rota_edits.lock([swap.hub])
    return Swap.objects.select_related("hub__network", "asker", "offerer", "return_hub").get(pk=swap.pk)


def _check_open(swap: Swap) -> None:
    if swap.state not in OPEN:
        raise NotOnTheRota(f"This swap is settled: {swap.get_state_display().lower()}.")


def _settle(swap: Swap, state: SwapState, *, at: datetime) -> None:
    swap.state, swap.settled_at = state, at
    swap.save(update_fields=["state", "settled_at"])


def _check_still_held(swap: Swap, *, at: datetime) -> None:
    """Both still hold what they would give: a rota may have changed since."""
    if swap.period.lower <= at:
        raise NotOnTheRota("This duty has begun. Take it now instead.")
    gives = [(swap.hub, swap.duty, swap.asker, swap.period)]
    if swap.return_period and swap.return_hub and swap.offerer:
        gives.append((swap.return_hub, swap.return_duty, swap.offerer, swap.return_period))
    for hub, duty, person, period in gives:
        if not Shift.objects.filter(hub=hub, duty=duty, person=person, period__contains=period).exists():
            raise NotOnTheRota(f"The rota has changed: {person.name} does not hold this duty any more.")
        if period.lower <= at:
            raise NotOnTheRota("The duty given in return has begun.")


def _checked(made: Sequence[Holding], reason: str) -> list[Breach]:
    broken = rota_plan.would_break(made)
    if twice := [b for b in broken if b.rule == "two_places"]:
        raise NotOnTheRota(twice[0].words)
    if rota_edits.grave(broken) and not reason.strip():
        raise Breaks(rota_edits.grave(broken))
    return broken


def _note(deed: Deed, swap: Swap, *, by: Person, reason: str = "", broken: Sequence[Breach] = ()) -> None:
    change = Holding(swap.hub, swap.duty, swap.asker, swap.period.lower, swap.period.upper)
    rota.note(deed, change, by=by, reason=reason, breaches=[b.words for b in broken])


def open_at(hub_ids: Sequence[int], *, after: datetime) -> list[Swap]:
    """The swaps of these hubs that wait for somebody, the nearest duty first; a duty that has begun waits no more."""
    waiting = Swap.objects.filter(hub__in=hub_ids, state__in=OPEN, period__startswith__gt=after)
    found = waiting.select_related("hub", "asker", "offerer", "return_hub").order_by("period")
    return list(found)
