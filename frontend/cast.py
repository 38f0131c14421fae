"""The people of the demonstration, with what a visitor can try as each of them.

Shown by the sign-in page and the page of phones, and only while DEMO is on; nobody else may be signed in
without a password. Names come from the database: here are only user names and phrases.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """One person of the cast: who that is, and what to try."""

    username: str
    who: str
    tries: str


CAST = (
    Part("ada", "Spoke doctor, Arrowe Park", "Start here: refer a patient, and watch who answers."),
    Part("ben", "Operator, Walton", "Take a call: accept, ask or decline."),
    Part("nia", "Coordinator, Cheshire and Merseyside", "See every live patient on one board."),
    Part("cleo", "Operator, Walton", "Be second on call, paged when Ben does not answer."),
    Part("dev", "Operator in training, Walton", "Accept under direct supervision: Sam must confirm."),
    Part("sam", "Supervisor, Walton", "Confirm what Dev accepted."),
    Part("lea", "Lead, Cheshire and Merseyside", "Build a month’s rota, and see every gap and breach."),
    Part(
        "gwen", "Medical director, Cheshire and Merseyside", "Sign operators off; no patient is hers to see."
    ),
    Part("zed", "Spoke doctor, another network", "See nothing of these patients: they are not yours."),
)
USERNAMES = frozenset(part.username for part in CAST)
