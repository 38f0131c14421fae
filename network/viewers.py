"""The only writer of the hosts that a network lists as PACS or AI viewers of its own, and what an address points to.

Called by the viewers' screen, and by whoever shows an address: only one of a listed host is shown as a link. Nothing
here, or anywhere in Dido, ever opens such an address.
"""

import re
from collections.abc import Collection
from datetime import datetime

from network.models import Network, Person, Role
from network.permissions import Rights
from network.viewer_rows import ListedViewer

LONGEST_HOST, LONGEST_NAME = 120, 60
HOST = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
PORT = r"[1-9][0-9]{0,4}"
USUAL = "443"
LISTED = re.compile(rf"({HOST})(?::({PORT}))?")
# No name or password before the host, no backslash, no blank, and no letter that is not ASCII: nothing that a browser
# could read otherwise than we do.
REST = r"[/?#][!#-;=?-Z\[\]^_a-z{|}~]*"
ADDRESS = re.compile(rf"https://({HOST})(?::({PORT}))?(?:{REST})?", re.IGNORECASE | re.ASCII)


class ViewersRefused(Exception):
    """Nothing was changed; `fields` has a sentence for each thing that is wrong."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


def may_change(rights: Rights, network: Network) -> bool:
    """The network's coordinators and leads say which viewers are its own; nobody else sees the list."""
    held = rights.in_network.get(network.pk, frozenset())
    return bool(held & {Role.COORDINATOR.value, Role.LEAD.value})


def put(network: Network, *, host: str, name: str, by: Person, at: datetime) -> ListedViewer:
    """From here on an address of this host, given from this network, is shown as a link with this name."""
    said, called = host.strip().lower(), " ".join(name.split())
    faults = {}
    if len(said) > LONGEST_HOST or not LISTED.fullmatch(said):
        faults["host"] = (
            "Write the host alone, like pacs.example.nhs.uk: what stands between https:// and the next /."
        )
    if not called or len(called) > LONGEST_NAME or not called.isprintable():
        faults["name"] = f"Say what people call it, in at most {LONGEST_NAME} characters."
    if faults:
        raise ViewersRefused(faults)
    said = said.removesuffix(f":{USUAL}")
    return _say(network, host=said, name=called, listed=True, by=by, at=at)


def take_off(network: Network, number: int, *, by: Person, at: datetime) -> ListedViewer:
    """From here on its addresses are text to copy, in old messages too."""
    found = next((one for one in listed(network) if one.pk == number), None)
    if found is None:
        raise ViewersRefused({"host": "This viewer is not on the list any more. Nothing was changed."})
    return _say(network, host=found.host, name=found.name, listed=False, by=by, at=at)


def _say(network: Network, *, host: str, name: str, listed: bool, by: Person, at: datetime) -> ListedViewer:
    return ListedViewer.objects.create(
        network=network, host=host, name=name, listed=listed, by=by, written_at=at
    )


def listed(network: Network) -> list[ListedViewer]:
    """The viewers of a network as they stand, by name."""
    return sorted(_standing([network.pk]), key=lambda one: (one.name.lower(), one.host))


def names(networks: Collection[int]) -> dict[tuple[int, str], str]:
    """What people call the viewers of these networks (by id), by network and host; one query."""
    return {(one.network_id, one.host): one.name for one in _standing(networks)}


def _standing(networks: Collection[int]) -> list[ListedViewer]:
    rows = ListedViewer.objects.filter(network__in=list(networks)).order_by("network", "host", "-pk")
    return [one for one in rows.distinct("network", "host").select_related("by") if one.listed]


def host_of(address: str) -> str:
    """The host of an https address, as it is listed; empty for whatever is no such address."""
    found = ADDRESS.fullmatch(address)
    if found is None:
        return ""
    host, port = found[1].lower(), found[2] or USUAL
    return host if port == USUAL else f"{host}:{port}"
