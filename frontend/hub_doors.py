"""The door to every page about one hub: which hubs somebody may look at. Whoever may not finds nothing there.

Called by the views. What the right is, its owner says, and it is handed in; nothing here decides it.
"""

from collections.abc import Callable

from django.http import Http404

from network.models import Site
from network.permissions import Rights

May = Callable[[Rights, Site], bool]


def open_to(rights: Rights, may: May) -> list[Site]:
    """The hubs behind whose doors this person may look, network by network."""
    hubs = Site.objects.filter(is_hub=True).select_related("network").order_by("network__name", "short_name")
    return [hub for hub in hubs if may(rights, hub)]


def enter(code: str, rights: Rights, may: May) -> Site:
    """The hub with this code; Http404 where there is none, or none for this person."""
    hubs = Site.objects.filter(is_hub=True).select_related("network")
    hub = hubs.filter(code=code.upper()).first() if code.isalnum() else None
    if hub is None or not may(rights, hub):
        raise Http404
    return hub
