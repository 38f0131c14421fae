"""The one clock that matters for a referral now, and how a length of time is written.

Pure over an instant and the referral, read with the targets that it is judged by. The page's clock.js goes on from what
is written here and follows the same rules.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from django.forms.utils import flatatt
from django.utils import timezone
from django.utils.safestring import SafeString

from referrals import road, rulebook
from referrals.models import Referral
from referrals.states import State
from referrals.targets import Target

A_WEEK = 7  # days: within it a weekday alone says which


class Form(StrEnum):
    """How a clock is written."""

    TICK = "tick"  # 4:10 min, from an hour on 1:05 h
    SPAN = "span"  # 1:18 h
    LEFT = "left"  # 17 min still to go, +3 min over
    STILL = "still"  # a word or a score that does not move


class Mood(StrEnum):
    """How much it presses."""

    CALM = "calm"
    SOON = "soon"
    LATE = "late"
    DONE = "done"


def iso(moment: datetime | None) -> str:
    """An instant as programs read it, in UTC; empty for none."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else ""


def day(moment: datetime) -> str:
    """The day as people here write it: 21 Nov."""
    return timezone.localtime(moment).strftime("%-d %b")


def day_of(moment: datetime, now: datetime) -> str:
    """The day, with its year where that is another: 21 Nov, 21 Nov 2024."""
    there, here = timezone.localtime(moment), timezone.localtime(now)
    return f"{there:%-d %b}" if there.year == here.year else f"{there:%-d %b %Y}"


def dated(moment: datetime) -> str:
    """A day and the time of day, whenever it is read: 21 Nov 03:12."""
    return timezone.localtime(moment).strftime("%-d %b %H:%M")


@lru_cache(maxsize=4096)
def moment(at: datetime | None, now: datetime) -> str:
    """A time of day, with as much of the day as leaves no doubt; empty for none. A page says the same ones often."""
    if at is None:
        return ""
    there, here = timezone.localtime(at), timezone.localtime(now)
    away = abs((there.date() - here.date()).days)
    if away == 0:
        return f"{there:%H:%M}"
    if away < A_WEEK:
        return f"{there:%a %H:%M}"
    return f"{there:%a %-d %b %H:%M}" if there.year == here.year else f"{there:%a %-d %b %Y %H:%M}"


def span(length: timedelta) -> str:
    """Hours and minutes: 1:18."""
    minutes = max(0, int(length.total_seconds()) // 60)
    return f"{minutes // 60}:{minutes % 60:02d}"


def tick(length: timedelta) -> str:
    """Minutes and seconds under an hour, hours and minutes from then on."""
    seconds = max(0, int(length.total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02d}" if seconds < 3600 else span(length)


def ago(length: timedelta) -> str:
    """A length in words: 35 s, 19 min, 2 h 10."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d}"


@dataclass(frozen=True)
class Clock:
    """What is counted, from when, and when it turns amber and red."""

    label: str
    form: Form
    now: datetime
    since: datetime | None = None
    until: datetime | None = None
    soon: datetime | None = None
    late: datetime | None = None
    word: str = ""

    @property
    def text(self) -> str:
        """The figure as it stands now."""
        if self.form == Form.LEFT and self.until:
            left = -(int((self.now - self.until).total_seconds()) // 60)
            return str(left) if left > 0 else f"+{-left}"
        if self.since is None or self.form == Form.STILL:
            return self.word
        return (tick if self.form == Form.TICK else span)(self.now - self.since)

    @property
    def unit(self) -> str:
        if self.form == Form.LEFT:
            return "min"
        if self.since is None or self.form == Form.STILL:
            return ""
        return "min" if self.form == Form.TICK and self.now - self.since < timedelta(hours=1) else "h"

    @property
    def mood(self) -> Mood:
        if self.late and self.now >= self.late:
            return Mood.LATE
        if self.soon and self.now >= self.soon:
            return Mood.SOON
        return Mood.DONE if self.form == Form.STILL and self.word else Mood.CALM

    @property
    def urgency(self) -> float:
        """The share of the time until red that has passed; above 1 it is red."""
        if self.since is None or self.late is None:
            return 0.0
        allowed = (self.late - self.since).total_seconds()
        passed = (self.now - self.since).total_seconds()
        return passed / allowed if allowed > 0 else 1000.0 + passed

    @property
    def percent(self) -> int:
        return round(min(1.0, max(0.0, self.urgency)) * 100)

    @property
    def has_gauge(self) -> bool:
        return self.since is not None and self.late is not None and self.late > self.since

    @property
    def attributes(self) -> SafeString:
        """What the page's script goes on from, as attributes of a tag."""
        moments = {"since": self.since, "until": self.until, "soon": self.soon, "late": self.late}
        told = {f"data-{name}": iso(moment) for name, moment in moments.items() if moment}
        return flatatt({"data-form": self.form.value} | told)


def _against(label: str, form: Form, since: datetime, target: Target, now: datetime) -> Clock:
    return Clock(label, form, now, since=since, soon=since + target.soon, late=since + target.late)


def _unanswered(referral: Referral, now: datetime) -> Clock:
    opened = [offer.opened_at for offer in referral.offers.all() if offer.state == "open"]
    since = min(opened, default=referral.referred_at or now)
    return _against("unanswered", Form.TICK, since, rulebook.held(referral)["answer"], now)


def _dido(referral: Referral, now: datetime) -> Clock:
    target = rulebook.held(referral)["dido"]
    since = referral.arrived_at or referral.accepted_at or now
    return _against(f"of {span(target.late)} door to door out", Form.SPAN, since, target, now)


def eta(referral: Referral, minutes: int | None) -> datetime | None:
    """When the patient should be at the hub's door: by somebody's word, else by the drive minutes from the spoke.

    None where nobody knows: after a diversion on the road, until somebody says how far it is from there.
    """
    if referral.expected_at is not None:
        return referral.expected_at
    if referral.departed_at is None or minutes is None or road.is_off_the_road(referral):
        return None
    return referral.departed_at + timedelta(minutes=minutes)


def _road(referral: Referral, minutes: int | None, now: datetime) -> Clock:
    due = eta(referral, minutes)
    since = referral.departed_at or now
    if due is None and road.arrival_is_unknown(referral):
        return Clock(
            "since the diversion", Form.TICK, now, since=referral.diverted_at, soon=referral.diverted_at
        )
    if due is None:
        return Clock("on the road", Form.SPAN, now, since=since)
    target = rulebook.held(referral)["road"]
    late = due + target.late
    return Clock("to the door", Form.LEFT, now, since=since, until=due, soon=due + target.soon, late=late)


def _groin(referral: Referral, now: datetime) -> Clock:
    target = rulebook.held(referral)["groin" if referral.departed_at else "groin_direct"]
    since = referral.hub_arrived_at or now
    return _against(f"of {span(target.late)} door to groin", Form.SPAN, since, target, now)


def _pre_alert(referral: Referral, now: datetime) -> Clock:
    since = referral.arrived_at or referral.pre_alerted_at or now
    return _against("since the door", Form.SPAN, since, rulebook.held(referral)["cta"], now)


def _unplaced(referral: Referral, now: datetime) -> Clock:
    since = referral.unplaced_at or now
    return Clock("without a hub", Form.TICK, now, since=since, soon=since, late=since)


def _unconfirmed(referral: Referral, now: datetime) -> Clock:
    since = referral.provisional_at or now
    return _against("unconfirmed", Form.TICK, since, rulebook.held(referral)["answer"], now)


def _puncture(referral: Referral, now: datetime) -> Clock:
    return Clock("since groin puncture", Form.SPAN, now, since=referral.punctured_at)


def _treated(referral: Referral, now: datetime) -> Clock:
    return Clock("mTICI", Form.STILL, now, word=referral.mtici or "—")


def _bed(referral: Referral, now: datetime) -> Clock:
    since = referral.repatriation_requested_at or now
    return _against("since a bed was asked for", Form.SPAN, since, rulebook.held(referral)["bed"], now)


CLOCKS: dict[str, Callable[[Referral, datetime], Clock]] = {
    State.PRE_ALERTED: _pre_alert,
    State.REFERRED: _unanswered,
    State.UNPLACED: _unplaced,
    State.PROVISIONAL: _unconfirmed,
    State.ACCEPTED: _dido,
    State.AMBULANCE_REQUESTED: _dido,
    State.ARRIVED: _groin,
    State.PUNCTURE: _puncture,
    State.TREATED: _treated,
    State.REPATRIATING: _bed,
}


def matters_now(referral: Referral, *, minutes: int | None, now: datetime) -> Clock:
    """The clock that the card shows largest; `minutes` is the drive to the hub that took the patient."""
    if referral.state == State.DEPARTED:
        return _road(referral, minutes, now)
    clock = CLOCKS.get(referral.state)
    return clock(referral, now) if clock else Clock("", Form.STILL, now)
