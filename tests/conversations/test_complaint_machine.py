"""An employee, two officers, the official and the clock do whatever they like, in any order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from conversations import case, timing
from conversations.case import CLOCK, Actor, Channel
from conversations.complaint import ENDED, HELD, Act, Complaint, Happening, Level, Mark, Status
from conversations.facts import Book
from conversations.notices import notices
from conversations.people import Colleague, Role
from conversations.service import ClosedDays
from conversations.text import Text, Words
from tests.conversations.cases import BOOK, BUDI, MEIDY, NUMBER, RATNA, SERVICE, SITI, filed

CATEGORIES = st.sampled_from([each.id for each in SERVICE.complaint_categories])
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(SERVICE.zone.tz))  # noqa: DTZ001 - Hypothesis adds the zone itself
A_WHILE = st.timedeltas(timedelta(), timedelta(days=20))
STAFF = {BUDI.member: Role.OFFICER, RATNA.member: Role.OFFICER, MEIDY.member: Role.OFFICIAL}
ACTS = st.sampled_from(Act)

MOST_NUDGES = {Status.NEW: 2, Status.TAKEN: 1, Status.REOPENED: 2, Status.WAITING: 2, Status.ANSWERED: 2}
"""At the level of the officers and of the employee; the official is reminded as often as it takes."""


class Life(RuleBasedStateMachine):
    complaint: Complaint
    at: datetime

    def __init__(self) -> None:
        super().__init__()
        self.book = BOOK
        self.outage = False
        self.packets: set[date] = set()

    @initialize(at=MOMENTS, category=CATEGORIES, confidential=st.booleans())
    def files(self, at: datetime, category: str, confidential: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
        self.at, self.complaint = at, filed(at, category, confidential=confidential)
        self._told(None, self.complaint, case.filed(self.complaint, SITI))

    # Who does something

    @rule(act=ACTS, category=CATEGORIES)
    def employee(self, act: Act, category: str) -> None:
        self._acts(SITI, act, category)

    @rule(act=ACTS, category=CATEGORIES, who=st.sampled_from([BUDI, RATNA]))
    def officer(self, act: Act, category: str, who: Actor) -> None:
        self._acts(who, act, category)

    @rule(act=ACTS, category=CATEGORIES)
    def official(self, act: Act, category: str) -> None:
        self._acts(MEIDY, act, category)

    @rule(some=A_WHILE)
    def clock(self, some: timedelta) -> None:
        """The time goes on, and whatever wants to ring rings at its moment."""
        until = self.at + some
        while self.complaint.next_at is not None and self.complaint.next_at <= until:
            self._ring(max(self.at, self.complaint.next_at))
        self.at = until

    @rule(some=A_WHILE)
    def pause(self, some: timedelta) -> None:
        """The program sleeps, and whatever should have rung rings when it wakes."""
        self.at += some
        while self.complaint.next_at is not None and self.complaint.next_at <= self.at:
            self._ring(self.at)

    @rule()
    def outage_begins_or_ends(self) -> None:
        self.outage = not self.outage
        change = case.stopped if self.outage else case.resumed
        self._becomes(change(self.complaint, self.at, self.book))

    @precondition(lambda self: self.book is BOOK)  # a book is slow to make
    @rule(ahead=st.integers(0, 20))
    def a_day_is_closed(self, ahead: int) -> None:
        first = self.book.calendar.today(self.at) + timedelta(days=ahead)
        closed = ClosedDays(first=first, last=first + timedelta(days=2), reason=Words("banjir", "flood"))
        self.book = Book.of(SERVICE.model_copy(update={"closed_days": (closed,)}))
        self._becomes(case.recomputed(self.complaint, self.at, self.book))

    @rule(
        member=st.sampled_from([None, "Budi", "Meidy"]),
        channel=st.sampled_from(["telegram", "mail"]),
        mails=st.booleans(),
    )
    def a_message_does_not_arrive(self, member: str | None, channel: Channel, mails: bool) -> None:  # noqa: FBT001 - as above
        before = self.complaint
        rung = case.undelivered(before, "words", channel, self.at, member=member, by_mail=mails)
        assert replace(rung.complaint, version=before.version) == before
        self._becomes(rung.complaint)
        self._told(before, rung.complaint, rung.happening)

    @rule(alone=st.booleans())
    def who_has_it_leaves(self, alone: bool) -> None:  # noqa: FBT001 - as above
        """The role of who has it ends; somebody else, who can do the same, comes under the same number."""
        before = self.complaint
        gone = before.holder is not None
        rung = case.released(before, self.at, self.book, gone=gone, alone=alone)
        if rung is None:
            waits = before.status not in ENDED | HELD
            assert not (gone and before.status not in ENDED)
            assert not (waits and alone and before.level is Level.OFFICER)
            return
        assert (rung.complaint.version, rung.complaint.due_at) == (before.version + 1, before.due_at)
        assert rung.complaint.holder is None
        self._becomes(rung.complaint)
        tells = notices(before, rung.complaint, rung.happening, self.book)
        assert tells or before.status in {Status.ESCALATED, *HELD}, "it waits for somebody, and nobody is told"

    # What comes of it

    def _acts(self, actor: Actor, act: Act, category: str) -> None:
        before = self.complaint
        after = case.step(before, act, actor, self.at, self.book, category=category, outage=self.outage)
        if after is not None:
            assert after.version == before.version + 1
            self._becomes(after)
            self._told(before, after, case.happening(act, actor, self.at, "telegram", "words"))

    def _ring(self, at: datetime) -> None:
        before = self.complaint
        if (ring := case.ring(before, at, self.book)) is None:
            self._becomes(replace(before, next_at=timing.next_alarm(before, self.book, at)))
            assert self.complaint.next_at is None or self.complaint.next_at > at
            return
        assert self.book.may_disturb(at, before.due_at)
        assert ring.complaint.version == before.version + 1
        if ring.happening.act == Mark.PACKET:
            day = self.book.calendar.today(at)
            assert day not in self.packets, "the same packet twice on one day"
            self.packets.add(day)
        self._becomes(ring.complaint)
        self._told(before, ring.complaint, ring.happening)

    def _becomes(self, after: Complaint) -> None:
        assert after.due_at >= self.complaint.due_at, "due moved earlier"
        if after.status is not self.complaint.status:
            self.packets = set()
        self.complaint = after

    def _told(self, before: Complaint | None, after: Complaint, happening: Happening) -> None:
        tells = notices(before, after, happening, self.book)
        for tell in tells:
            assert NUMBER in shown(tell.parts[0])
            match tell.to:
                case Role() as role:
                    reader = role
                case Colleague(member):
                    reader = STAFF[member]
                case person:
                    assert person == after.person
                    assert not happening.internal
                    continue
            assert not (after.confidential and reader is Role.OFFICER)
            assert reader is not Role.LEADER or after.text not in "".join(map(shown, tell.parts))
        by_another_way = happening.act == Mark.STAFF_MAILED  # they read it there, and nobody has to do anything
        if (happening.side == CLOCK.side and not by_another_way) or happening.act in _SPEAKING:
            assert tells, f"{happening.act} reaches nobody"

    # What is always true

    @invariant()
    def none_is_forgotten(self) -> None:
        if not hasattr(self, "complaint"):
            return
        ended = self.complaint.status in ENDED
        assert (self.complaint.next_at is None) == (timing.next_alarm(self.complaint, self.book) is None) == ended

    @invariant()
    def it_stands_where_it_can(self) -> None:
        if not hasattr(self, "complaint"):
            return
        one = self.complaint
        assert one.status is not Status.ESCALATED or one.level is Level.OFFICIAL
        assert not one.confidential or one.level is Level.OFFICIAL
        assert one.holder is not None or one.status is not Status.TAKEN
        if one.holder is not None and one.status in {Status.TAKEN, Status.WAITING, Status.ANSWERED}:
            assert STAFF[one.holder].value == one.level.value
        assert one.status not in HELD or one.stopped_at is not None
        assert self.outage or one.stopped_at is None or one.status in HELD | ENDED

    @invariant()
    def nobody_is_nagged(self) -> None:
        if hasattr(self, "complaint") and (self.complaint.level is Level.OFFICER or self.complaint.status in HELD):
            assert self.complaint.nudges <= MOST_NUDGES.get(self.complaint.status, 2)

    @invariant()
    def it_is_due_within_the_hours_of_service(self) -> None:
        if hasattr(self, "complaint") and self.book is BOOK:
            assert BOOK.calendar.is_open(self.complaint.due_at - timedelta(microseconds=1))
            assert self.complaint.due_at > self.complaint.filed_at


_SPEAKING = {Act.ANSWER, Act.ASK, Act.REPLY, Act.ADD, Act.ESCALATE, Act.DIRECT, Act.RETURN, Act.DENY, Act.REOPEN}
"""Whatever these say must reach the other side."""


def shown(part: Text | Words) -> str:
    return " ".join(map(str, part.values.values())) if isinstance(part, Text) else part.id


TestLife = Life.TestCase
TestLife.settings = settings(deadline=None, max_examples=40, stateful_step_count=40)
