"""Why somebody decides something that others are bound by: one line, which stays in the history. Pure.

Called by the writers of hours, closures, criteria and targets, each of which refuses in its own way.
"""

LONGEST = 400


def fault(said: str) -> str:
    """What is wrong with this reason; nothing where it can stay."""
    if not said:
        return "Say why: it stays in the history."
    if len(said) > LONGEST or not said.isprintable():
        return f"The reason is one line of at most {LONGEST} characters."
    return ""
