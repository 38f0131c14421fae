"""A faulty file is refused line by line, in plain English, and nothing of it is half-loaded."""

import pytest

from tests.network.files import HUB, LINKS, NETWORKS, SPOKE, Files, everything

pytestmark = pytest.mark.django_db

LINK_FAULTS = {
    "SPK99,HUB01,27": "site SPK99 is not in sites.csv",
    "SPK01,XYZ99,27": "hub XYZ99 is not in sites.csv",
    "HUB01,SPK01,27": "site SPK01 is not a hub",
    "HUB01,HUB01,27": "the link leads from HUB01 to itself",
    "HUB02,HUB01,-5": "minutes is '-5'; it must be a whole number from 1 to 600",
    "HUB02,HUB01,0": "minutes is '0'; it must be a whole number from 1 to 600",
    "HUB02,HUB01,27.5": "minutes is '27.5'; it must be a whole number from 1 to 600",
    "HUB02,HUB01,601": "minutes is '601'; it must be a whole number from 1 to 600",
    "HUB02,HUB01,": "minutes is ''; it must be a whole number from 1 to 600",
    "HUB02,HUB01,soon": "minutes is 'soon'; it must be a whole number from 1 to 600",
    "SPK01,HUB01,28": "link SPK01 to HUB01 is on line 2 already",
    "SPK01,HUB01": "the line has 2 cells, but the heading has 3",
    "SPK01,HUB01,27,28": "the line has 4 cells, but the heading has 3",
}


@pytest.mark.parametrize(("line", "reason"), LINK_FAULTS.items())
def test_a_faulty_link_is_refused_with_its_line_and_reason(files: Files, line: str, reason: str) -> None:
    files.write_sites(HUB, SPOKE, HUB.replace("HUB01", "HUB02").replace(",Big,", ",Second,"))
    files.load()
    before = everything()
    files.write("networks", "code,name\nnorth,Another Name\n")
    files.write("links", LINKS + line + "\n")
    assert files.faults() == [f"links.csv line 3: {reason}"]
    assert everything() == before


EXTRA = "EXT01,Extra Hospital,Extra,north,no,yes,EXT,Extra Trust,AA3 3AA,England,53.4,-3.1"
NORTH = "it must be a number from 49 to 61 (degrees north, in the British Isles)"
EAST = "it must be a number from -9 to 3 (degrees east, in the British Isles)"
SHORT = "it must be 1 to 18 plain letters that any phone can show"
SLUG = "it must be small letters and digits with single hyphens between"
CODE = "it must be 3 to 12 capital letters and digits"
SITE_FAULTS = [
    ("EXT01,", "SPK01,", "site code SPK01 is on line 3 already"),
    ("EXT01,", "E,", f"code is 'E'; {CODE}"),
    ("EXT01,", "ext01,", f"code is 'ext01'; {CODE}"),
    ("EXT01,", ",", f"code is ''; {CODE}"),
    ("Extra Hospital", "", "name is ''; it must not be empty"),
    ("Extra Hospital", "E" * 121, f"name is '{'E' * 121}'; it must not be longer than 120 letters"),
    ("Extra Hospital", "E\x07", "name is 'E\\x07'; it must not hold a letter that cannot be printed"),
    (",Extra,", ",,", f"short_name is ''; {SHORT}"),
    (",Extra,", ",Much too long a name,", f"short_name is 'Much too long a name'; {SHORT}"),
    (",Extra,", ",Ysbyty Tŵr,", f"short_name is 'Ysbyty Tŵr'; {SHORT}"),
    (",Extra,", ",SMALL,", "short name SMALL is on line 3 already"),
    (",north,", ",south,", "network south is not in networks.csv"),
    (",no,yes,", ",nope,yes,", "hub is 'nope'; it must be yes or no"),
    (",no,yes,", ",no,1,", "thrombolyses is '1'; it must be yes or no"),
    (",EXT,", ",E-T,", "trust_code is 'E-T'; it must be 3 to 8 capital letters and digits, or empty"),
    ("AA3 3AA", "AA3 3AA 12", "postcode is 'AA3 3AA 12'; it must not be longer than 8 letters"),
    (",England,", ",,", "country is ''; it must not be empty"),
    (",53.4,", ",48.9,", f"latitude is '48.9'; {NORTH}"),
    (",53.4,", ",nan,", f"latitude is 'nan'; {NORTH}"),
    (",-3.1", ",3.1", f"longitude is '3.1'; {EAST}"),
    (",-3.1", ",west", f"longitude is 'west'; {EAST}"),
]


@pytest.mark.parametrize(("right", "wrong", "reason"), SITE_FAULTS)
def test_a_faulty_site_is_refused_with_its_line_and_reason(
    files: Files, right: str, wrong: str, reason: str
) -> None:
    assert EXTRA.count(right) == 1
    files.write_sites(HUB, SPOKE, EXTRA.replace(right, wrong))
    assert files.faults() == [f"sites.csv line 4: {reason}"]
    assert everything() == [[], [], []]


def test_a_faulty_network_is_refused_with_its_line_and_reason(files: Files) -> None:
    files.write("networks", NETWORKS + "north,Again\nThe East,East\nwest,\n")
    assert files.faults() == [
        "networks.csv line 3: network code north is on line 2 already",
        f"networks.csv line 4: code is 'The East'; {SLUG}",
        "networks.csv line 5: name is ''; it must not be empty",
    ]


def test_all_faults_of_all_files_are_told_at_once_and_nothing_is_loaded(files: Files) -> None:
    files.write_sites(HUB, SPOKE.replace("53.4", "5.34").replace("north", "south"))
    files.write("links", LINKS.replace("27", "-27") + "SPK01,XYZ99,30\n")
    assert files.faults() == [
        f"sites.csv line 3: latitude is '5.34'; {NORTH}",
        "sites.csv line 3: network south is not in networks.csv",
        "links.csv line 2: minutes is '-27'; it must be a whole number from 1 to 600",
        "links.csv line 3: hub XYZ99 is not in sites.csv",
    ]
    assert everything() == [[], [], []]


def test_a_line_that_cannot_be_read_does_not_make_its_code_unknown(files: Files) -> None:
    files.write("networks", "code,name\nnorth,The North,far\n")
    files.write_sites(HUB, SPOKE + ",more")
    assert files.faults() == [
        "networks.csv line 2: the line has 3 cells, but the heading has 2",
        "sites.csv line 3: the line has 13 cells, but the heading has 12",
    ]
