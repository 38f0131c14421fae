"""Faults on order: which requests are to go wrong, in which way, and how often.

Set through the control interface and asked once per API request. `Answer` faults spoil the HTTP exchange,
`Fate` faults spoil what becomes of an accepted message or call; a path tells the two apart. It must never do the
damage itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Before anything is accepted | after the message or call was accepted, so that the caller cannot know.
REFUSING = frozenset({"status", "error", "timeout", "reset"})
SPOILING = frozenset({"slow", "accept_then_timeout", "accept_then_reset", "wrong_json"})
FATEFUL = frozenset(
    {
        "accept_then_drop",
        "accept_then_fail",
        "created_failed",
        "false_delivered",
        "duplicate_callbacks",
        "reverse_callbacks",
        "late_callbacks",
        "callback_before_response",
        "no_callback",
    }
)
TAKES_NUMBER = frozenset(
    {
        "error",
        "timeout",
        "slow",
        "accept_then_timeout",
        "accept_then_fail",
        "created_failed",
        "duplicate_callbacks",
        "late_callbacks",
    }
)

CREATING = ("/Messages.json", "/Calls.json")


class FaultError(Exception):
    """The order for a fault cannot be understood; the message says why."""


@dataclass(kw_only=True)
class Fate:
    """What becomes of one accepted message or call when it is not left alone."""

    error_code: int | None = None
    failed_at_once: bool = False
    dropped: bool = False
    never_shown: bool = False
    copies: int = 1
    reversed: bool = False
    callback_delay: float = 0.0
    silent: bool = False
    callback_first: bool = False


@dataclass(kw_only=True)
class Fault:
    """One order: a matching request, from the `nth` on, goes wrong `times` times (`None`: for ever)."""

    action: str
    kind: str
    number: float
    to: str | None = None
    path: str | None = None
    method: str | None = None
    nth: int = 1
    times: int | None = 1
    retry_after: int | None = None
    seen: int = 0
    used: int = 0

    def takes(self, *, method: str, path: str, to: str) -> bool:
        """Whether this very request is to suffer; counts it."""
        creates = method == "POST" and path.endswith(CREATING)
        if self.kind in FATEFUL and not creates:
            return False
        if (self.to or to) != to or (self.path or "") not in path or (self.method or method) != method:
            return False
        self.seen += 1
        if self.seen < self.nth or (self.times is not None and self.used >= self.times):
            return False
        self.used += 1
        return True


@dataclass
class Taken:
    """What one request is to suffer."""

    answer: Fault | None = None
    fate: Fate = field(default_factory=Fate)


class FaultBook:
    """The faults on order, in the order in which they were given."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []

    def add(self, *orders: Fault) -> None:
        """Take further orders."""
        self._orders.extend(orders)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._orders.clear()

    def take(self, *, method: str, path: str, to: str) -> Taken:
        """The faults of one request: at most one spoils its answer, any number its message's fate."""
        taken = Taken()
        for fault in self._orders:
            if fault.kind not in FATEFUL and taken.answer is not None:
                continue
            if not fault.takes(method=method, path=path, to=to):
                continue
            if fault.kind in FATEFUL:
                _doom(taken.fate, fault)
            else:
                taken.answer = fault
            if fault.kind in REFUSING:
                break
        return taken


def parse(order: object) -> Fault:
    """One order in JSON, understood; `FaultError` says what is wrong with it."""
    if not isinstance(order, Mapping):
        raise FaultError("A fault is a JSON object.")
    action = order.get("action")
    match = order.get("match") or {}
    if not isinstance(action, str) or not isinstance(match, Mapping):
        raise FaultError("A fault needs an action, and its match must be an object.")
    kind, _, argument = action.partition(":")
    if kind not in REFUSING | SPOILING | FATEFUL:
        raise FaultError(f"{kind} is not an action that this simulator knows.")
    if unknown := (set(order) - {"action", "match", "times", "retry_after"}) | (
        set(match) - {"to", "path", "method", "nth"}
    ):
        raise FaultError(f"A fault has no {', '.join(sorted(map(str, unknown)))}.")
    return Fault(
        action=action,
        kind=kind,
        number=_number(kind, argument),
        to=_text(match.get("to")),
        path=_text(match.get("path")),
        method=_text(match.get("method")),
        nth=_whole(match.get("nth", 1), "nth"),
        times=None if order.get("times", 1) is None else _whole(order.get("times", 1), "times"),
        retry_after=None if order.get("retry_after") is None else _whole(order["retry_after"], "retry_after"),
    )


def _number(kind: str, argument: str) -> float:
    if kind == "status":
        digits = argument.removesuffix("html")
        if not digits.isdigit() or not 400 <= int(digits) <= 599:
            raise FaultError("A status fault names an HTTP status from 400 to 599, such as status:429.")
        return int(digits)
    if kind not in TAKES_NUMBER:
        if argument:
            raise FaultError(f"{kind} takes no number.")
        return 0
    try:
        return float(argument)
    except ValueError as error:
        raise FaultError(f"{kind} needs a number, such as {kind}:5.") from error


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _whole(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise FaultError(f"{name} must be a whole number, not below nought.")
    return value


def _doom(fate: Fate, fault: Fault) -> None:
    match fault.kind:
        case "accept_then_drop":
            fate.dropped = True
        case "accept_then_fail":
            fate.error_code = int(fault.number)
        case "created_failed":
            fate.error_code, fate.failed_at_once = int(fault.number), True
        case "false_delivered":
            fate.never_shown = True
        case "duplicate_callbacks":
            fate.copies = int(fault.number)
        case "reverse_callbacks":
            fate.reversed = True
        case "late_callbacks":
            fate.callback_delay = fault.number
        case "callback_before_response":
            fate.callback_first = True
        case "no_callback":
            fate.silent = True
