"""Ten stacks of 30 MB sent at once to one real web process: the most memory that it ever held, against one alone."""

import json
import tempfile
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from django.utils import timezone

from config.machine.trouble import say
from network import people
from network.models import Person
from tests.bench import population, serving
from tests.bench.figures import Claim, Section
from tests.bench.house import House
from tests.bench.parts import Effort
from tests.referrals.papers import files

FRAMES, SIDE = 200, 276  # 30 MB of numbers
AT_ONCE = 10
SENDERS = ("ada", "ben")  # five uploads of one person are open at once
COLUMNS = ["at once", "most memory, MB", "seconds until all are messages"]
METHOD = (
    f"A series of {FRAMES} DICOM files, 30 MB together, sent by the API in parts of 1 MiB over HTTP to a fresh web "
    f"process, looked at, stripped and kept as a message; once alone, and {AT_ONCE} at once by {len(SENDERS)} people. "
    "Memory is the most that the process ever held (VmHWM)."
)


def measure(house: House, effort: Effort) -> Section:
    """A fresh process for each."""
    sent = [files.slice_of(n, side=SIDE) for n in range(FRAMES // (10 if effort.quick else 1))]
    tokens = [people.issue_token(Person.objects.get(username=name), at=timezone.now()) for name in SENDERS]
    section = Section("Ten uploads at once", METHOD, COLUMNS)
    peaks = []
    for many in (1, AT_ONCE):
        peak, seconds = _held(house, sent, tokens, many)
        section.rows.append([str(many), peak, seconds])
        peaks.append(peak)
        say(f"    {many} at once done")
    grown = peaks[1] - peaks[0]
    section.claims = [Claim("memory of ten uploads at once above that of one", "MB", grown, 100)]
    return section


def _held(house: House, sent: list[bytes], tokens: list[str], many: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**house.environment, "PAPERS_ROOT": folder}
        with serving.dido(environment, stream=population.STREAM) as served:
            api = f"http://127.0.0.1:{served.port}/api/v1/referrals/{house.population.codes[0]}/papers"
            begun = time.monotonic()
            with ThreadPoolExecutor(many) as hands:
                list(hands.map(lambda n: _sends(api, tokens[n % len(tokens)], sent), range(many)))
            return _most(served.pid), time.monotonic() - begun


def _sends(api: str, token: str, sent: list[bytes]) -> None:
    announced = _asks(api, token, json.dumps({"sizes": [len(one) for one in sent]}).encode())
    place, whole = f"{api}/{announced['upload']}", b"".join(sent)
    for at in range(0, len(whole), announced["part"]):
        _asks(f"{place}/part?at={at}", token, whole[at : at + announced["part"]])
    while not _asks(f"{place}/finish", token, b"{}"):
        time.sleep(0.5)  # it looks at others


def _asks(address: str, token: str, body: bytes) -> Any:
    """What is answered; nothing where it is to be asked again."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=120) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        if refused.code == 503:
            return None
        raise RuntimeError(refused.read().decode()) from refused


def _most(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (most,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(most) / 1024
