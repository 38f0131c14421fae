"""A CT angiogram of 200 images: looked at, stripped and kept; its first image, each further one, and the memory."""

import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from config.machine.trouble import say
from referrals.papers import drawing, images
from tests.bench.figures import Claim, Round, Section, at, median
from tests.bench.house import House
from tests.bench.parts import Effort
from tests.referrals.papers import files

FRAMES, SIDE = 200, 276  # 30 MB of numbers
AT_ONCE = 10
COLUMNS = ["what", "median"]
METHOD = (
    f"{FRAMES} DICOM files of {SIDE} × {SIDE} points, 30 MB together, as they lie after the last part of an upload. "
    "Looked at, stripped and written as one stack; the first image drawn; then every image in three windows, each "
    "read from the disk at its place. Memory is the most that a process of its own took while "
    f"{AT_ONCE} such stacks came in at once, less what it took for one."
)


def measure(_house: House | None, effort: Effort) -> Section:
    """Without the network: what the server does between the last byte and the first image."""
    rounds: list[Round] = []
    with tempfile.TemporaryDirectory() as folder:
        paths = _series(Path(folder), FRAMES // (10 if effort.quick else 1))
        for number in range(effort.rounds):
            rounds.append(_round(paths, Path(folder) / "kept"))
            say(f"    round {number + 1} done")
        grown = _memory(Path(folder), AT_ONCE) - _memory(Path(folder), 1)
    section = Section("A stack of 200 images", METHOD, COLUMNS)
    section.rows = [
        ["looked at, stripped, kept, ms", median(rounds, "kept")],
        ["first image after that, ms", median(rounds, "first")],
        ["each image, p99, ms", median(rounds, "p99")],
        ["memory for ten at once above one, MB", grown],
    ]
    section.claims = [
        Claim("from the last byte to the first image", "ms", median(rounds, "shown"), 1000),
        Claim("each further image, p99", "ms", median(rounds, "p99"), 100),
        Claim("memory of ten at once above that of one", "MB", grown, 60),
    ]
    return section


def _series(folder: Path, frames: int) -> list[Path]:
    paths = []
    for number in range(frames):
        path = folder / f"{number}.dcm"
        path.write_bytes(files.slice_of(number, side=SIDE))
        paths.append(path)
    return paths


def _round(paths: list[Path], into: Path) -> Round:
    begun = time.perf_counter()
    with into.open("wb") as file:
        stack = images.clean(paths, file, most_bytes=10**9)
    kept = time.perf_counter()
    took = []
    with into.open("rb") as file:
        for window in drawing.WINDOWS:
            for number in range(stack.frames):
                before = time.perf_counter()
                file.seek(number * stack.frame_bytes)
                drawing.draw(file.read(stack.frame_bytes), stack, window)
                took.append(time.perf_counter() - before)
    first, ordered = took[0], sorted(took)
    figures = {"kept": kept - begun, "first": first, "p99": at(ordered, 0.99), "shown": kept - begun + first}
    return {name: seconds * 1000 for name, seconds in figures.items()}


def _memory(folder: Path, many: int) -> float:
    """The most memory, in MB, of a process in which so many stacks come in at once on threads."""
    command = [sys.executable, "-m", "tests.bench.parts.stack", str(folder), str(many)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return float(ran.stdout)


def _come_in(folder: Path, many: int) -> None:
    """What the process of `_memory` does."""
    paths = sorted(folder.glob("*.dcm"))

    def one(number: int) -> None:
        with (folder / f"kept-{number}").open("wb") as file:
            images.clean(paths, file, most_bytes=10**9)

    with ThreadPoolExecutor(many) as hands:
        list(hands.map(one, range(many)))
    sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024) + os.linesep)


if __name__ == "__main__":
    _come_in(Path(sys.argv[1]), int(sys.argv[2]))
