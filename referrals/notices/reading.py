"""The notices that somebody may read: those that concern them, those that hold now, and those of a hub.

Called by the board, the ranking's page, the hours' page and the notices' page. It writes nothing.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from network.models import Network, Site
from network.permissions import Rights
from referrals.notices import audience
from referrals.notices.rows import Notice, NoticeKind, NoticeMark, NoticeMarking

PAST = timedelta(days=28)  # how long what is over stays on the page
MOST = 100  # notices on a page


def standing(rights: Rights, *, at: datetime) -> QuerySet[Notice]:
    """Those that concern this person and hold, or will, or were taken back lately, each with `is_seen`; one query."""
    seen = NoticeMark.objects.filter(notice=OuterRef("pk"), person=rights.person, kind=NoticeMarking.SEEN)
    rows = _holding(audience.of_person(rights), at=at)
    return _whole(rows.annotate(is_seen=Exists(seen) | Q(by=rights.person))).order_by("-at", "-pk")


def of_page(rights: Rights, *, at: datetime) -> list[Notice]:
    """Everything that was said to this person in the last weeks, what takes back beside what it takes back."""
    rows = audience.of_person(rights).exclude(kind=NoticeKind.TAKEN_BACK)
    lately = Q(until=None, taken_back=None) | Q(until__gt=at - PAST) | Q(at__gt=at - PAST)
    return list(_whole(rows.filter(lately)).order_by("-at", "-pk")[:MOST])


def of_hubs(hubs: Collection[int], network: Network, *, at: datetime) -> dict[int, list[Notice]]:
    """What holds now of each of these hubs for the referrals of its own network, the newest first; one query."""
    rows = _holding(Notice.objects.filter(hub__in=hubs, network=network, since__lte=at), at=at)
    found: dict[int, list[Notice]] = {}
    for one in rows.exclude(kind=NoticeKind.TAKEN_BACK).order_by("-at", "-pk"):
        if one.hub_id is not None:
            found.setdefault(one.hub_id, []).append(one)
    return found


def of_hub(rights: Rights, hub: Site, *, at: datetime) -> list[Notice]:
    """What holds of one hub, or will, and concerns this person, the newest first; one query."""
    rows = _holding(audience.of_person(rights).filter(hub=hub), at=at).exclude(kind=NoticeKind.TAKEN_BACK)
    return list(_whole(rows).order_by("-at", "-pk"))


def hubs_to_speak_for(rights: Rights) -> list[Site]:
    """The hubs of which this person may say a notice, by name."""
    own = Q(pk__in=rights.sites) | Q(network__in=rights.networks)
    hubs = Site.objects.filter(own, is_hub=True).select_related("network").order_by("short_name")
    return [hub for hub in hubs if audience.may_say(rights, hub.network, hub)]


def _holding(rows: QuerySet[Notice], *, at: datetime) -> QuerySet[Notice]:
    return rows.filter(Q(until=None) | Q(until__gt=at), taken_back=None)


def _whole(rows: QuerySet[Notice]) -> QuerySet[Notice]:
    return rows.select_related("by", "hub", "network", "takes_back", "taken_back__by")
