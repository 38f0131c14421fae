"""Prints docs/states.md from the code, or checks that it is current."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from referrals.models import Referral
from referrals.states import ENDED, State
from referrals.verbs import DONE

PAGE = Path(settings.BASE_DIR) / "docs" / "states.md"


def page() -> str:
    """The states, their arrows as a Mermaid diagram, and what each verb is called on its button."""
    arrows = sorted(
        {
            (_name(move.source), _name(move.target), str(move.custom["verb"]))
            for move in Referral().get_all_state_transitions()  # type: ignore[attr-defined]
        }
    )
    lines = [
        "# The states of a referral",
        "",
        "Printed from the code by `make docs`; a test checks that it is current.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        *(f"    {source} --> {target}: {verb}" for source, target, verb in arrows),
        *(f"    {state.value} --> [*]" for state in sorted(ENDED)),
        "```",
        "",
        "| state | on the board | verbs from here |",
        "|---|---|---|",
    ]
    for state in State:
        if state != State.NEW:
            verbs = sorted({verb for source, _, verb in arrows if source == state.value})
            lines.append(
                f"| `{state.value}` | {state.label} | {', '.join(f'`{v}`' for v in verbs) or 'none: ended'} |"
            )
    lines += [
        "",
        "`ask`, `answer`, `amend` and `join` leave the state as it is, in any live state; `decline` does",
        "while another offer is open. `lapse` is the clock's: a ladder ended without an answer.",
        "",
        "| verb | what the trail says |",
        "|---|---|",
        *(f"| `{verb}` | {done} |" for verb, done in sorted(DONE.items())),
        "",
    ]
    return "\n".join(lines)


def _name(state: object) -> str:
    return "[*]" if state == State.NEW else str(state)


class Command(BaseCommand):
    help = "Writes docs/states.md from the code; with --check fails where it differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *_args: Any, check: bool, **_options: Any) -> None:
        if not check:
            PAGE.write_text(page())
        elif not PAGE.exists() or PAGE.read_text() != page():
            raise CommandError("docs/states.md differs from the code: run `make docs`.")
