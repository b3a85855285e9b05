"""The life of a complaint: what may be done with it, by whom, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import get_args

import pytest

from conversations import case, timing
from conversations.case import Actor
from conversations.complaint import ENDED, HELD, LIFE, SIDES, Act, Complaint, Level, Mark, Side, Status
from conversations.effects import FileComplaint
from conversations.people import ANYONE, Role, Standing
from tests.conversations.cases import BOOK, BUDI, MEIDY, MONDAY, NUMBER, RATNA, SITI, done, filed, line, wib

OFFICER, OFFICIAL, ADMIN, LEADER = (Standing(frozenset({role})) for role in Role)
TUESDAY = wib("2026-11-24 09.00")


def one(status: Status, level: Level = Level.OFFICER) -> Complaint:
    """A complaint that somehow came to stand there."""
    holder = None if status is Status.NEW else 3
    return replace(filed(category="service"), status=status, level=level, holder=holder)


# ----------------------------------------------------------------------------------------------------------- the table


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("level", Level)
def test_whatever_is_not_in_the_table_is_refused(status: Status, level: Level) -> None:
    complaint = one(status, level)
    for act, side in product(Act, get_args(Side)):
        cell = f"{act} by {side}"
        after = case.step(complaint, act, Actor(side, 9, "Ani"), TUESDAY, BOOK, category="suggestion")
        assert (after is not None) == case.may(complaint, side, act), cell
        if (status, act) not in LIFE or side not in SIDES[act]:
            assert after is None, cell
        elif after is not None:
            assert after.status is LIFE[status, act], cell
            assert after.version == complaint.version + 1, cell
            assert (after.next_at is None) == (after.status in ENDED), cell


def test_every_status_can_be_reached_and_left_or_is_an_end() -> None:
    reached, frontier = set[Status](), {Status.NEW, Status.ESCALATED}
    while frontier:
        reached |= frontier
        frontier = {target for (status, _), target in LIFE.items() if status in frontier} - reached
    assert reached == set(Status)
    for status in set(Status) - ENDED:
        assert {target for (source, _), target in LIFE.items() if source is status} & ENDED
    assert {act for _, act in LIFE} == set(Act) == set(SIDES)


@pytest.mark.parametrize("status", Status)
def test_each_side_acts_at_its_own_level(status: Status) -> None:
    for act in Act:
        assert not case.may(one(status, Level.OFFICIAL), "officer", act)
        assert not case.may(one(status, Level.OFFICER), "official", act)
    assert not case.may(one(status, Level.OFFICIAL), "clock", Act.OVERDUE)


# -------------------------------------------------------------------------------------------------------------- filing


def test_a_complaint_begins_with_the_officers() -> None:
    complaint = filed()
    assert (complaint.status, complaint.level, complaint.holder) == (Status.NEW, Level.OFFICER, None)
    assert complaint.due_at == BOOK.calendar.due(MONDAY, 14)
    assert (complaint.person, complaint.name, complaint.unit) == ("chat of Siti", "Siti", "Bappeda")


def test_a_confidential_one_begins_with_the_official_and_never_leaves_there() -> None:
    complaint = filed(confidential=True)
    assert (complaint.status, complaint.level) == (Status.ESCALATED, Level.OFFICIAL)
    for act in Act:
        assert not case.may(complaint, "officer", act)
    taken = done(complaint, Act.TAKE, MEIDY, TUESDAY)
    for stands in (complaint, taken):
        assert not case.may(stands, "official", Act.DIRECT)
        assert not case.may(stands, "official", Act.RETURN)


def test_a_category_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no category 'nothing'"):
        case.file(FileComplaint("nothing", "text"), NUMBER, MONDAY, BOOK, person=None)


# -------------------------------------------------------------------------------------------------------------- taking


def test_a_second_officer_cannot_take_it_and_the_complaint_says_who_has_it() -> None:
    taken = done(filed(), Act.TAKE, BUDI, TUESDAY)
    assert case.step(taken, Act.TAKE, RATNA, TUESDAY, BOOK) is None
    assert (taken.holder, taken.holder_name) == (3, "Budi")


@pytest.mark.parametrize("act", [Act.ANSWER, Act.ASK])
def test_who_answers_or_asks_has_taken_it_by_that(act: Act) -> None:
    for complaint in (filed(), done(filed(), Act.TAKE, BUDI, TUESDAY)):
        after = done(complaint, act, RATNA, TUESDAY)
        assert (after.holder, after.holder_name) == (4, "Ratna")


def test_notes_and_moves_do_not_take_it() -> None:
    assert done(filed(), Act.NOTE, BUDI, TUESDAY).holder is None
    assert done(filed(), Act.MOVE, BUDI, TUESDAY, "misconduct").holder is None


# -------------------------------------------------------------------------------------------- escalation and back again


def test_directions_bring_it_back_to_the_officer_who_had_it() -> None:
    up = done(done(filed(), Act.TAKE, BUDI, TUESDAY), Act.ESCALATE, BUDI, TUESDAY)
    assert (up.status, up.level, up.holder) == (Status.ESCALATED, Level.OFFICIAL, 3)
    back = done(up, Act.DIRECT, MEIDY, TUESDAY)
    assert (back.status, back.level, back.holder) == (Status.TAKEN, Level.OFFICER, 3)


def test_who_escalates_without_having_taken_it_gets_it_back() -> None:
    assert done(done(filed(), Act.ESCALATE, RATNA, TUESDAY), Act.RETURN, MEIDY, TUESDAY).holder == 4


def test_what_nobody_had_comes_back_as_new() -> None:
    complaint = filed()
    up = case.step(complaint, Act.OVERDUE, case.CLOCK, complaint.due_at, BOOK)
    assert up is not None
    for act in (Act.DIRECT, Act.RETURN):
        assert done(up, act, MEIDY, TUESDAY).status is Status.NEW


def test_what_the_official_had_taken_comes_back_to_all_officers() -> None:
    up = done(done(filed(), Act.ESCALATE, BUDI, TUESDAY), Act.TAKE, MEIDY, TUESDAY)
    assert (up.status, up.level, up.holder) == (Status.TAKEN, Level.OFFICIAL, 7)
    back = done(up, Act.RETURN, MEIDY, TUESDAY)
    assert (back.status, back.level, back.holder, back.holder_name) == (Status.NEW, Level.OFFICER, None, "")


def test_what_comes_back_late_has_a_working_day_and_does_not_bounce() -> None:
    late = filed(category="help")
    up = case.step(late, Act.OVERDUE, case.CLOCK, late.due_at, BOOK)
    assert up is not None
    at = wib("2026-11-30 10.00")
    assert done(up, Act.DIRECT, MEIDY, at).due_at == BOOK.calendar.due(at, 1)


# ------------------------------------------------------------------------------------------------------ the end, or not


def test_answered_is_what_staff_say_and_solved_what_the_employee_says() -> None:
    answered = done(filed(), Act.ANSWER, BUDI, TUESDAY)
    assert answered.status is Status.ANSWERED
    assert done(answered, Act.CONFIRM, SITI, TUESDAY).status is Status.SOLVED
    denied = done(answered, Act.DENY, SITI, TUESDAY)
    assert (denied.status, denied.holder) == (Status.REOPENED, 3)
    assert done(denied, Act.TAKE, RATNA, TUESDAY).holder == 4


def test_a_complaint_is_reopened_for_ten_working_days() -> None:
    solved = done(done(filed(), Act.ANSWER, BUDI, MONDAY), Act.CONFIRM, SITI, MONDAY)
    last = timing.reopens_until(solved, BOOK)
    assert last == wib("2026-12-07 16.00")
    again = done(solved, Act.REOPEN, SITI, last)
    assert (again.status, again.number, again.due_at) == (Status.REOPENED, NUMBER, BOOK.calendar.due(last, 14))
    assert case.step(solved, Act.REOPEN, SITI, last.replace(minute=1), BOOK) is None


def test_what_was_withdrawn_stays_withdrawn() -> None:
    withdrawn = done(filed(), Act.WITHDRAW, SITI, TUESDAY)
    assert [act for act in Act if case.may(withdrawn, "employee", act)] == []
    assert withdrawn.next_at is None


def test_it_moves_to_another_category_that_exists_and_is_never_due_sooner() -> None:
    complaint = filed(category="suggestion")
    assert case.step(complaint, Act.MOVE, BUDI, TUESDAY, BOOK, category="suggestion") is None
    assert case.step(complaint, Act.MOVE, BUDI, TUESDAY, BOOK, category="nothing") is None
    assert done(complaint, Act.MOVE, BUDI, TUESDAY, "misconduct").due_at == BOOK.calendar.due(MONDAY, 60)
    assert done(complaint, Act.MOVE, BUDI, TUESDAY, "help").due_at == complaint.due_at


@pytest.mark.parametrize("act", [Act.REPLY, Act.ADD])
def test_whoever_writes_after_the_answer_is_never_closed_as_silent(act: Act) -> None:
    answered = done(filed(), Act.ANSWER, BUDI, MONDAY)
    wrote = done(replace(answered, nudges=2), act, SITI, TUESDAY)
    assert (wrote.status, wrote.since, wrote.nudges) == (Status.REOPENED, TUESDAY, 0)
    denied = done(answered, Act.DENY, SITI, TUESDAY)
    assert (wrote.holder, wrote.stopped_at, wrote.due_at) == (answered.holder, None, denied.due_at)
    assert case.step(wrote, Act.SILENCE, case.CLOCK, TUESDAY, BOOK) is None
    assert done(wrote, Act.CONFIRM, SITI, TUESDAY).status is Status.SOLVED, "it was only a word of thanks"


def test_words_after_words_do_not_put_off_what_is_open_again() -> None:
    answered = done(filed(), Act.ANSWER, BUDI, MONDAY)
    wrote = done(answered, Act.ADD, SITI, TUESDAY)
    more = done(wrote, Act.ADD, SITI, wib("2026-11-25 09.00"))
    assert (more.status, more.since, more.due_at) == (Status.REOPENED, TUESDAY, wrote.due_at)


# ------------------------------------------------------------------------------------------------------------- who may


@pytest.mark.parametrize(
    ("complaint", "officer", "official"),
    [
        (filed(), True, False),
        (filed(confidential=True), False, True),
        (done(filed(), Act.ESCALATE, BUDI, TUESDAY), False, True),
    ],
    ids=["new", "confidential", "escalated"],
)
def test_who_sees_it(complaint: Complaint, officer: bool, official: bool) -> None:  # noqa: FBT001 - parameters
    assert case.may_see(complaint, OFFICER, mine=False) == officer
    assert case.may_see(complaint, OFFICIAL, mine=False) == official
    assert case.may_see(complaint, ADMIN, mine=False)
    assert not case.may_see(complaint, LEADER, mine=False)
    assert not case.may_see(complaint, ANYONE, mine=False)
    assert case.may_see(complaint, ANYONE, mine=True)


def test_what_is_confidential_is_read_by_officials_alone() -> None:
    secret, admin_and_officer = filed(confidential=True), Standing(frozenset({Role.ADMIN, Role.OFFICER}))
    assert case.reads_all(secret, OFFICIAL, mine=False)
    assert case.may_see(secret, admin_and_officer, mine=False)
    assert not case.reads_all(secret, admin_and_officer, mine=False)
    assert case.reads_all(filed(), ADMIN, mine=False)
    assert not case.reads_all(filed(), OFFICER, mine=True)


def test_administrators_read_and_do_nothing() -> None:
    assert [act for act in Act if case.acting(filed(), ADMIN, act, mine=False)] == []


def test_somebody_with_two_parts_acts_in_that_which_fits() -> None:
    both = Standing(frozenset({Role.OFFICER, Role.OFFICIAL}))
    up = done(filed(), Act.ESCALATE, BUDI, TUESDAY)
    assert case.acting(filed(), both, Act.TAKE, mine=False) == "officer"
    assert case.acting(up, both, Act.TAKE, mine=False) == "official"
    assert case.acting(up, both, Act.WITHDRAW, mine=False) is None


def test_whoever_filed_it_is_its_employee_and_nothing_else() -> None:
    both = Standing(frozenset({Role.OFFICER, Role.OFFICIAL, Role.ADMIN}))
    for complaint in (filed(), done(filed(), Act.ESCALATE, BUDI, TUESDAY)):
        for act in Act:
            assert case.acting(complaint, both, act, mine=True) in {None, "employee"}
        assert case.acting(complaint, both, Act.WITHDRAW, mine=True) == "employee"
        assert not case.reads_all(complaint, both, mine=True)


# ------------------------------------------------------------------------------------------------------------- history


def test_the_employee_reads_no_internal_line_no_name_and_no_reason_meant_for_staff() -> None:
    history = tuple(line(what) for what in (*Act, *Mark))
    shown = case.for_employee(history)
    internal = {"note", "direct", "return", "untaken", "half", "packet", "prompted"}
    internal |= {"staff_mailed", "staff_lost", "staff_mail_lost", "vacant", "handed", "released"}
    internal |= {"mail_answer", "automatic", "withheld", "unread", "delayed", "bounced"}
    assert {each.act for each in history} - {each.act for each in shown} == internal
    assert not any(each.actor for each in shown)
    assert {each.act for each in shown if each.text}.isdisjoint({"escalate", "overdue", "move", "take"})
    assert {"ask", "answer", "reply"} <= {each.act for each in shown if each.text}


def test_it_is_the_employee_s_turn_or_the_clock_runs() -> None:
    for status in set(Status) - ENDED:
        after = replace(filed(), status=status)
        assert (status in HELD) == case.may(after, "clock", Act.SILENCE)
