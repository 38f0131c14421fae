"""Tables as full as the benchmark asks: referrals that wait, by copying one that a real verb made."""

from datetime import datetime

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


def waiting(world: World, count: int) -> list[Referral]:
    """So many further referrals that wait for Walton."""
    pattern = world.refers()
    fields = [
        f.attname for f in Referral._meta.concrete_fields if f.attname not in {"id", "code", "nhs_number"}
    ]
    values = {name: getattr(pattern, name) for name in fields} | {"version": 0}  # a trail of their own begins
    made = [Referral(code=codes.new(8), nhs_number="", **values) for _ in range(count - 1)]
    Referral.objects.bulk_create(made, batch_size=TOGETHER)
    hub, spoke = world.sites["RET20"], pattern.spoke
    Party.objects.bulk_create(
        [
            Party(
                referral=referral,
                site=site,
                is_hub=site == hub,
                since=world.now,
            )
            for referral in made
            for site in (spoke, hub)
        ],
        batch_size=TOGETHER,
    )
    Offer.objects.bulk_create(
        [Offer(referral=referral, hub=hub, opened_at=world.now) for referral in made],
        batch_size=TOGETHER,
    )
    return [pattern, *made]


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
    """Nothing waits, and PostgreSQL knows its tables: so each part begins."""
    end(now)
    analyse()


def end(now: datetime) -> None:
    """Everything that waits is withdrawn, nobody is paged for it any more, and no provider is to be asked."""
    Offer.objects.filter(state=OfferState.OPEN).update(state=OfferState.WITHDRAWN, closed_at=now)
    Referral.objects.filter(state=State.REFERRED).update(state=State.WITHDRAWN, ended_at=now)
    Page.objects.filter(escalation__closed_at=None, fate__in=["due", "sending"]).update(fate="cancelled")
    Page.objects.filter(fate="sent").update(fate="delivered", settled_at=now)
    Escalation.objects.filter(closed_at=None).update(closed_at=now)
    waits.close_for_settled(now=now)


def analyse() -> None:
    """PostgreSQL knows what is in its tables now."""
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
