"""Why a verb was refused, in a nurse's words and with a code for programs. Raised by the verbs, shown at the edges."""


class Refusal(Exception):
    """Nothing was changed; `message` says why, `code` says so to a program."""

    status = 409

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class NotVisible(Refusal):
    """The referral does not exist for this person."""

    status = 404

    def __init__(self) -> None:
        super().__init__("not_found", "There is no such referral, or it is not yours to see.")


class NotAllowed(Refusal):
    """This person may see it, but may not do this."""

    status = 403


class WrongState(Refusal):
    """The referral is not where this verb could move it."""


class BadInput(Refusal):
    """What was typed cannot be right; `fields` has a sentence for each field."""

    status = 422

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__("bad_input", " ".join(fields.values()))
        self.fields = fields
