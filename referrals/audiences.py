"""Whose streams may see which referral now: the FEED_CASES of the feed, which knows no referrals itself.

Called by realtime's tail, for a screen that shows a referral (by code) and for those who look at one (by id).
"""

from collections.abc import Collection

from django.db.models import Q

from realtime import feed
from realtime.above import Case
from referrals.models import Party


def cases(*, codes: Collection[str], ids: Collection[int]) -> list[Case]:
    """The referrals with these codes or ids that have an open party, in one query."""
    wanted = Q(referral__code__in=list(codes)) | Q(referral__in=list(ids))
    rows = Party.objects.filter(wanted, until=None).order_by("referral", "pk")
    streams: dict[tuple[int, str], set[str]] = {}
    for referral, code, site, network in rows.values_list(
        "referral_id", "referral__code", "site__code", "site__network__code"
    ):
        streams.setdefault((referral, code), set()).update((feed.of_site(site), feed.of_network(network)))
    return [Case(referral, code, frozenset(keys)) for (referral, code), keys in streams.items()]
