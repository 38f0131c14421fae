"""Somebody else's three small CSV files, faultless until a test changes them."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from network.models import Link, Network, Site

NETWORKS = "code,name\nnorth,The North\n"
SITES_HEADING = (
    "code,name,short_name,network,hub,thrombolyses,trust_code,trust_name,postcode,country,latitude,longitude"
)
HUB = 'HUB01,"Big Hospital, Town",Big,north,yes,yes,HUB,Big Trust,AA1 1AA,England,53.5,-2.9'
SPOKE = "SPK01,Small Hospital,Small,north,no,yes,SPK,Small Trust,AA2 2AA,England,53.4,-3.1"
LINKS = "origin,hub,minutes\nSPK01,HUB01,27\n"


class Files:
    """Somebody else's three files, and what the command says of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("networks", NETWORKS)
        self.write_sites(HUB, SPOKE)
        self.write("links", LINKS)

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.csv"

    def write(self, name: str, text: str | bytes) -> None:
        self.path(name).write_bytes(text if isinstance(text, bytes) else text.encode())

    def write_sites(self, *lines: str, heading: str = SITES_HEADING) -> None:
        self.write("sites", "\n".join([heading, *lines]) + "\n")

    def load(self) -> tuple[str, str]:
        out, err = StringIO(), StringIO()
        options = {name: self.path(name) for name in ("networks", "sites", "links")}
        call_command("load_network", stdout=out, stderr=err, **options)
        return out.getvalue(), err.getvalue()

    def faults(self) -> list[str]:
        with pytest.raises(CommandError) as refusal:
            self.load()
        assert refusal.value.returncode == 1
        heading, *faults = str(refusal.value).splitlines()
        assert heading.startswith("Nothing was loaded: ")
        return faults


def everything() -> list[object]:
    return [list(model.objects.order_by("pk").values()) for model in (Network, Site, Link)]
