"""Verbs a second over HTTP: our pooled connections, Django's default handling, and pgbench on the same statements."""

import contextlib
import re
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.db import connection
from django.utils import timezone
from psycopg import sql

from config.machine.trouble import say
from network.models import Person
from referrals import verbs
from tests.bench import population, pressing, serving, tools
from tests.bench.figures import Round, Section, against, median
from tests.bench.house import House
from tests.bench.parts import Effort
from tests.bench.serving import Served
from tests.bench.telling import Doctor

CLIENTS = 8
SECONDS = 6.0
STRETCHED = 4096  # PostgreSQL's own scram_iterations; whoever connects computes them
POOLED, DEFAULT, BRIEF = "Dido", "Dido without the pool", "the same, password of one round"
COLUMNS = ["what", "at once", "commits a second", "median ms", "p99 ms"]
METHOD = (
    f"The verb `answer`, pressed by {CLIENTS} doctors at once as fast as they are answered, {SECONDS:.0f} "
    "s: on Dido; on the same Dido with Django's default connection handling (a new connection for each "
    f"request) and a password that PostgreSQL keeps as it is installed (SCRAM, {STRETCHED:,} rounds); the "
    "same with the single round that Dido's own launcher asks for; and the very statements of the verb, as "
    "Django sends them, by pgbench over as many connections, without Python and HTTP. An fsync at each "
    "commit. All of them lock the counters of the same three streams."
)
VARYING = (
    (r'("version" = )\d+', r"\g<1>:next"),
    (r'("number" = )\d+', r"\g<1>:got_version"),
    (r"(VALUES \(\d+, )\d+,", r"\g<1>:next,"),
    (r"(select key, head, '\w+', )\d+,", r"\g<1>:next,"),
)


def measure(house: House, effort: Effort) -> Section:
    """The three in turn."""
    found: dict[str, list[Round]] = {}
    notes: list[str] = []
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pgbench-")))
        scripts = _scripts(house, folder)
        stack.callback(_keep_password, 1)  # as the other parts find it
        pooled = stack.enter_context(serving.dido(house.environment, stream=population.STREAM))
        default = stack.enter_context(
            serving.dido(house.environment, stream=population.STREAM, changes="no_pool")
        )
        for number in range(effort.rounds):
            for name, served, stretched in (
                (POOLED, pooled, STRETCHED),
                (DEFAULT, default, STRETCHED),
                (BRIEF, default, 1),
            ):
                _keep_password(stretched)
                found.setdefault(name, []).append(_pressed(house, served, effort))
            for clients in (1, CLIENTS):
                try:
                    one = _pgbench(house, scripts, clients, effort)
                except tools.Missing as missing:
                    notes = [f"Left out: {missing}."]
                else:
                    found.setdefault(f"pgbench {clients}", []).append(one)
            say(f"    round {number + 1} done")
    section = Section("A verb over HTTP: commits a second", METHOD, COLUMNS, notes=notes)
    for name, rounds in found.items():
        clients = 1 if name == "pgbench 1" else CLIENTS
        figures = (median(rounds, figure) for figure in ("rate", "median", "p99"))
        section.rows.append([name.removesuffix(f" {clients}"), clients, *figures])
    what = (
        "verbs a second over HTTP, to Django's default connection handling on PostgreSQL as it is installed"
    )
    section.claims = [
        against(what, "rate", found[POOLED], found[DEFAULT], limit=1.8, unit="/s", at_most=False)
    ]
    if statements := found.get(f"pgbench {CLIENTS}"):
        share = median(found[POOLED], "rate") / median(statements, "rate")
        notes.append(
            f"Dido does {share:.2f} of what pgbench does with the same statements over {CLIENTS} connections."
        )
    return section


def _keep_password(rounds: int) -> None:
    """From now on PostgreSQL keeps the house's password so many times stretched."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('scram_iterations', %s, false)", [str(rounds)])
        user, password = (connection.settings_dict[name] for name in ("USER", "PASSWORD"))
        cursor.execute(
            sql.SQL("alter role {} password {}").format(sql.Identifier(user), sql.Literal(password))
        )


def _pressed(house: House, served: Served, effort: Effort) -> Round:
    people = house.population
    doctors = [Doctor(served, people.doctor, people.codes[n::CLIENTS]) for n in range(CLIENTS)]
    for doctor in doctors:
        doctor.press()
    begun = time.monotonic()
    until = begun + SECONDS / (5 if effort.quick else 1)

    def keep_pressing(doctor: Doctor) -> list[float]:
        took: list[float] = []
        while time.monotonic() < until:
            took.append(doctor.press())
        return took

    with ThreadPoolExecutor(CLIENTS) as hands:
        took = sorted(one for many in hands.map(keep_pressing, doctors) for one in many)
    rate = len(took) / (time.monotonic() - begun)
    return {"rate": rate, "median": took[len(took) // 2], "p99": took[int(len(took) * 0.99)]}


def _scripts(house: House, folder: Path) -> list[Path]:
    """One script for each referral: the statements of its verb, captured, with what differs each time as a variable."""
    by = Person.objects.get(username="ada")
    return [_script(folder / f"{code}.sql", code, by) for code in house.population.codes]


def _script(file: Path, code: str, by: Person) -> Path:
    said, key = {"text": "BP 168/90, GCS 13"}, f"bench-{population.key()}"

    def press() -> None:
        verbs.do(code, "answer", said, by=by, now=timezone.now(), via="web", key=key)

    lines = ["\\set key random(1, 9000000000000000)"]
    for statement in pressing.statements(press):
        text = " ".join(statement.split()).replace(key, "bench-:key")
        if "FOR NO KEY UPDATE" in text or "FOR UPDATE" in text:
            lines += [f"{text} \\gset got_", "\\set next :got_version + 1"]
            continue
        for pattern, variable in VARYING:
            text = re.sub(pattern, variable, text)
        lines.append(f"{text};")
    if sum(line.count(":next") for line in lines) != 3 or ":got_version" not in "".join(lines):
        raise RuntimeError("the verb's statements have changed: bring VARYING up to date")
    file.write_text("\n".join(lines) + "\n")
    return file


def _pgbench(house: House, scripts: list[Path], clients: int, effort: Effort) -> Round:
    seconds = max(1, int(SECONDS / (5 if effort.quick else 1)))
    command = [str(tools.pgbench()), "--no-vacuum", "--client", str(clients), "--time", str(seconds)]
    command += [word for script in scripts for word in ("--file", str(script))]
    with tempfile.TemporaryDirectory(prefix="pgbench-") as folder:
        command += ["--log", f"--log-prefix={folder}/log", house.environment["DATABASE_URL"]]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = [line.split() for log in Path(folder).iterdir() for line in log.read_text().splitlines()]
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or not rate:
        raise RuntimeError(f"pgbench: {done.stderr.strip().splitlines()[-1]}")
    took = sorted(int(words[2]) / 1000 for words in lines)
    return {"rate": float(rate[1]), "median": took[len(took) // 2], "p99": took[int(len(took) * 0.99)]}
