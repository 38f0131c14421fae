"""Reads the answer of an inbound webhook: which texts are to go back, and to whom.

Called after each inbound webhook; what a call says is read by `script`, which shares the document's rules. Pure; it
must never send anything. An answer that Twilio could not use is an `AnswerError` with Twilio's debugger code.
"""

from dataclasses import dataclass
from xml.etree import ElementTree

READABLE = frozenset({"text/plain", "text/xml", "application/xml", "text/html"})


class AnswerError(Exception):
    """The webhook's answer cannot be carried out; `code` is what Twilio's debugger would show."""

    def __init__(self, code: int, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


@dataclass(frozen=True)
class Reply:
    """One text to send back; empty `to` and `from_` mean the two ends of the conversation."""

    body: str
    to: str = ""
    from_: str = ""
    status_callback: str = ""


def replies(*, status: int, content_type: str, text: str) -> list[Reply]:
    """The texts that a webhook's answer asks Twilio to send."""
    check_answer(status=status, content_type=content_type, text=text)
    if not text.strip():
        return []
    if content_type == "text/plain":
        return [Reply(body=text)]
    return [_reply(verb) for verb in document(text)]


def check_answer(*, status: int, content_type: str, text: str) -> None:
    """Refuse an answer whose status or kind Twilio would not read; one without words needs no kind."""
    if not 200 <= status < 300:
        raise AnswerError(11200, f"The webhook answered with HTTP {status}.")
    if text.strip() and content_type not in READABLE:
        raise AnswerError(12300, f"{content_type} is not a content type that Twilio reads.")


def document(text: str) -> ElementTree.Element:
    """The response in a TwiML document."""
    try:
        # The answer is our own application's, so it is no more hostile than we are.
        root = ElementTree.fromstring(text)  # noqa: S314
    except ElementTree.ParseError as error:
        raise AnswerError(12100, f"The TwiML could not be read: {error}.") from error
    if root.tag != "Response":
        raise AnswerError(12100, f"TwiML begins with <Response>, not with <{root.tag}>.")
    return root


def _reply(verb: ElementTree.Element) -> Reply:
    if verb.tag != "Message":
        raise AnswerError(12200, f"<{verb.tag}> is not a verb that this simulator carries out.")
    nested = verb.find("Body")
    text = (nested.text if nested is not None else verb.text) or ""
    return Reply(
        body=text.strip(),
        to=verb.get("to", ""),
        from_=verb.get("from", ""),
        status_callback=verb.get("statusCallback", ""),
    )
