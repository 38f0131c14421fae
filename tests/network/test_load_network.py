"""The real network loads, and again without change; so do the files of somebody else."""

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command

from network import people, sites
from network.management.commands.load_network import DATA
from network.models import Link, Network, Person, Role, Site
from tests.network.files import HUB, LINKS, NETWORKS, SITES_HEADING, SPOKE, Files, everything

pytestmark = pytest.mark.django_db

AT = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)


def load_shipped() -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("load_network", stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_shipped_files_load_without_fault_or_warning() -> None:
    out, err = load_shipped()
    assert err == ""
    assert "networks: 22 made, 0 changed, 0 unchanged, 0 removed" in out
    assert "sites: 149 made, 0 changed, 0 unchanged, 0 removed" in out
    assert "links: 3507 made, 0 changed, 0 unchanged, 0 removed" in out
    assert "nothing changed" not in out


def test_loading_the_shipped_files_again_changes_nothing() -> None:
    load_shipped()
    before = everything()
    out, _ = load_shipped()
    assert "nothing changed" in out
    assert "links: 0 made, 0 changed, 3507 unchanged, 0 removed" in out
    assert everything() == before


def test_the_shipped_network_has_the_hubs_of_three_countries() -> None:
    load_shipped()
    hubs = Site.objects.filter(is_hub=True)
    assert hubs.count() == 26
    assert hubs.filter(country="England").count() == 24
    assert hubs.filter(country="Wales").count() == 1
    assert hubs.filter(country="Northern Ireland").count() == 1
    assert Site.objects.filter(is_hub=False, thrombolyses=True).count() == 95
    assert Site.objects.filter(thrombolyses=False).count() == 28


def test_the_nearest_hub_of_arrowe_park_is_walton_at_27_minutes() -> None:
    load_shipped()
    nearest = sites.ranked_hubs(Site.objects.get(code="RBL14"))[0]
    assert (nearest.hub.code, nearest.hub.short_name, nearest.minutes) == ("RET20", "Walton", 27)


def test_hubs_are_ranked_by_the_drive_without_a_query_for_each() -> None:
    load_shipped()
    ranked = sites.ranked_hubs(Site.objects.get(code="RBL14"))
    minutes = [link.minutes for link in ranked]
    assert len(minutes) == 25
    assert minutes == sorted(minutes)
    assert all("hub" in link._state.fields_cache for link in ranked)


def test_every_spoke_has_a_hub_and_no_hub_leads_to_itself() -> None:
    load_shipped()
    assert not Site.objects.filter(is_hub=False, links_out=None).exists()
    assert not Link.objects.filter(hub__is_hub=False).exists()
    belfast = Site.objects.get(short_name="RVH Belfast")
    origins = Link.objects.filter(hub=belfast).values_list("origin__country", flat=True)
    assert list(origins) == ["Northern Ireland"] * 7


def test_the_shipped_short_names_are_unique_and_fit_a_text_message() -> None:
    with (DATA / "sites.csv").open(encoding="utf-8", newline="") as file:
        names = [row["short_name"] for row in csv.DictReader(file)]
    assert len({name.casefold() for name in names}) == 149
    assert max(len(name) for name in names) <= 18


def test_the_files_of_somebody_else_are_loaded(files: Files) -> None:
    out, err = files.load()
    assert (out.splitlines()[2], err) == ("links: 1 made, 0 changed, 0 unchanged, 0 removed", "")
    link = Link.objects.get()
    assert (link.origin.code, link.hub.code, link.minutes) == ("SPK01", "HUB01", 27)
    assert (link.hub.name, link.hub.is_hub, link.hub.network.code) == ("Big Hospital, Town", True, "north")
    assert "nothing changed" in files.load()[0]


def test_a_file_from_excel_with_a_mark_in_front_and_blank_lines_is_read(files: Files) -> None:
    files.write("networks", b"\xef\xbb\xbf" + NETWORKS.replace("\n", "\r\n\r\n").encode())
    files.write("links", "hub,minutes,origin,remark\n HUB01 , 30 ,SPK01,by the ring road\n,,,\n")
    files.load()
    assert Link.objects.get().minutes == 30


def test_a_changed_fact_is_changed_and_what_people_decided_is_kept(files: Files) -> None:
    files.load()
    Network.objects.update(offers_next_hub=True)
    Site.objects.update(phone="+441515253611")
    files.write("networks", "code,name\nnorth,The Far North\n")
    files.write_sites(HUB, SPOKE.replace("53.4", "53.41"))
    files.write("links", LINKS.replace("27", "31"))
    out, _ = files.load()
    assert out.splitlines() == [
        "networks: 0 made, 1 changed, 0 unchanged, 0 removed",
        "sites: 0 made, 1 changed, 1 unchanged, 0 removed",
        "links: 0 made, 1 changed, 0 unchanged, 0 removed",
    ]
    network, spoke = Network.objects.get(), Site.objects.get(code="SPK01")
    assert (network.name, network.offers_next_hub) == ("The Far North", True)
    assert (spoke.latitude, spoke.phone, Link.objects.get().minutes) == (53.41, "+441515253611", 31)


def test_a_column_of_telephone_numbers_is_loaded_and_checked(files: Files) -> None:
    files.write_sites(HUB + ",+441515253611", SPOKE + ",", heading=SITES_HEADING + ",phone")
    files.load()
    assert list(Site.objects.order_by("code").values_list("phone", flat=True)) == ["+441515253611", ""]
    files.write_sites(HUB + ",0151 525 3611", SPOKE + ",", heading=SITES_HEADING + ",phone")
    assert files.faults() == [
        "sites.csv line 2: phone is '0151 525 3611'; it must be like +441515253611, or empty"
    ]


def test_a_link_that_left_the_file_is_removed(files: Files) -> None:
    hub_2 = HUB.replace("HUB01", "HUB02").replace(",Big,", ",Second,")
    files.write_sites(HUB, hub_2, SPOKE)
    files.write("links", LINKS + "SPK01,HUB02,40\n")
    files.load()
    files.write("links", LINKS)
    assert "links: 0 made, 0 changed, 1 unchanged, 1 removed" in files.load()[0]
    assert [link.hub.code for link in Link.objects.all()] == ["HUB01"]


def test_a_site_that_left_the_file_goes_with_its_empty_network(files: Files) -> None:
    files.write("networks", NETWORKS + "south,The South\n")
    files.write_sites(HUB, SPOKE, SPOKE.replace("SPK01", "SPK02").replace("Small,north", "Tiny,south"))
    files.write("links", LINKS + "SPK02,HUB01,50\n")
    files.load()
    files.write("networks", NETWORKS)
    files.write_sites(HUB, SPOKE)
    files.write("links", LINKS)
    out, err = files.load()
    assert err == ""
    assert "sites: 0 made, 0 changed, 2 unchanged, 1 removed" in out
    assert "networks: 0 made, 0 changed, 1 unchanged, 1 removed" in out
    assert not Site.objects.filter(code="SPK02").exists()


def test_a_site_that_left_the_file_but_has_people_is_kept_and_named(files: Files) -> None:
    files.load()
    ada = Person.objects.create_user("ada", name="Ada")
    people.grant(ada, Role.SPOKE, site=Site.objects.get(code="SPK01"), at=AT)
    files.write("links", "origin,hub,minutes\nHUB02,HUB01,5\n")
    files.write_sites(HUB, HUB.replace("HUB01", "HUB02").replace(",Big,", ",Second,"))
    _, err = files.load()
    sentence = "Small Hospital (SPK01) is no longer in sites.csv; it was kept because it has 1 membership"
    assert sentence in err
    assert Site.objects.filter(code="SPK01").exists()
    assert not Link.objects.filter(origin__code="SPK01").exists()


def test_a_spoke_without_a_link_to_any_hub_is_loaded_with_a_warning(files: Files) -> None:
    files.write_sites(HUB, SPOKE, SPOKE.replace("SPK01", "SPK02").replace(",Small,", ",Tiny,"))
    _, err = files.load()
    assert err.strip() == "Warning: Small Hospital (SPK02) has no link to any hub."
