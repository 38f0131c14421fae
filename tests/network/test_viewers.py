"""Which hosts are a network's own viewers, and which addresses lead to one; nothing is asked of anybody."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from network import permissions, viewers
from network.viewers import ViewersRefused
from tests.world import World


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://pacs.example.nhs.uk", "pacs.example.nhs.uk"),
        ("HTTPS://PACS.Example.nhs.uk/view?study=1.2.3&acc=A-1#/one", "pacs.example.nhs.uk"),
        ("https://pacs.example.nhs.uk:443/", "pacs.example.nhs.uk"),
        ("https://pacs.example.nhs.uk:8443/x", "pacs.example.nhs.uk:8443"),
        ("https://pacs.example.nhs.uk/a@b", "pacs.example.nhs.uk"),
        ("http://pacs.example.nhs.uk/", ""),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//pacs.example.nhs.uk/", ""),
        ("https:pacs.example.nhs.uk", ""),
        ("https:///pacs.example.nhs.uk/", ""),
        ("https://pacs.example.nhs.uk@evil.example/", ""),
        ("https://u:p@pacs.example.nhs.uk/", ""),
        ("https://evil.example\\@pacs.example.nhs.uk/", ""),
        ("https://pacs.example.nhs.uk\\.evil.example/", ""),
        ("https://pacs.example.nhs.uk\t.evil.example/", ""),
        ("https://pacs.example.nhs.uk/a b", ""),
        ("https://pacs.example.nhs.uk/\u202eexe", ""),
        ("https://pacs\uff0eexample.nhs.uk/", ""),
        ("https://pac\u017f.example.nhs.uk/", ""),
        ("https://pacs%2eexample.nhs.uk/", ""),
        ("https://pacs.example.nhs.uk:0/", ""),
        ("https://pacs.example.nhs.uk:/", ""),
        ("https://pacs.example.nhs.uk./", ""),
        ('https://pacs.example.nhs.uk/"onload=', ""),
        (" https://pacs.example.nhs.uk/", ""),
        ("", ""),
    ],
)
def test_an_address_has_the_host_that_a_browser_would_open_or_none(address: str, host: str) -> None:
    assert viewers.host_of(address) == host


def test_a_viewer_is_listed_renamed_and_taken_off_and_every_word_stays(world: World) -> None:
    network = world.sites["RBL14"].network
    said: dict[str, Any] = {"by": world.people["nia"], "at": world.now}
    viewers.put(network, host=" PACS.example.nhs.uk:443 ", name="PACS", **said)
    viewers.put(network, host="pacs.example.nhs.uk", name="Arrowe  Park PACS", **said)
    viewers.put(network, host="ai.example.nhs.uk:8443", name="RAPID", **said)
    assert viewers.names([network.pk]) == {
        (network.pk, "pacs.example.nhs.uk"): "Arrowe Park PACS",
        (network.pk, "ai.example.nhs.uk:8443"): "RAPID",
    }
    first = viewers.listed(network)[0]
    viewers.take_off(network, first.pk, **said)
    assert [one.name for one in viewers.listed(network)] == ["RAPID"]
    with pytest.raises(ViewersRefused, match="not on the list any more"):
        viewers.take_off(network, first.pk, **said)
    for statement in ("update network_listedviewer set listed = true", "delete from network_listedviewer"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(statement)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "pacs",
        "https://pacs.example.nhs.uk",
        "pacs.example.nhs.uk/",
        "*.nhs.uk",
        "a@b.uk",
        "-a.uk",
        "a.uk:0",
    ],
)
def test_only_a_whole_host_is_listed(world: World, host: str) -> None:
    with pytest.raises(ViewersRefused, match="Write the host alone"):
        viewers.put(
            world.sites["RBL14"].network, host=host, name="PACS", by=world.people["nia"], at=world.now
        )


def test_only_the_networks_coordinators_and_leads_list(world: World) -> None:
    network = world.sites["RBL14"].network
    may = {
        who
        for who, person in world.people.items()
        if viewers.may_change(permissions.rights(person, at=world.now), network)
    }
    assert may == {"nia", "lea"}
