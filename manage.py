#!/usr/bin/env python
"""Dido's command line: migrations, the network, the pager, the demonstration."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
OWN_PYTHON = HERE / ".venv" / "bin" / "python"

if __name__ == "__main__":
    if find_spec("django") is None and OWN_PYTHON.exists():
        os.execv(OWN_PYTHON, [str(OWN_PYTHON), *sys.argv])  # noqa: S606 the same command, with what `make` installed
    from django.core.management import execute_from_command_line

    from config.machine.surroundings import join_the_running_house

    join_the_running_house()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    execute_from_command_line(sys.argv)
