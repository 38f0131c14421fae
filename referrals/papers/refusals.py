"""Why a file is not taken, in a nurse's words. Raised while it is looked at; whoever catches it keeps nothing of it."""

import errno

from referrals.refusals import Refusal

OF_THE_MACHINE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ENOENT, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
)


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


class Busy(Refusal):
    """Nothing is wrong with it: the same again in a moment is taken up."""

    status = 503

    def __init__(self, message: str) -> None:
        super().__init__("busy", message)


def is_of_the_machine(error: BaseException) -> bool:
    """Is it a disk that is full or lost, and no fault of the file that was sent?"""
    return isinstance(error, OSError) and error.errno in OF_THE_MACHINE
