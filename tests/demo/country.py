"""Loads a few real networks: enough for the demonstration to live, and quick enough for a test."""

from network import sheets, sites
from network.management.commands.load_network import DATA
from network.sheets import Sheet

NETWORKS = {
    "cheshire-and-merseyside",
    "greater-manchester",
    "lancashire-and-south-cumbria",
    "west-yorkshire-and-harrogate",
}


def load() -> None:
    """The networks, hospitals and roads of NETWORKS."""
    networks = sheets.read(DATA / "networks.csv", sites.NETWORK_COLUMNS)
    hospitals = sheets.read(DATA / "sites.csv", sites.SITE_COLUMNS)
    roads = sheets.read(DATA / "links.csv", sites.LINK_COLUMNS)
    _keep(networks, "code", NETWORKS)
    _keep(hospitals, "network", NETWORKS)
    codes = {row.cells["code"] for row in hospitals.rows}
    _keep(roads, "origin", codes)
    _keep(roads, "hub", codes)
    sites.load(sites.Facts(networks, hospitals, roads))


def _keep(sheet: Sheet, column: str, wanted: set[str]) -> None:
    sheet.rows = [row for row in sheet.rows if row.cells[column] in wanted]
