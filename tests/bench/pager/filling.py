"""Tables as full as the benchmark asks: referrals that wait, by copying one that a real verb made."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from network.models import Site
from paging import ladders, waits
from paging.models import Escalation, Page, Reason
from referrals import codes
from referrals.models import Offer, OfferState, Party, Referral
from referrals.states import State
from tests import world as worlds
from tests.world import World

TOGETHER = 2000


def world() -> World:
    """The small network, now."""
    return worlds.build(timezone.now())


def waiting(world: World, count: int, *, ended: bool = False) -> list[Referral]:
    """So many further referrals that wait for Walton; or that ended long ago."""
    pattern = world.refers()
    fields = [
        f.attname for f in Referral._meta.concrete_fields if f.attname not in {"id", "code", "nhs_number"}
    ]
    values = {name: getattr(pattern, name) for name in fields} | {"version": 0}  # a trail of their own begins
    if ended:
        values |= {"state": State.WITHDRAWN, "ended_at": world.now - timedelta(days=90)}
    copies = count if ended else count - 1
    made = [Referral(code=codes.new(8), nhs_number="", **values) for _ in range(copies)]
    Referral.objects.bulk_create(made, batch_size=TOGETHER)
    hub, spoke = world.sites["RET20"], pattern.spoke
    Party.objects.bulk_create(
        [
            Party(
                referral=referral,
                site=site,
                is_hub=site == hub,
                since=world.now,
                until=world.now if ended else None,
            )
            for referral in made
            for site in (spoke, hub)
        ],
        batch_size=TOGETHER,
    )
    state = OfferState.WITHDRAWN if ended else OfferState.OPEN
    Offer.objects.bulk_create(
        [Offer(referral=referral, hub=hub, state=state, opened_at=world.now) for referral in made],
        batch_size=TOGETHER,
    )
    return made if ended else [pattern, *made]


@transaction.atomic
def due(world: World, moments: list[datetime]) -> list[Referral]:
    """So many that wait, and whose first rung is due at these moments; a pager sees all of it at once."""
    made = waiting(world, len(moments))
    climbing(made, due=moments)
    return made


def climbing(
    referrals: list[Referral], *, due: list[datetime], rung: int = 0, hub: Site | None = None
) -> None:
    """An open escalation for each (at this hub), whose next rung is due at these moments."""
    standing = ladders.current(None, Reason.OFFER)
    put = Offer.objects.filter(referral__in=referrals, **({"hub": hub} if hub else {}))
    offers = {offer.referral_id: offer for offer in put.select_related("hub")}
    Escalation.objects.bulk_create(
        [
            Escalation(
                referral=referral,
                reason=Reason.OFFER,
                hub=offers[referral.pk].hub,
                offer=offers[referral.pk],
                ladder_version=standing.version,
                rungs=standing.rungs,
                opened_at=moment,
                next_at=moment,
                next_rung=rung,
            )
            for referral, moment in zip(referrals, due, strict=True)
        ],
        batch_size=TOGETHER,
    )


def settle(now: datetime) -> None:
    """Everything that waits is withdrawn, and nobody is paged for it any more."""
    Offer.objects.filter(state=OfferState.OPEN).update(state=OfferState.WITHDRAWN, closed_at=now)
    Referral.objects.filter(state=State.REFERRED).update(state=State.WITHDRAWN, ended_at=now)
    Page.objects.filter(escalation__closed_at=None, fate__in=["due", "sending"]).update(fate="cancelled")
    Escalation.objects.filter(closed_at=None).update(closed_at=now)
    waits.close_for_settled(now=now)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")  # each part begins with tables that PostgreSQL knows
