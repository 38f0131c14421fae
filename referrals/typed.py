"""What people type, made into what can be kept: a text, or an instant from a ward's clock. Pure.

Used by referrals.facts and referrals.verbs, so that the form, the API and the verbs read the same thing alike.
"""

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from network import hours

CLOCKS_DIFFER = hours.CLOCKS_DIFFER


def text_of(value: Any) -> str | None:
    """A text, a number or a date as text; None for anything else, and for what nothing can print or keep."""
    if value is None:
        return ""
    if not isinstance(value, (str, int, float, date)) or isinstance(value, bool):
        return None
    try:
        text = str(value)
        text.encode()
    except ValueError:  # a number of thousands of digits; half a surrogate pair
        return None
    return text


def instant(read: datetime, *, now: datetime, ahead: bool = False) -> datetime:
    """The instant of a date and time, UTC; a ward's local time where it names no zone.

    On the night in October when the clocks go back, a local time happens twice: the later one is meant once it is over,
    or, of what lies `ahead`, once the earlier one is.
    """
    if timezone.is_aware(read):
        return read.astimezone(UTC)
    first, second = (timezone.make_aware(read.replace(fold=fold)).astimezone(UTC) for fold in (0, 1))
    is_later = first < now - CLOCKS_DIFFER if ahead else second <= now + CLOCKS_DIFFER
    return second if first < second and is_later else first


def moment(said: str, *, now: datetime, ahead: bool = False) -> datetime | None:
    """The instant of a date and time as it is typed or sent; None where it is none."""
    try:
        read = parse_datetime(said.strip())
        return instant(read, now=now, ahead=ahead) if read else None
    except (ValueError, OverflowError):
        return None


class Moment(forms.DateTimeField):
    """A date and time; the hour that happens twice a year is a time like any other. The form sets `now`."""

    now: datetime

    def to_python(self, value: Any) -> datetime | None:
        try:
            return super().to_python(value)
        except forms.ValidationError as fault:
            read = parse_datetime(str(value).strip()) if fault.code == "ambiguous_timezone" else None
            if read is None:
                raise
            return self._in_that_hour(read)

    def _in_that_hour(self, read: datetime) -> datetime:
        try:
            return instant(read, now=self.now)
        except (OverflowError, ValueError):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
