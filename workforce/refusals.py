"""Why something about an operator was refused, in words for whoever tried. Shown at the edges."""


class Refused(ValueError):
    """Nothing was changed; the message says why."""


class NotEntitled(Refused):
    """This person may not do it."""
