"""What an operator can be: a specialty, a phase of supervision, a rung of training. Choices only.

Read by the models of this app and by whoever names a grade; imports nothing of ours.
"""

from django.db.models import TextChoices


class Phase(TextChoices):
    """The three phases of the BSIR/BSNR guidance on training for thrombectomy (2017)."""

    DIRECT = "direct", "Direct supervision"
    INDIRECT = "indirect", "Indirect supervision"
    INDEPENDENT = "independent", "Independent"


class Specialty(TextChoices):
    INR = "INR", "Interventional neuroradiologist"
    IR = "IR", "Interventional radiologist"
    IC = "IC", "Interventional cardiologist"
    OTHER = "other", "Other"


class Rung(TextChoices):
    """The six rungs of the BCIS position statement on training for thrombectomy, in their order."""

    COURSE = "course", "Focused course"
    SIMULATOR = "simulator", "Simulator"
    DIAGNOSTIC = "diagnostic", "Diagnostic cerebral lists"
    SECOND = "second", "Second operator"
    FIRST = "first", "First operator"
    INDEPENDENT = "independent", "Independent operator"


PHASES = list(Phase)
RUNGS = list(Rung)


def height(rung: str) -> int:
    """How many rungs have been reached: 0 for none, 6 for an independent operator."""
    return RUNGS.index(Rung(rung)) + 1 if rung else 0


def phase_after(phase: Phase | None) -> Phase | None:
    """The phase that comes next; None after the last."""
    return PHASES[0] if phase is None else next(iter(PHASES[PHASES.index(phase) + 1 :]), None)


def rung_after(rung: str) -> Rung | None:
    """The rung that comes next; None after the last."""
    return next(iter(RUNGS[height(rung) :]), None)
