"""Why a file is not taken, in a nurse's words. Raised while it is looked at; whoever catches it keeps nothing of it."""

from referrals.refusals import Refusal


class BadPaper(Refusal):
    """This file cannot be taken."""

    status = 422

    def __init__(self, message: str) -> None:
        super().__init__("bad_paper", message)


class TooLarge(Refusal):
    """It is larger than what is taken."""

    status = 413

    def __init__(self, message: str) -> None:
        super().__init__("too_large", message)
