"""A rota as a draft: asked for by those who may, searched, judged by somebody else, published whole or not at all."""

import os
import signal
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from tests.workforce import drafted
from tests.workforce.drafted import FIRST
from tests.world import World
from workforce import draft_changes, drafts, leaves, patterns, phases, rota, rota_edits, searching, wishes
from workforce.building import CannotAsk
from workforce.draft_rows import DraftState, RotaDraft, Wish
from workforce.models import Authorisation, Duty, Phase, Shift, Specialty
from workforce.patterns import Again
from workforce.rota_edits import Breaks, NotOnTheRota
from workforce.rota_rows import LeaveKind, RotaEvent
from workforce.solver import process
from workforce.solver.problem import Kind

DAY = timedelta(days=1)


def evening(number: int) -> datetime:
    """Eight in the evening, so many days after the first."""
    return patterns.instant(FIRST + number * DAY, time(20))


def night(number: int) -> dict[str, Any]:
    return {"start": evening(number), "end": evening(number) + timedelta(hours=12)}


def ahead() -> list[Shift]:
    return list(Shift.objects.filter(period__startswith__gt=evening(0) - DAY).order_by("period"))


def away(world: World, who: str, first: int, last: int, kind: LeaveKind = LeaveKind.ANNUAL) -> Any:
    start, end = (patterns.instant(FIRST + n * DAY, time()) for n in (first, last + 1))
    return leaves.enter(world.people[who], kind, start=start, end=end, by=world.people["lea"], at=world.now)


def test_a_draft_is_found_judged_clean_and_put_on_the_rota_whole(world: World) -> None:
    drafted.ready(world)
    away(world, "ben", 0, 6)
    draft = drafted.search(world, drafted.ask(world))
    assert draft.state == DraftState.FOUND
    assert ahead() == [], "nobody is on call by a draft"
    assert [b.words for b in draft_changes.judged(draft)] == []
    drafts.publish(draft, by=world.people["nia"], at=world.now)
    put = ahead()
    assert [s.period.lower for s in put] == [evening(n) for n in range(28)]
    assert not {s.person.username for s in put[:7]} - {"cleo", "sam"}
    event = RotaEvent.objects.latest("pk")
    assert (event.by, event.reason) == (world.people["nia"], "From a draft that Lea Frost asked for.")
    with pytest.raises(NotOnTheRota, match="This draft is settled: published"):
        drafts.publish(draft, by=world.people["lea"], at=world.now)


def test_everybody_s_nights_weekends_and_bank_holidays_are_near_their_share(world: World) -> None:
    drafted.ready(world)
    draft = drafted.search(world, drafted.ask(world, first=date(2026, 12, 14)))
    shares = draft_changes.shares(draft, drafted=True)
    assert {(one.operator, one.kind) for one in shares} == {
        (str(world.people[who].pk), kind) for who in ("ben", "cleo", "sam") for kind in Kind
    }
    assert all(abs(one.held - one.due) < 1 for one in shares)
    assert sum(one.held for one in shares if one.kind == Kind.BANK_HOLIDAY) == 3, (
        "25 and 28 December, 1 January"
    )


@pytest.mark.parametrize("by", ["ben", "hob", "ada", "una"])
def test_nobody_else_asks_publishes_or_discards(world: World, by: str) -> None:
    drafted.ready(world)
    with pytest.raises(NotOnTheRota, match="Only a coordinator or lead"):
        drafted.ask(world, by=by)
    draft = drafted.search(world, drafted.ask(world))
    for deed in (drafts.publish, drafts.discard, drafts.again):
        with pytest.raises(NotOnTheRota, match="Only a coordinator or lead"):
            deed(draft, by=world.people[by], at=world.now)
    assert ahead() == []


def test_what_somebody_changed_meanwhile_is_said_and_not_lost(world: World) -> None:
    draft = drafted.built(world)
    lea, cleo = world.people["lea"], world.people["cleo"]
    rota_edits.assign(draft.hub, "first", cleo, **night(3), by=world.people["nia"], at=world.now)
    with pytest.raises(
        NotOnTheRota, match="Cleo Marsh is now first on call Thu 7 Jan 20:00 to Fri 8 Jan 08:00"
    ):
        drafts.publish(draft, by=lea, at=world.now)
    assert [s.person for s in ahead()] == [cleo]
    newer = drafted.search(world, drafts.again(draft, by=lea, at=world.now))
    drafts.publish(newer, by=lea, at=world.now)
    assert ahead()[3].person == cleo, "whoever was on already stays on"
    draft.refresh_from_db()
    assert draft.state == DraftState.DISCARDED


def test_leave_entered_meanwhile_is_judged_at_the_instant_of_publishing(world: World) -> None:
    draft = drafted.built(world)
    away(world, "sam", 0, 27)
    with pytest.raises(Breaks, match="Sam Quist is on leave, and on call at Walton"):
        drafts.publish(draft, by=world.people["lea"], at=world.now)
    assert ahead() == []
    draft.refresh_from_db()
    assert draft.state == DraftState.FOUND
    drafts.publish(draft, by=world.people["lea"], at=world.now, reason="Sam Quist comes back for it.")
    assert "Sam Quist comes back for it. From a draft" in RotaEvent.objects.latest("pk").reason


def test_a_fresh_start_takes_what_is_there_as_nothing(world: World) -> None:
    drafted.ready(world)
    for number in range(28):
        rota.put(world.sites["RET20"], Duty.FIRST, world.people["ben"], **night(number))
    kept = drafted.ask(world)
    assert draft_changes.lines(kept) == []
    drafts.discard(kept, by=world.people["lea"], at=world.now)
    draft = drafted.search(world, drafted.ask(world, keeps=False))
    was = [one.held for one in draft_changes.shares(draft, drafted=False) if one.kind == Kind.NIGHT]
    now = [one.held for one in draft_changes.shares(draft, drafted=True) if one.kind == Kind.NIGHT]
    assert (sorted(was), sorted(now)) == ([0, 0, 28], [9, 9, 10])
    drafts.publish(draft, by=world.people["lea"], at=world.now)
    assert {s.person.username for s in ahead()} == {"ben", "cleo", "sam"}


def test_where_there_is_no_rota_it_says_why_and_publishes_only_with_a_reason(world: World) -> None:
    drafted.ready(world, night_frequency=6)
    draft = drafted.search(world, drafted.ask(world))
    assert draft.state == DraftState.IMPOSSIBLE
    found = draft_changes.answer(draft)
    assert found and found.reasons[0].startswith("At 1 in 6, ")
    assert "more independent operator" in found.reasons[0]
    with pytest.raises(NotOnTheRota, match="Some duties stay empty"):
        drafts.publish(draft, by=world.people["lea"], at=world.now)
    drafts.publish(draft, by=world.people["lea"], at=world.now, reason="A locum comes for the rest.")
    assert 0 < len(ahead()) < 28


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"weeks": 3}, "built for 4 to 26 weeks"),
        ({"weeks": 27}, "built for 4 to 26 weeks"),
        ({"first": date(2026, 11, 21)}, "tomorrow at the earliest"),
        ({"first": date(2028, 2, 1)}, "thirteen months ahead at the latest"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(world: World, more: dict[str, Any], words: str) -> None:
    drafted.ready(world)
    with pytest.raises(CannotAsk, match=words):
        drafted.ask(world, **more)


def test_without_a_pattern_or_anybody_who_can_be_paged_it_is_said(world: World) -> None:
    with pytest.raises(CannotAsk, match="Walton has no pattern yet"):
        drafted.ask(world)
    drafted.ready(world)
    for who in ("ben", "cleo", "sam"):
        world.people[who].phone_verified_at = None
        world.people[who].save()
    with pytest.raises(CannotAsk, match=r"Nobody could be on at Walton\. .*Ben Hale has not shown yet"):
        drafted.ask(world)


def test_without_the_solver_it_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    drafted.ready(world)
    monkeypatch.setattr(process, "installed", lambda: False)
    with pytest.raises(CannotAsk, match="The rota solver is not installed here"):
        drafted.ask(world)


def test_somebody_in_training_is_considered_only_where_somebody_answers_for_them(world: World) -> None:
    drafted.ready(world)
    walton, lea = world.sites["RET20"], world.people["lea"]
    alone = drafted.ask(world)
    assert [words.split(" works")[0] for words in alone.left_out] == ["Dev Rao", "Ivy Lowe"]
    drafts.discard(alone, by=lea, at=world.now)
    for duty in ("second", "supervisor"):
        again = Again(duty, drafted.NIGHTS.weekdays, time(20), time(8))
        rota_edits.keep_pattern(walton, again, by=lea, at=world.now)
    figures = drafted.FEW | {"night_frequency": 1, "weekly_hours": 100}
    rota_edits.change_figures(walton.network, figures, by=lea, at=world.now, note="All of us.")
    draft = drafted.search(world, drafted.ask(world))
    assert (draft.left_out, draft.state) == ([], DraftState.FOUND)
    assert [b.words for b in draft_changes.judged(draft)] == []
    dev, ivy = (world.people[who].pk for who in ("dev", "ivy"))
    held = {line.now for line in draft_changes.lines(draft)}
    assert {dev, ivy} <= held


def test_a_phase_that_ends_and_a_duty_elsewhere_are_known(world: World) -> None:
    drafted.ready(world)
    Authorisation.objects.filter(person=world.people["cleo"], hub=world.sites["RET20"]).update(
        expires_on=FIRST + 13 * DAY
    )
    phases.authorise(
        world.people["ben"],
        world.sites["RM301"],
        specialty=Specialty.INR,
        phase=Phase.INDEPENDENT,
        at=world.now,
    )
    rota.put(world.sites["RM301"], Duty.FIRST, world.people["ben"], **night(2))
    draft = drafted.search(world, drafted.ask(world, weeks=4))
    who = {line.slot.start: line.now for line in draft_changes.lines(draft)}
    assert who[evening(2)] != world.people["ben"].pk
    assert world.people["cleo"].pk not in {who[evening(n)] for n in range(14, 28)}


def test_a_wish_is_kept_where_it_can_be(world: World) -> None:
    drafted.ready(world)
    for number in range(5, 15):
        wishes.enter(world.people["ben"], FIRST + number * DAY, wanted=False, at=world.now)
    wishes.enter(world.people["ben"], FIRST + 20 * DAY, wanted=True, at=world.now)
    draft = drafted.search(world, drafted.ask(world))
    ben = world.people["ben"].pk
    his = {(line.slot.day - FIRST).days for line in draft_changes.lines(draft) if line.now == ben}
    assert not his & set(range(5, 15))
    assert 20 in his


def test_wishes_are_for_days_ahead_one_each_and_not_too_many(world: World) -> None:
    ben = world.people["ben"]
    wishes.enter(ben, FIRST, wanted=True, at=world.now)
    wishes.enter(ben, FIRST, wanted=False, at=world.now)
    assert [(w.day, w.wanted) for w in wishes.of(ben, at=world.now)] == [(FIRST, False)]
    with pytest.raises(NotOnTheRota, match="from tomorrow"):
        wishes.enter(ben, world.now.date(), wanted=True, at=world.now)
    Wish.objects.bulk_create(
        Wish(person=ben, day=FIRST + n * DAY, wanted=True) for n in range(1, wishes.MOST)
    )
    with pytest.raises(NotOnTheRota, match="60 wishes already"):
        wishes.enter(ben, FIRST + 99 * DAY, wanted=True, at=world.now)
    assert not wishes.take_back(world.people["cleo"], wishes.of(ben, at=world.now)[0].pk)
    assert wishes.take_back(ben, wishes.of(ben, at=world.now)[0].pk)


def test_one_search_at_a_time_in_a_hub_and_a_lost_one_is_no_obstacle(world: World) -> None:
    drafted.ready(world)
    first = drafted.ask(world)
    with pytest.raises(CannotAsk, match="A search for Walton is under way"):
        drafted.ask(world)
    assert not drafts.is_lost(first, at=world.wind(seconds=30))
    assert drafts.begin(first.pk, at=world.now)
    first.refresh_from_db()
    assert drafts.is_lost(first, at=world.wind(seconds=21))
    drafted.ask(world)
    first.refresh_from_db()
    assert (first.state, first.trouble) == (DraftState.FAILED, drafts.LOST)
    assert not drafts.heard(first.pk, at=world.now), "whoever still searches hears that nobody waits"


def test_the_search_runs_in_a_process_and_gives_signs_of_life(world: World) -> None:
    drafted.ready(world)
    draft = drafted.ask(world)
    searching.run(draft.pk, lambda: world.wind(seconds=1))
    draft.refresh_from_db()
    assert (draft.state, draft.trouble) == (DraftState.FOUND, "")
    assert draft.seen_at and draft.seen_at > draft.asked_at
    searching.run(draft.pk, lambda: world.now)
    draft.refresh_from_db()
    assert draft.state == DraftState.FOUND, "done once"


def test_a_solver_that_is_killed_is_said_and_can_be_asked_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dying(process.Running):
        def __enter__(self) -> "Dying":
            os.kill(self.pid, signal.SIGKILL)
            return self

    drafted.ready(world)
    draft = drafted.ask(world)
    with monkeypatch.context() as patch:
        patch.setattr(process, "Running", Dying)
        searching.run(draft.pk, lambda: world.now)
    draft.refresh_from_db()
    assert draft.state == DraftState.FAILED
    assert "ended without an answer (code -9)" in draft.trouble
    newer = drafted.search(world, drafts.again(draft, by=world.people["lea"], at=world.now))
    assert newer.state == DraftState.FOUND


def test_a_search_that_is_discarded_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    drafted.ready(world)
    draft = drafted.ask(world)
    monkeypatch.setattr(searching, "PULSE", 0.05)

    def gives_up() -> datetime:
        RotaDraft.objects.filter(pk=draft.pk, state=DraftState.SEARCHING).update(state=DraftState.DISCARDED)
        return world.now

    searching.run(draft.pk, gives_up)
    draft.refresh_from_db()
    assert (draft.state, draft.answer) == (DraftState.DISCARDED, None)
