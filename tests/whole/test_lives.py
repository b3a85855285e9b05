"""Complaints live through whatever people, the clock, Telegram, the mail and kill -9 do to them, in any order.

Everything is real but the network: the turn, the bell, the relay, the storage. After each step no complaint may be
without somebody who has it and without a moment at which the clock looks at it again, and what is stored must tell one
story. At the end of a life everything is let go out, and then each side must have heard what the other wrote to it.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from conversations import case
from conversations.complaint import CAME_BY_MAIL, ENDED, HELD, Act, Complaint, Happening, Level, Mark, Side, Status
from conversations.complaint_cards import OWN_VERBS, STAFF_VERBS
from tests.chat import WIB
from tests.databases import Kind, empty
from tests.shipped import SERVICE
from tests.whole.conftest import Figure
from tests.whole.mortal import Point
from tests.whole.phones import Trouble, matters
from tests.whole.stories import agree, as_said, hearers, numbered, said
from tests.whole.town import (
    ADDRESSES,
    ADMIN,
    BUDI,
    DEWI,
    EMPLOYEES,
    LEADER,
    OFFICERS,
    OFFICIAL,
    SITI,
    STAFF,
    TONO,
    Town,
)

CATEGORIES = [each.id for each in SERVICE.complaint_categories]
LABELS = [each.label.id for each in SERVICE.complaint_categories]
STARTS = st.datetimes(datetime(2026, 11, 20), datetime(2026, 12, 31), timezones=st.just(WIB))  # noqa: DTZ001 - Hypothesis adds the zone itself
ANY = st.integers(0, 11)  # which of several; drawn alike however many there are, so that each run draws the same
POINTS: tuple[Point, ...] = ("commit", "committed", "send", "sent")
TROUBLES: tuple[Trouble, ...] = ("not reached", "answer lost", "request lost", "too many")
ASLEEP = st.sampled_from([timedelta(), timedelta(), timedelta(hours=5), timedelta(days=3)])
A_WHILE = st.sampled_from(
    [*(timedelta(minutes=m) for m in (1, 20)), *(timedelta(hours=h) for h in (1, 3, 9)), *map(timedelta, (1, 2, 4, 9))]
)
VERBS = {**STAFF_VERBS, "ambil": Act.TAKE, "pindah": Act.MOVE}
MY_VERBS = {**OWN_VERBS, "selesai": Act.CONFIRM, "tarik ya": Act.WITHDRAW}
SPOKEN = {*STAFF_VERBS.values(), *OWN_VERBS.values()}
COMMANDS: dict[int, tuple[str, dict[str, Act], Side]] = {
    OFFICIAL: ("/tiket", VERBS, "official"),
    **dict.fromkeys(OFFICERS, ("/tiket", VERBS, "officer")),
    **dict.fromkeys(EMPLOYEES, ("/aduan", MY_VERBS, "employee")),
}
"""What who may do, those first whose turn comes seldom."""
ACTS = st.lists(st.tuples(ANY, ANY, st.sampled_from([True, True, True, False])), min_size=2, max_size=6)
NEVER = {*CAME_BY_MAIL, Mark.VACANT, Mark.HANDED}
"""What cannot happen in this town: it has no mailbox (see test_mailbox), and its official stays (see test_vacant)."""
SELDOM = {Mark.MAILED, Mark.LOST, Mark.MAIL_LOST, Mark.STAFF_MAILED, Mark.STAFF_LOST, Mark.STAFF_MAIL_LOST}
"""What takes ten lost answers to one message in a row. Here nothing is on its way to an employee who blocks the bot, so
each message after that goes by mail at once; no staff block it, and no mail is refused (see test_undelivered)."""
LONGEST_SILENCE = timedelta(days=31)
"""Ten working days, with all the holidays at the end of a year."""


@dataclass
class Tally:
    """What all lives together have seen."""

    lives: int = 0
    acts: int = 0
    crashes: int = 0
    overtaken: int = 0
    done: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        two = f", {self.overtaken} times overtaken by another process" if self.overtaken else ""
        return (
            f"Complaints: {self.lives} lives, {self.acts} acts, {self.done.total()} lines of history, {self.crashes} "
            f"crashes{two}; without holder or alarm 0, gaps in numbers 0, lost 0, out of order 0"
        )


class Lives(RuleBasedStateMachine):
    def __init__(self, url: str, tally: Tally) -> None:
        super().__init__()
        self.url, self.tally = url, tally
        self.runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self.known: dict[str, tuple[Complaint, tuple[Happening, ...]]] = {}
        self.tried = Counter[Act]()
        self.town: Town

    @initialize(at=STARTS, by_mail=st.booleans())
    def begins(self, at: datetime, by_mail: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
        self.town = Town(self.url, at.astimezone(UTC), by_mail=by_mail)
        self._do(empty(self.url))
        self._do(self.town.opens())
        self._do(self.town.says(SITI, *self._filing(SITI, 0, secretly=False)))

    def _do(self, work: Coroutine[Any, Any, object]) -> None:
        self.runner.run(work)

    # Who does something

    @rule(acts=ACTS)
    def they_act(self, acts: list[tuple[int, int, bool]]) -> None:
        """Each somewhere, with a command and the words that it asks for."""
        for which, how, sensible in acts:
            self._acts([one for one, _ in self.known.values()], which, how, sensible=sensible)

    @rule(which=ANY, acts=ACTS)
    def one_is_dealt_with(self, which: int, acts: list[tuple[int, int, bool]]) -> None:
        """Several things happen to the same complaint, one of the latest."""
        number = self._lately(which)
        for also, how, sensible in acts:
            self._acts([self.known[number][0]], also, how, sensible=sensible)

    @rule(which=ANY, acts=ACTS)
    def one_is_dealt_with_for_long(self, which: int, acts: list[tuple[int, int, bool]]) -> None:
        """The same with pauses: more rules of a kind make Hypothesis choose it more often."""
        number = self._lately(which)
        for also, how, sensible in acts:
            self._acts([self.known[number][0]], also, how, sensible=sensible)
            self.time_passes(timedelta(minutes=90))

    @rule(which=ANY, times=st.integers(2, 4), staff=st.booleans())
    def somebody_has_much_to_say(self, which: int, times: int, staff: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
        """Several messages come at once, which leave at once as well."""
        one = self.known[self._lately(which)][0]
        chat, text = int((one.person or "").removeprefix("telegram:")), f"/aduan {one.number} tambah"
        if staff and not (one.level is Level.OFFICIAL and self.town.by_mail):
            chat, text = (BUDI if one.level is Level.OFFICER else OFFICIAL), f"/tiket {one.number} jawab"
        self._do(self.town.says(chat, *(each for _ in range(times) for each in (text, self.town.writes(chat)))))

    @rule(who=ANY, category=ANY, secretly=st.sampled_from([False, False, True]))
    def files(self, who: int, category: int, secretly: bool) -> None:  # noqa: FBT001 - as above
        chat = _one(EMPLOYEES, who)
        self._do(self.town.says(chat, *self._filing(chat, category, secretly=secretly)))

    @rule(who=ANY)
    def blocks_or_unblocks(self, who: int) -> None:
        self._do(self.town.everything_has_left())  # what is on its way to somebody who blocks the bot is not heard
        self._do(self.town.blocks(_one(EMPLOYEES, who)))

    @rule()
    def outage_begins_or_ends(self) -> None:
        text = "AMS sedang diperbaiki, mohon dicoba lagi besok"
        lasts = bool(self.runner.run(self.town.outage()))
        ends_or_begins = ("/gangguan selesai",) if lasts else ("/gangguan", text, "Ya, umumkan")
        self._do(self.town.says(ADMIN, *ends_or_begins))
        assert bool(self.runner.run(self.town.outage())) is not lasts

    @rule(who=ANY, which=ANY, photo=st.booleans())
    def replies(self, who: int, which: int, photo: bool) -> None:  # noqa: FBT001 - as above
        chat = _one((*EMPLOYEES, *STAFF), who)
        if self.known:
            number, text = _one([*self.known], which), self.town.writes(chat)
            self._do(self.town.replies(chat, number, text, photo=photo and chat in EMPLOYEES))

    @rule(who=ANY, place=ANY)
    def presses(self, who: int, place: int) -> None:
        self._do(self.town.presses(_one((*EMPLOYEES, *STAFF), who), place))

    @rule(who=ANY)
    def says(self, who: int) -> None:
        """Whatever is being asked, if something is."""
        chat = _one((*EMPLOYEES, *STAFF), who)
        self._do(self.town.says(chat, self.town.writes(chat)))

    # Time, and what goes wrong

    @rule(some=A_WHILE)
    def time_passes(self, some: timedelta) -> None:
        self._do(self.town.time_passes(self.town.clock.now() + some))

    @rule(trouble=st.sampled_from(TROUBLES), times=st.integers(1, 12))
    def trouble_ahead(self, trouble: Trouble, times: int) -> None:
        self.town.people.troubles.extend([trouble] * times)

    @rule(point=st.sampled_from(POINTS), left=st.integers(0, 6))
    def will_die(self, point: Point, left: int) -> None:
        fate = self.town.process.fate
        fate.point, fate.left = point, left

    @rule(point=st.sampled_from(POINTS), left=st.integers(0, 4), some=A_WHILE)
    def dies_while_it_rings(self, point: Point, left: int, some: timedelta) -> None:
        self.will_die(point, left)
        self.time_passes(some)

    @rule(asleep=ASLEEP, shut=st.sampled_from([False, False, False, True]))
    def falls(self, asleep: timedelta, shut: bool) -> None:  # noqa: FBT001 - as above
        """`shut`: the next process finds days in its service file on which the office is closed."""
        self.town.closed |= shut
        self._do(self.town.falls(asleep))

    @rule(who=ANY, category=ANY)
    def is_overtaken(self, who: int, category: int) -> None:
        chat = _one(EMPLOYEES, who)
        self._do(self.town.is_overtaken(chat, *self._filing(chat, category, secretly=False)))

    # How they do it

    def _filing(self, chat: int, category: int, *, secretly: bool) -> tuple[str, ...]:
        seen_by = "Hanya pejabat pengaduan" if secretly else "Petugas boleh melihat"
        return ("/aduan", _one(LABELS, category), seen_by, self.town.writes(chat), "Ya, kirim")

    def _lately(self, which: int) -> str:
        """The number of one of the latest to which much can happen yet."""
        numbers = [number for number, (one, _) in self.known.items() if one.status is not Status.WITHDRAWN]
        return str(_one((numbers or [*self.known])[-3:], which))

    def _acts(self, those: Sequence[Complaint], which: int, how: int, *, sensible: bool) -> None:
        """Somebody does something to one of those. `sensible`: what is possible as it stands, if there is anything."""
        chances = defaultdict[Act, list[tuple[int, str, Complaint]]](list)
        for one in those:
            for chat, (command, verbs, side) in COMMANDS.items():
                if chat not in EMPLOYEES or one.person == f"telegram:{chat}":
                    for word, act in verbs.items():
                        if not sensible or case.may(one, side, act):
                            chances[act].append((chat, f"{command} {one.number} {word}", one))
        if not chances:
            return
        act = _one(sorted(chances, key=self.tried.__getitem__)[:4], how)  # seldom what was done often
        self.tried[act] += 1
        chat, text, one = _one(chances[act], which)
        if chat == OFFICIAL and self.town.by_mail:
            self._do(self.town.follows(which, self.town.writes(chat)))
        else:
            text += f" {_one(CATEGORIES, which)}" if act is Act.MOVE else ""
            words = [self.town.writes(chat)] if act in SPOKEN else []
            self._do(self.town.says(chat, text, *words))
        self._do(self._look())  # what is possible next

    # What is always true

    @invariant()
    def all_tell_one_story(self) -> None:
        if hasattr(self, "town"):
            self._do(self._look())

    async def _look(self) -> None:
        found, outage = await self.town.complaints(), await self.town.outage()
        assert [one.number for one in found] == numbered(found)
        for one in found:
            self._is_in_somebodys_hands(one)
            assert (one.stopped_at is None) != (bool(outage) or one.status in HELD) or one.status in ENDED
            before, lines = self.known.get(one.number, (None, ()))
            if before is None or one.version != before.version:
                history = await self.town.history(one.number)
                assert history[: len(lines)] == lines, "the history was changed"
                agree(one, history)
                lines = history
            self.known[one.number] = (one, lines)
        self._nobody_saw_what_is_not_for_them()

    def _is_in_somebodys_hands(self, one: Complaint) -> None:
        if one.status in ENDED:
            assert one.next_at is None
            return
        now = self.town.clock.now()
        assert one.next_at is not None
        assert now < one.next_at <= max(one.due_at, now + LONGEST_SILENCE), (
            f"{one.number} rings {one.next_at}, it is {now}"
        )
        if one.status in {Status.TAKEN, Status.WAITING, Status.ANSWERED}:
            assert one.holder_name in {Level.OFFICER: ("Budi", "Ratna"), Level.OFFICIAL: ("Dewi",)}[one.level]
        assert one.level is Level.OFFICIAL or not (one.confidential or one.status is Status.ESCALATED)

    def _nobody_saw_what_is_not_for_them(self) -> None:
        readers = self.town.people.readers
        inner, secret, numbers = set[int](), set[int](), set[str]()
        for one, history in self.known.values():
            inner.update(*(matters(line.text) for line in history if line.internal))
            if one.confidential:
                numbers.add(one.number)
                secret.update(matters(one.text), *(matters(line.text) for line in history))
        employees: tuple[int | str, ...] = (*EMPLOYEES, *ADDRESSES.values())
        for employee in employees:
            assert not readers[employee].seen & inner
        for officer in OFFICERS:
            assert not readers[officer].seen & secret
            assert not readers[officer].numbers & numbers
        assert not readers[LEADER].seen

    # What is true at the end

    def teardown(self) -> None:
        try:
            if hasattr(self, "town"):
                self._do(self._ends())
        finally:
            self.runner.close()

    async def _ends(self) -> None:
        town = self.town
        try:
            await town.is_overtaken(TONO, *self._filing(TONO, 0, secretly=False))
            await town.everything_has_left()
            await self._look()
            assert await town.unseen() == 0, "an update was lost"
            assert town.process.turn.buried == 0
            for one, history in self.known.values():
                assert await town.history(one.number) == history
                lost = self._lost(one, history)
                assert not lost or self._told_of(one) >= len(lost), lost
                assert self._inverted(history) == []
                self.tally.done.update(line.act for line in history)
        finally:
            await town.process.ends()
        self.tally.lives += 1
        self.tally.acts += town.acts
        self.tally.crashes += town.crashes
        self.tally.overtaken += town.overtaken

    def _lost(self, one: Complaint, history: Sequence[Happening]) -> list[tuple[object, Happening]]:
        """What was written to a side and has reached nobody there."""
        readers, refused = self.town.people.readers, self.town.people.refused
        return [
            (what, line)
            for line in (as_said(one), *history)
            for what in said(line)
            if (those := hearers(one, line))
            and what not in refused
            and not any(what in readers[each].heard for each in those)
        ]

    def _told_of(self, one: Complaint) -> int:
        """How often the office read that words about a complaint cannot reach who filed it."""
        those = (m for each in (*STAFF, DEWI) for m in self.town.people.readers[each].messages if one.number in m)
        return sum("tidak sampai" in message and "riwayat pengaduan" in message for message in those)

    def _inverted(self, history: Sequence[Happening]) -> list[tuple[int | str, list[int]]]:
        """Who heard a side's words in another order than they were written in."""
        inverted = []
        for name, reader in self.town.people.readers.items():
            for sides in (("employee",), ("officer", "official")):
                lines = [line for line in history if line.side in sides]
                places = [reader.heard[what] for line in lines for what in said(line) if what in reader.heard]
                if places != sorted(places):
                    inverted.append((name, places))
        return inverted


def _one(those: Sequence[Any], which: int) -> Any:
    return those[which % len(those)]


def _live(url: str, lives: int, acts: int) -> Tally:
    tally = Tally()

    class Here(Lives):
        def __init__(self) -> None:
            super().__init__(url, tally)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=lives,
            stateful_step_count=acts,
            derandomize=True,
            deadline=None,
            phases=(Phase.generate,),  # to shrink a failure takes minutes, and a life is readable as it is
            suppress_health_check=list(HealthCheck),
        ),
    )
    return tally


def test_complaints_live_through_everything(kind: Kind, url: str, figure: Figure) -> None:
    tally = _live(url, 12 if kind == "sqlite" else 3, 40)
    figure(f"{tally} ({kind})")


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_complaints_live_through_everything_for_long(kind: Kind, url: str, figure: Figure) -> None:
    tally = _live(url, 400 if kind == "sqlite" else 60, 60)
    figure(f"{tally} ({kind})")
    if kind == "sqlite":  # where there are enough lives for everything to happen
        assert set(tally.done) >= {*Act, *Mark} - NEVER - SELDOM
        assert not set(tally.done) & NEVER
