"""Two years of a busy network behind it: referrals that ended, each with its trail, its climb and its pages.

Written by SQL, as copies of one that a real verb made and that was paged for.
"""

from collections.abc import Mapping

from django.db import connection, models

from paging import rungs, waits
from paging.models import Escalation, Page
from referrals.models import Event, Offer, Party, Referral
from tests.bench.pager import filling
from tests.world import World

EVENTS, PAGES = 8, 3  # of each
# What a tick looks for, who was stood down and is not told, is among them: long ago.
ENDS = "(array['withdrawn', 'stood_down', 'died'])[1 + n %% 3]"
AGO = "now() - interval '30 days' - n * interval '10 minutes'"
ENDED = "now() - interval '29 days' - n * interval '10 minutes'"
NUMBERED = "(select id, row_number() over (order by id) as n from {table} where {which}) as new"


def past(world: World, count: int) -> None:
    """So many further referrals that ended a month ago and longer."""
    pattern = world.refers()
    offer = pattern.offers.get()
    event = pattern.events.get()
    waits.open_for_waiting(now=world.now)
    rungs.climb(now=world.now, channels=frozenset({"sms"}))
    climb = pattern.escalations.get()
    page = climb.pages.get()
    name, some = f"Past {count}", f"generate_series(1, {count}) as new(n)"
    copies = NUMBERED.format(table="referrals_referral", which=f"family_name = '{name}'")
    _copy(
        Referral,
        pattern.pk,
        some,
        code=f"'Z' || upper(lpad(to_hex({count} + n), 7, '0'))",
        nhs_number="''",
        family_name=f"'{name}'",
        state=ENDS,
        ended_at=ENDED,
        version=str(EVENTS),
    )
    of = {"referral_id": "new.id"}
    _copy(Offer, offer.pk, copies, **of, state="'withdrawn'", opened_at=AGO, closed_at=ENDED)
    for party in pattern.parties.all():
        _copy(Party, party.pk, copies, **of, since=AGO, until=ENDED)
    trail = f"{copies}, generate_series(1, {EVENTS}) as nth(i)"
    after = f"case i when {EVENTS} then {ENDS} else pattern.after end"
    _copy(Event, event.pk, trail, **of, number="i", verb="(array['amend', 'seen', 'ask'])[1 + i %% 3]",
          after=after, at=AGO, written_at=AGO, key="null")  # fmt: skip
    _copy(Escalation, climb.pk, f"{copies} join referrals_offer put on put.referral_id = new.id", **of,
          offer_id="put.id", opened_at=AGO, next_at="null", closed_at=ENDED)  # fmt: skip
    climbs = NUMBERED.format(table="paging_escalation", which=f"id > {climb.pk}")
    _copy(Page, page.pk, f"{climbs}, generate_series(1, {PAGES}) as nth(i)", escalation_id="new.id", rung="i",
          reply_code="'P' || (new.id * 4 + i)", fate="(array['delivered', 'cancelled', 'answered'])[i]",
          due_at=AGO, sent_at=AGO, settled_at=AGO, provider_id="'SM' || new.id || 'p' || i")  # fmt: skip
    filling.settle(world.now)


def _copy(model: type[models.Model], pattern: int, among: str, **instead: str) -> None:
    """A copy of this row for each of those, with these columns said anew."""
    names = [field.column for field in model._meta.concrete_fields if field.column and not field.primary_key]
    said: Mapping[str, str] = {**{name: f"pattern.{_quoted(name)}" for name in names}, **instead}
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {table} ({', '.join(map(_quoted, said))}) select {', '.join(said.values())} "
            f"from {table} as pattern, {among} where pattern.id = %s",
            [pattern],
        )


def _quoted(column: str) -> str:
    return connection.ops.quote_name(column)
