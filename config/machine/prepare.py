"""Gets an answering database ready for the demonstration, in one Django process, saying each step.

Run by `run.py` as `python -m config.machine.prepare STEP ...`; each step is a management command that may be
repeated. It knows the commands by their names only.
"""

import os
import sys

import django
from django.core.management import call_command

from config.machine.trouble import say

STEPS = {
    "migrate": "bringing the tables up to date",
    "load_network": "loading the hospitals, hubs and drive times",
    "load_cast": "loading the cast and who is on call",
    "collectstatic": "collecting the static files",
}


def main(steps: list[str]) -> None:
    """Do the steps in order; the first that fails ends the process with its traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for step in steps:
        say(f"  {STEPS[step]}")
        call_command(step, verbosity=0, interactive=False) if step in {
            "migrate",
            "collectstatic",
        } else call_command(step)


if __name__ == "__main__":
    main(sys.argv[1:])
