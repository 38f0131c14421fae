"""The files that machines read: compose, requirements, settings."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.machine import surroundings
from config.machine.folders import PROJECT
from realtime import fan

# Read by the machinery, and by no setting of the product.
_OF_THE_MACHINE = {"PORT", "BIND", "RUN_DIR"}
_PRODUCTION = (
    "requirements.txt",
    "requirements-solver.txt",
    "requirements-s3.txt",
    "requirements-solver-s3.txt",
)
_LOCKS = (*_PRODUCTION, "requirements-dev.txt", "requirements-bootstrap.txt")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((PROJECT / "compose.yaml").read_text())
    return content


def test_compose_follows_its_specification() -> None:
    tool = Path(sys.executable).with_name("check-jsonschema")
    command = [str(tool), "--builtin-schema", "vendor.compose-spec", str(PROJECT / "compose.yaml")]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_compose_is_the_shape_of_production(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"db", "redis", "migrate", "web", "pager"}
    assert services["pager"]["deploy"]["replicas"] == 2
    for name in ("web", "pager"):
        waits_for = {other: how["condition"] for other, how in services[name]["depends_on"].items()}
        assert waits_for == {
            "db": "service_healthy",
            "redis": "service_healthy",
            "migrate": "service_completed_successfully",
        }
    for name in ("db", "redis"):
        assert services[name]["healthcheck"]["test"]
        assert services[name]["user"] not in {"root", "0"}


def test_compose_holds_no_secret_and_no_demonstration(compose: dict[str, Any]) -> None:
    for name in ("web", "pager", "migrate"):
        settings = compose["services"][name]["environment"]
        assert settings["DEMO"] == settings["DEBUG"] == "0"
        for secret in ("SECRET_KEY", "TWILIO_AUTH_TOKEN"):
            assert settings[secret].startswith("${" + secret + ":?")
        assert "${POSTGRES_PASSWORD:?" in settings["DATABASE_URL"]


def test_compose_gives_no_setting_that_is_not_explained(compose: dict[str, Any]) -> None:
    assert set(compose["services"]["web"]["environment"]) <= explained()


def test_the_image_runs_as_nobody_in_particular_and_tells_its_health() -> None:
    dockerfile = (PROJECT / "Dockerfile").read_text()
    last = dockerfile.rpartition("\nFROM ")[2]
    assert re.search(r"^USER \d{4,}$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last


def test_the_image_compiles_the_few_lines_of_c_as_make_does_and_takes_none_that_lie_about() -> None:
    compiling = "cc -O2 -shared -fPIC -o"
    image, made = ((PROJECT / name).read_text() for name in ("Dockerfile", "config/machine/bootstrap.sh"))
    assert f"{compiling} realtime/{fan.COMPILED.name} realtime/fan.c" in image
    assert f"{compiling} " in made and f"realtime/{fan.COMPILED.name}" in made
    assert "**/*.so" in (PROJECT / ".dockerignore").read_text().splitlines()
    assert "*.so" in (PROJECT / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("name", _LOCKS)
def test_every_requirement_is_pinned_with_hashes_and_names_no_host(name: str) -> None:
    text = (PROJECT / name).read_text()
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    entries = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).strip())
    assert entries
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z0-9,-]+\])?==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_what_is_locked_for_development_holds_what_is_locked_for_production() -> None:
    production, solver, s3, both = (set(pins(name)) for name in _PRODUCTION)
    assert production < solver
    assert production < s3
    assert both == solver | s3
    assert both < set(pins("requirements-dev.txt"))


def pins(name: str) -> list[str]:
    return re.findall(
        r"^[A-Za-z0-9._-]+(?:\[[a-z0-9,-]+\])?==[^\s;]+", (PROJECT / name).read_text(), re.MULTILINE
    )


def explained() -> set[str]:
    return set(re.findall(r"^([A-Z0-9_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))


def test_every_setting_is_explained_and_nothing_else() -> None:
    settings = (PROJECT / "config" / "settings.py").read_text()
    read = set(re.findall(r"""\benv(?:_[a-z]+)?\(\s*["']([A-Z0-9_]+)["']""", settings))
    assert read, "config/settings.py reads nothing"
    assert read | _OF_THE_MACHINE == explained()


def test_every_setting_is_kept_from_the_tests_and_told_to_the_commands_of_a_running_house() -> None:
    assert set(surroundings.SETTINGS) == explained() - {"RUN_DIR"}


def test_every_setting_has_a_line_of_explanation() -> None:
    paragraphs = (PROJECT / ".env.example").read_text().strip().split("\n\n")
    for paragraph in paragraphs[1:]:
        assert paragraph.startswith("# "), paragraph
