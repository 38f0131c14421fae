"""`make prove`: the proofs that were asked for, one by one, against the servers that config.machine.prove started."""

import os
import sys

import django

from config.machine.trouble import entry, say
from tests.prove import asked, evidence, registry


def main() -> int:
    """1 where anything was violated, or a control was not caught."""
    wanted = asked.read(os.environ)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    from tests.prove import ground, running  # noqa: PLC0415 Django's settings must stand first

    folder = evidence.PUBLISHED if wanted.share == 1 else evidence.SHARES
    held = []
    with ground.prepared():
        for name in wanted.names:
            found = running.run(
                name, registry.load(name), share=wanted.share, seed=wanted.seed, empty=ground.emptied
            )
            evidence.write(found, folder)
            for words in (running.line(found), *running.trouble(found)):
                say(words)
            held.append(found.holds)
    if wanted.share < 1:
        say(
            f"A share of the full size: nothing was written to docs/evidence, but to {folder.name} beside the logs."
        )
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(entry(main))
