"""The only writer of networks, sites and links, and the place that ranks hubs by the road.

Called by the command load_network, and by whoever needs the hubs around a site. The files hold facts: what a
network decides for itself (offers_next_hub) and who is a member of what are never touched by a load.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import models, transaction

from network.models import Link, Network, Site
from network.sheets import Fault, Row, Sheet

NETWORK_COLUMNS = ("code", "name")
SITE_COLUMNS = (
    *("code", "name", "short_name", "network", "hub", "thrombolyses", "trust_code", "trust_name"),
    *("postcode", "country", "latitude", "longitude"),
)
LINK_COLUMNS = ("origin", "hub", "minutes")
LONGEST_SHORT_NAME = 18
LONGEST_DRIVE = 600  # minutes


@dataclass(frozen=True)
class Facts:
    """The three files that together describe the network."""

    networks: Sheet
    sites: Sheet
    links: Sheet

    @property
    def sheets(self) -> tuple[Sheet, Sheet, Sheet]:
        return (self.networks, self.sites, self.links)


@dataclass
class Count:
    """What a load did to one kind of thing."""

    made: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0


@dataclass
class Outcome:
    """What a load did, and what somebody should look at."""

    networks: Count = field(default_factory=Count)
    sites: Count = field(default_factory=Count)
    links: Count = field(default_factory=Count)
    warnings: list[str] = field(default_factory=list)

    @property
    def nothing_changed(self) -> bool:
        return not any(c.made or c.changed or c.removed for c in (self.networks, self.sites, self.links))


class FaultyFilesError(ValueError):
    """The files have faults; nothing was loaded."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


type Check = Callable[[str], str | None]


def _must_match(pattern: str, must: str) -> Check:
    shape = re.compile(pattern)
    return lambda cell: None if shape.fullmatch(cell) else must


def _must_lie_between(low: float, high: float, where: str) -> Check:
    number = re.compile(r"-?[0-9]{1,3}(\.[0-9]+)?")
    must = f"must be a number from {low} to {high} ({where})"
    return lambda cell: None if number.fullmatch(cell) and low <= float(cell) <= high else must


def _minutes(cell: str) -> str | None:
    if re.fullmatch(r"[0-9]{1,4}", cell) and 1 <= int(cell) <= LONGEST_DRIVE:
        return None
    return f"must be a whole number from 1 to {LONGEST_DRIVE}"


_something: Check = _must_match(r".+", "must not be empty")
_site_code: Check = _must_match(r"[A-Z0-9]{3,12}", "must be 3 to 12 capital letters and digits")
_yes_or_no: Check = _must_match(r"yes|no", "must be yes or no")

# A short name goes into text messages, where one letter outside GSM-7 halves the room.
NETWORK_CHECKS: dict[str, Check] = {
    "code": _must_match(
        r"[a-z0-9]+(-[a-z0-9]+)*", "must be small letters and digits with single hyphens between"
    ),
    "name": _something,
}
SITE_CHECKS: dict[str, Check] = {
    "code": _site_code,
    "name": _something,
    "short_name": _must_match(
        rf"[A-Za-z0-9 .,'&()/-]{{1,{LONGEST_SHORT_NAME}}}",
        f"must be 1 to {LONGEST_SHORT_NAME} plain letters that any phone can show",
    ),
    "hub": _yes_or_no,
    "thrombolyses": _yes_or_no,
    "trust_code": _must_match(r"([A-Z0-9]{3,8})?", "must be 3 to 8 capital letters and digits, or empty"),
    "country": _something,
    "latitude": _must_lie_between(49, 61, "degrees north, in the British Isles"),
    "longitude": _must_lie_between(-9, 3, "degrees east, in the British Isles"),
    "phone": _must_match(r"(\+[1-9][0-9]{7,14})?", "must be like +441515253611, or empty"),
}
LINK_CHECKS: dict[str, Check] = {"minutes": _minutes}


def validate(facts: Facts) -> list[Fault]:
    """Everything that is wrong with the files, in the order of their lines; empty if they may be loaded."""
    networks, sites, links = facts.sheets
    faults = [fault for sheet in facts.sheets for fault in sheet.faults]
    faults += _bad_cells(networks, NETWORK_CHECKS, Network) + _bad_cells(sites, SITE_CHECKS, Site)
    faults += _bad_cells(links, LINK_CHECKS, Link)
    faults += _repeated(networks, "network code", lambda cells: cells["code"])
    faults += _repeated(sites, "site code", lambda cells: cells["code"])
    faults += _repeated(sites, "short name", lambda cells: cells["short_name"].casefold(), "short_name")
    faults += _repeated(links, "link", lambda cells: f"{cells['origin']} to {cells['hub']}")
    # Where a line could not be read, nobody can say which codes are unknown.
    if not networks.faults:
        faults += _unknown_networks(sites, networks)
    if not sites.faults:
        faults += _unknown_sites(links, sites)
    return sorted(faults, key=lambda fault: ([s.file for s in facts.sheets].index(fault.file), fault.line))


def _bad_cells(sheet: Sheet, checks: dict[str, Check], model: type[models.Model]) -> list[Fault]:
    longest = {f.name: f.max_length for f in model._meta.get_fields() if isinstance(f, models.CharField)}
    faults = []
    for row in sheet.rows:
        for column, cell in row.cells.items():
            check, most = checks.get(column), longest.get(column)
            must = check(cell) if check else None
            if must is None and most is not None and len(cell) > most:
                must = f"must not be longer than {most} letters"
            if must is None and cell and not cell.isprintable():
                must = "must not hold a letter that cannot be printed"
            if must is not None:
                faults.append(Fault(sheet.file, row.line, f"{column} is {cell!r}; it {must}"))
    return faults


def _repeated(sheet: Sheet, what: str, key: Callable[[dict[str, str]], str], shown: str = "") -> list[Fault]:
    first: dict[str, int] = {}
    faults = []
    for row in sheet.rows:
        line = first.setdefault(key(row.cells), row.line)
        if line != row.line:
            name = row.cells[shown] if shown else key(row.cells)
            faults.append(Fault(sheet.file, row.line, f"{what} {name} is on line {line} already"))
    return faults


def _unknown_networks(sites: Sheet, networks: Sheet) -> list[Fault]:
    known = {row.cells["code"] for row in networks.rows}
    return [
        Fault(sites.file, row.line, f"network {row.cells['network']} is not in {networks.file}")
        for row in sites.rows
        if row.cells["network"] not in known
    ]


def _unknown_sites(links: Sheet, sites: Sheet) -> list[Fault]:
    is_hub = {row.cells["code"]: row.cells["hub"] != "no" for row in sites.rows}
    faults = []
    for row in links.rows:
        origin, hub = row.cells["origin"], row.cells["hub"]
        if origin not in is_hub:
            faults.append(Fault(links.file, row.line, f"site {origin} is not in {sites.file}"))
        if hub not in is_hub:
            faults.append(Fault(links.file, row.line, f"hub {hub} is not in {sites.file}"))
        elif not is_hub[hub]:
            faults.append(Fault(links.file, row.line, f"site {hub} is not a hub"))
        elif origin == hub:
            faults.append(Fault(links.file, row.line, f"the link leads from {origin} to itself"))
    return faults


@transaction.atomic
def load(facts: Facts) -> Outcome:
    """Make the networks, sites and links those of the files, all or nothing; raises FaultyFilesError."""
    if faults := validate(facts):
        raise FaultyFilesError(faults)
    outcome = Outcome(warnings=_without_hub(facts), networks=_write_networks(facts.networks.rows))
    outcome.sites = _write_sites(facts.sites)
    outcome.links = _write_links(facts.links.rows)
    _remove_vanished(Site, facts.sites, outcome.sites, outcome.warnings)
    _remove_vanished(Network, facts.networks, outcome.networks, outcome.warnings)
    return outcome


def _without_hub(facts: Facts) -> list[str]:
    linked = {row.cells["origin"] for row in facts.links.rows}
    return [
        f"{row.cells['name']} ({row.cells['code']}) has no link to any hub."
        for row in facts.sites.rows
        if row.cells["hub"] == "no" and row.cells["code"] not in linked
    ]


def _write_networks(rows: Sequence[Row]) -> Count:
    wanted = {row.cells["code"]: Network(code=row.cells["code"], name=row.cells["name"]) for row in rows}
    present = {network.code: network for network in Network.objects.all()}
    return _write(Network, wanted, present, key=("code",), facts=("name",))


def _write_sites(sheet: Sheet) -> Count:
    network_ids = dict(Network.objects.values_list("code", "id"))
    as_written = tuple(column for column in ("phone",) if column in sheet.columns)
    texts = ("name", "short_name", "trust_code", "trust_name", "postcode", "country", *as_written)
    wanted = {}
    for cells in (row.cells for row in sheet.rows):
        site = Site(code=cells["code"], network_id=network_ids[cells["network"]])
        site.is_hub, site.thrombolyses = cells["hub"] == "yes", cells["thrombolyses"] == "yes"
        site.latitude, site.longitude = float(cells["latitude"]), float(cells["longitude"])
        for column in texts:
            setattr(site, column, cells[column])
        wanted[site.code] = site
    present = {site.code: site for site in Site.objects.all()}
    facts = (*texts, "network_id", "is_hub", "thrombolyses", "latitude", "longitude")
    return _write(Site, wanted, present, key=("code",), facts=facts)


def _write_links(rows: Sequence[Row]) -> Count:
    ids = dict(Site.objects.values_list("code", "id"))
    wanted = {}
    for cells in (row.cells for row in rows):
        link = Link(origin_id=ids[cells["origin"]], hub_id=ids[cells["hub"]], minutes=int(cells["minutes"]))
        wanted[link.origin_id, link.hub_id] = link
    present = {(link.origin_id, link.hub_id): link for link in Link.objects.all()}
    count = _write(Link, wanted, present, key=("origin_id", "hub_id"), facts=("minutes",))
    gone = [link.pk for ends, link in present.items() if ends not in wanted]
    count.removed = Link.objects.filter(pk__in=gone).delete()[0]
    return count


def _write[K, M: models.Model](
    model: type[M], wanted: dict[K, M], present: dict[K, M], *, key: tuple[str, ...], facts: tuple[str, ...]
) -> Count:
    made = [new for k, new in wanted.items() if k not in present]
    changed = [
        new
        for k, new in wanted.items()
        if k in present and any(getattr(new, fact) != getattr(present[k], fact) for fact in facts)
    ]
    field_names = [model._meta.get_field(fact).name for fact in facts]
    key_names = [model._meta.get_field(part).name for part in key]
    # One statement for both, so that two loads at once end as one would.
    model._default_manager.bulk_create(
        made + changed,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=key_names,
        update_fields=field_names,
    )
    return Count(len(made), len(changed), len(wanted) - len(made) - len(changed))


def _remove_vanished(
    model: type[Site] | type[Network], sheet: Sheet, count: Count, warnings: list[str]
) -> None:
    written = [row.cells["code"] for row in sheet.rows]
    for vanished in model._default_manager.exclude(code__in=written).order_by("code"):
        if holders := _holders(vanished):
            word = f"{vanished.name} ({vanished.code})"
            warnings.append(f"{word} is no longer in {sheet.file}; it was kept because it has {holders}.")
        else:
            vanished.delete()
            count.removed += 1


def _holders(thing: Site | Network) -> str:
    """What still refers to a site or a network: '2 memberships and 1 referral'; empty if nothing does."""
    found: Counter[str] = Counter()
    for relation in thing._meta.related_objects:
        number = relation.related_model._base_manager.filter(**{relation.field.name: thing}).count()
        found[str(relation.related_model._meta.verbose_name_plural)] += number
    return " and ".join(f"{number} {plural}" for plural, number in sorted(found.items()) if number)


def ranked_hubs(origin: Site) -> list[Link]:
    """The links from a site to the hubs, the shortest drive first; the nearest is only a default."""
    return list(Link.objects.filter(origin=origin).select_related("hub").order_by("minutes", "hub__code"))


def set_phone(site: Site, number: str) -> None:
    """The number to ring at this hospital, E.164; a load of files without numbers leaves it as it is."""
    Site.objects.filter(pk=site.pk).update(phone=number)
