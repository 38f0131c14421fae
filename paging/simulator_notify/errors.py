"""Notify's own errors: HTTP status, type and sentence, as its API answers with them.

Raised by the gate and by the checks of a request; the sentences follow Notify's documentation
(https://docs.notifications.service.gov.uk/rest-api.html#errors). It must never decide which error applies.
"""


class NotifyError(Exception):
    """A request that Notify would refuse."""

    def __init__(self, status: int, kind: str, *sentences: str) -> None:
        self.status, self.kind, self.sentences = status, kind, sentences
        super().__init__("; ".join(sentences))

    def payload(self) -> dict[str, object]:
        """The JSON body that Notify's API answers with."""
        errors = [{"error": self.kind, "message": sentence} for sentence in self.sentences]
        return {"errors": errors, "status_code": self.status}


def unauthorised(sentence: str) -> NotifyError:
    """No token at all."""
    return NotifyError(401, "AuthError", f"Unauthorized: {sentence}")


def forbidden(sentence: str) -> NotifyError:
    """A token that is not good."""
    return NotifyError(403, "AuthError", sentence)


def invalid(*sentences: str) -> NotifyError:
    """A body that does not fit the schema."""
    return NotifyError(400, "ValidationError", *sentences)


def bad(sentence: str) -> NotifyError:
    """A request that fits the schema and cannot be done."""
    return NotifyError(400, "BadRequestError", sentence)


def unknown() -> NotifyError:
    """No such notification."""
    return NotifyError(404, "NoResultFound", "No result found")


def of_status(status: int) -> NotifyError:
    """What Notify says with this HTTP status when it is not the request's fault."""
    if status == 429:
        sentence = "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds"
        return NotifyError(429, "RateLimitError", sentence)
    return NotifyError(status, "Exception", "Internal server error")


def over_the_day(limit: int) -> NotifyError:
    """The service has sent all that it may today."""
    return NotifyError(429, "TooManyRequestsError", f"Exceeded send limits (sms: {limit}) for today")
