"""The rules about tired people: how often at night, rest after a night, hours between duties, hours a week.

Pure: plain facts and figures in, breaches out; called by workforce.rules.judge. A night is the legal one, 23:00 to
06:00 in London, and somebody has it who is on duty for three hours of it (Working Time Regulations 1998, regulation 2).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from workforce.rules.facts import LONDON, Breach, Plan, Rules, Turn, breach, day, hours, shared

NIGHT_BEGINS, NIGHT_ENDS, NOON = time(23), time(6), time(12)
A_NIGHT = timedelta(hours=3)
WEEK = timedelta(days=7)


def local(on: date, at: time) -> datetime:
    """This hour of the wall clock in London, as an instant."""
    return datetime.combine(on, at, tzinfo=LONDON).astimezone(UTC)


def legal_night(on: date) -> tuple[datetime, datetime]:
    """The night that begins on this date."""
    return local(on, NIGHT_BEGINS), local(on + timedelta(days=1), NIGHT_ENDS)


def nights(turns: list[Turn]) -> list[date]:
    """The dates on whose nights somebody with these turns is on duty for three hours or more."""
    found: dict[date, timedelta] = {}
    for turn in turns:
        on = turn.start.astimezone(LONDON).date() - timedelta(days=1)
        last = turn.end.astimezone(LONDON).date()
        while on <= last:
            if both := shared((turn.start, turn.end), legal_night(on)):
                found[on] = found.get(on, timedelta()) + (both[1] - both[0])
            on += timedelta(days=1)
    return sorted(on for on, long in found.items() if long >= A_NIGHT)


def too_many_nights(plan: Plan, rules: Rules) -> Iterator[Breach]:
    """More nights than one in so many, in any stretch of the reference period: said at each night that is too many."""
    rule = rules["night_frequency"]
    allowed = int(rule.over_days // rule.value)
    for person, turns in plan.of_person().items():
        dates = nights([t for t in turns if t.duty in rule.duties])
        for number, on in enumerate(dates):
            count = sum(on - before < timedelta(days=rule.over_days) for before in dates[: number + 1])
            if count > allowed:
                start, end = legal_night(on)
                words = (
                    f"{plan.name(person)} is on call {count} nights in the {rule.over_days} days to {day(start)}: "
                    f"1 in {rule.value:g} is {allowed}."
                )
                yield breach(rule, words, person=person, start=start, end=end)


def too_little_rest_after_a_night(plan: Plan, rules: Rules) -> Iterator[Breach]:
    """A duty that goes on after the night, or begins before the rest is over; longer where somebody was called out."""
    for person, turns in plan.of_person().items():
        for on in nights(turns):
            start, end = local(on, time(20)), local(on + timedelta(days=1), time(8))
            called = any(
                c.person == person and shared((c.start, c.end), (start, end)) for c in plan.called_out
            )
            rule = rules["rest_after_call_out" if called else "rest_after_night"]
            free, following = _free_after(turns, legal_night(on)[1], local(on + timedelta(days=1), NOON))
            if following is None or rule.value == 0:
                continue
            rest = following.start - free if following.start > free else timedelta()
            if rest < timedelta(hours=rule.value):
                night = f"the night of {day(start)}{', with a call-out' if called else ''}"
                had = f"has {hours(rest.total_seconds())} of rest" if rest else "is on again without rest"
                words = f"{plan.name(person)} {had} after {night}: {rule.value:g} hours are due."
                yield breach(rule, words, person=person, hub=following.hub, start=free, end=following.end)


def _free_after(turns: list[Turn], night_over: datetime, noon: datetime) -> tuple[datetime, Turn | None]:
    """When somebody is first free after a night (noon at the latest is free), and the duty that comes next."""
    free = night_over
    for turn in turns:
        if turn.end <= free:
            continue
        goes_on = turn.start <= free and turn.start < night_over
        if goes_on and turn.end <= noon:
            free = turn.end
        elif goes_on:
            return noon, turn
        else:
            return free, turn
    return free, None


def too_soon(plan: Plan, rules: Rules) -> Iterator[Breach]:
    """Too few hours from the end of one duty to the beginning of the next; one duty in two pieces is one."""
    rule = rules["rest_between_duties"]
    for person, turns in plan.of_person().items():
        last = turns[0]
        for turn in turns[1:]:
            rest = turn.start - last.end
            one_duty = not rest and (turn.hub, turn.duty) == (last.hub, last.duty)
            if timedelta() <= rest < timedelta(hours=rule.value) and not one_duty:
                gap = hours(rest.total_seconds()) if rest else "no time"
                words = (
                    f"{plan.name(person)} has {gap} between the duties that end and begin on {day(turn.start)}: "
                    f"{rule.value:g} hours are due."
                )
                yield breach(rule, words, person=person, hub=turn.hub, start=last.end, end=turn.end)
            last = turn if turn.end > last.end else last


def too_many_hours(plan: Plan, rules: Rules) -> Iterator[Breach]:
    """More hours a week than allowed on average, in any reference period that ends with a week: one breach a run."""
    rule = rules["weekly_hours"]
    weeks = rule.over_days / 7
    for person, turns in plan.of_person().items():
        first = turns[0].start.astimezone(LONDON).date()
        end = local(first - timedelta(days=first.weekday()) + WEEK, time())
        run: list[tuple[datetime, float]] = []
        last = max(t.end for t in turns)
        while end < last + WEEK:
            mean = _hours_in(turns, end - timedelta(days=rule.over_days), end) / weeks
            if mean > rule.value:
                run.append((end, mean))
            elif run:
                yield _over_hours(plan, rules, person, run)
                run = []
            end = local(end.astimezone(LONDON).date() + WEEK, time())
        if run:
            yield _over_hours(plan, rules, person, run)


def _hours_in(turns: list[Turn], start: datetime, end: datetime) -> float:
    both = (shared((t.start, t.end), (start, end)) for t in turns)
    return sum((b[1] - b[0]).total_seconds() / 3600 for b in both if b)


def _over_hours(plan: Plan, rules: Rules, person: int, run: list[tuple[datetime, float]]) -> Breach:
    rule = rules["weekly_hours"]
    at, most = max(run, key=lambda week: week[1])
    words = (
        f"{plan.name(person)} is on for {most:.0f} hours a week on average in the {rule.over_days // 7} weeks to "
        f"{day(at - timedelta(hours=1))}: {rule.value:g} are allowed."
    )
    return breach(rule, words, person=person, start=run[0][0] - WEEK, end=run[-1][0])
