"""Who is told what about a complaint."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversations import case, timing
from conversations.case import CLOCK
from conversations.complaint import Act, Attachment, Complaint, Level, Mark, Status
from conversations.complaint_words import UNMANNED
from conversations.effects import Tell
from conversations.flow import MAX_DATA_BYTES
from conversations.notices import handing_over, notices
from conversations.people import Colleague, Role
from conversations.text import Text
from tests.conversations.cases import BOOK, BUDI, MEIDY, MONDAY, NUMBER, RATNA, SITI, done, filed, heads, told, wib

PERSON = "chat of Siti"
TUESDAY = wib("2026-11-24 09.00")
HOLDER = Colleague(3)

NEW = filed()
TAKEN = done(NEW, Act.TAKE, BUDI, TUESDAY)
WAITING = done(TAKEN, Act.ASK, BUDI, TUESDAY)
ANSWERED = done(TAKEN, Act.ANSWER, BUDI, TUESDAY)
UP = done(TAKEN, Act.ESCALATE, BUDI, TUESDAY)
SECRET = filed(confidential=True)


def after(before: Complaint, act: Act, text: str = "words") -> tuple[Tell, ...]:
    """What is told when the one does it whose act it is."""
    side = next(iter({"employee", "officer", "official"} & {*_of(act, before)}))
    actor = {"employee": SITI, "officer": BUDI, "official": MEIDY}[side]
    return told(before, done(before, act, actor, TUESDAY, "suggestion"), act, actor, TUESDAY, text)


def _of(act: Act, before: Complaint) -> list[str]:
    return [side for side in ("employee", "officer", "official") if case.may(before, side, act)]


def values(tell: Tell) -> str:
    """Everything that is put into a message."""
    return " ".join(str(value) for part in tell.parts if isinstance(part, Text) for value in part.values.values())


def verbs(tell: Tell) -> list[str]:
    return [button.data for row in tell.keyboard for button in row]


@pytest.mark.parametrize(
    ("before", "act", "who"),
    [
        (NEW, Act.TAKE, [PERSON]),
        (NEW, Act.ANSWER, [PERSON]),
        (NEW, Act.ASK, [PERSON]),
        (NEW, Act.REPLY, [Role.OFFICER]),
        (TAKEN, Act.REPLY, [HOLDER]),
        (WAITING, Act.REPLY, [HOLDER]),
        (ANSWERED, Act.REPLY, [HOLDER]),
        (UP, Act.REPLY, [Role.OFFICIAL]),
        (SECRET, Act.REPLY, [Role.OFFICIAL]),
        (TAKEN, Act.NOTE, []),
        (TAKEN, Act.MOVE, [PERSON]),
        (TAKEN, Act.ESCALATE, [Role.OFFICIAL, PERSON]),
        (UP, Act.TAKE, [PERSON]),
        (UP, Act.DIRECT, [HOLDER]),
        (UP, Act.RETURN, [HOLDER]),
        (UP, Act.WITHDRAW, [Role.OFFICIAL]),
        (ANSWERED, Act.CONFIRM, [HOLDER]),
        (ANSWERED, Act.DENY, [HOLDER]),
        (NEW, Act.WITHDRAW, [Role.OFFICER]),
        (SECRET, Act.WITHDRAW, [Role.OFFICIAL]),
        (done(ANSWERED, Act.CONFIRM, SITI, TUESDAY), Act.REOPEN, [HOLDER]),
    ],
    ids=lambda value: value.status if isinstance(value, Complaint) else None,
)
def test_who_is_told_after_an_act(before: Complaint, act: Act, who: list[object]) -> None:
    assert [tell.to for tell in after(before, act)] == who


def test_every_message_has_the_number_and_buttons_that_carry_it() -> None:
    for before in (NEW, TAKEN, WAITING, ANSWERED, UP, SECRET):
        for act in Act:
            if not _of(act, before):
                continue
            for tell in after(before, act):
                assert NUMBER in values(tell)
                for data in verbs(tell):
                    assert data.startswith(f"/aduan {NUMBER}" if tell.to == PERSON else f"/tiket {NUMBER}")
                    assert len(data.encode()) <= MAX_DATA_BYTES


def test_an_answer_brings_the_words_and_the_question_whether_it_is_solved() -> None:
    (tell,) = after(TAKEN, Act.ANSWER, "Please log in again.")
    assert "Please log in again." in values(tell)
    assert verbs(tell) == [f"/aduan {NUMBER} selesai", f"/aduan {NUMBER} belum", f"/aduan {NUMBER}"]
    assert "Budi" not in values(tell)


def test_files_without_words_are_announced() -> None:
    line = case.happening(Act.REPLY, SITI, TUESDAY, "telegram", attachments=(Attachment("photo", "f"),) * 2)
    (tell,) = notices(TAKEN, done(TAKEN, Act.REPLY, SITI, TUESDAY), line, BOOK)
    assert tell.parts[1:] == (Text("Attachments: {count}", {"count": 2}),)


def test_who_had_taken_it_learns_that_somebody_else_answered() -> None:
    told_ = told(TAKEN, done(TAKEN, Act.ANSWER, RATNA, TUESDAY), Act.ANSWER, RATNA, TUESDAY, "Done.")
    assert [tell.to for tell in told_] == [PERSON, HOLDER]
    assert "Ratna" in values(told_[1])


def test_the_officer_who_escalated_hears_of_the_answer_but_cannot_open_it_any_more() -> None:
    told_ = told(UP, done(UP, Act.ANSWER, MEIDY, TUESDAY), Act.ANSWER, MEIDY, TUESDAY, "Done.")
    assert told_[1].to == HOLDER
    assert verbs(told_[1]) == []


def test_a_move_says_when_it_is_due_only_if_that_has_changed() -> None:
    for category, parts in (("misconduct", 3), ("suggestion", 1)):
        moved = done(NEW, Act.MOVE, BUDI, TUESDAY, category)
        (tell,) = told(NEW, moved, Act.MOVE, BUDI, TUESDAY)
        assert len(tell.parts) == parts


def test_nobody_is_written_to_after_an_erasure() -> None:
    erased = replace(TAKEN, person=None, name="", unit="", text="")
    assert after(erased, Act.ANSWER) == ()
    assert [tell.to for tell in after(erased, Act.ESCALATE)] == [Role.OFFICIAL]


# ---------------------------------------------------------------------------------------------------------- escalation


def test_the_official_gets_everything_that_is_needed_to_begin() -> None:
    packet = after(TAKEN, Act.ESCALATE, "I cannot see the NIK.")[0]
    for part in ("Siti", "Bappeda", NEW.text, "login > wrong", "I cannot see the NIK.", str(NEW.due_at)):
        assert part in values(packet)
    assert verbs(packet) == [
        *(f"/tiket {NUMBER} {verb}" for verb in ("ambil", "jawab", "arahkan", "kembalikan")),
        f"/tiket {NUMBER}",
    ]


def test_why_it_was_escalated_is_not_for_the_employee() -> None:
    told_ = after(TAKEN, Act.ESCALATE, "I cannot see the NIK.")
    assert "NIK" not in values(told_[1])


def test_what_is_late_is_told_to_all_who_answer_for_it() -> None:
    for before, worker in ((NEW, Role.OFFICER), (TAKEN, HOLDER)):
        up = case.step(before, Act.OVERDUE, CLOCK, before.due_at, BOOK)
        assert up is not None
        told_ = told(before, up, Act.OVERDUE, CLOCK, before.due_at)
        assert [tell.to for tell in told_] == [Role.OFFICIAL, Role.LEADER, worker, PERSON]
        assert NEW.text not in values(told_[1])
        assert "Siti" not in values(told_[1])


def test_a_confidential_one_is_for_the_official_alone_and_cannot_be_handed_back() -> None:
    (packet,) = told(None, SECRET, Mark.FILED, SITI, MONDAY)
    assert packet.to is Role.OFFICIAL
    assert not [data for data in verbs(packet) if data.endswith(("arahkan", "kembalikan"))]
    assert told(None, NEW, Mark.FILED, SITI, MONDAY) == ()  # officers get its card


# ------------------------------------------------------------------------------------------------------------ the clock


@pytest.mark.parametrize(
    ("before", "mark", "who"),
    [
        (NEW, Mark.UNTAKEN, [Role.OFFICER]),
        (NEW, Mark.HALF, [Role.OFFICER]),
        (TAKEN, Mark.HALF, [HOLDER]),
        (UP, Mark.PACKET, [Role.OFFICIAL]),
        (done(UP, Act.TAKE, MEIDY, TUESDAY), Mark.PROMPTED, [Colleague(7)]),
        (WAITING, Mark.REMINDED, [PERSON]),
        (ANSWERED, Mark.ASKED_AGAIN, [PERSON]),
        (TAKEN, Mark.RECOUNTED, [PERSON]),
        (TAKEN, Mark.STOPPED, []),
        (TAKEN, Mark.RESUMED, []),
        (NEW, Mark.MAILED, [Role.OFFICER]),
        (TAKEN, Mark.MAILED, [HOLDER]),
        (NEW, Mark.LOST, [Role.OFFICER]),
        (TAKEN, Mark.LOST, [HOLDER]),
        (UP, Mark.MAIL_LOST, [Role.OFFICIAL]),
        (SECRET, Mark.LOST, [Role.OFFICIAL]),
        (TAKEN, Mark.STAFF_MAILED, []),
        (SECRET, Mark.STAFF_LOST, [Role.ADMIN, Role.LEADER]),
        (TAKEN, Mark.STAFF_MAIL_LOST, [Role.ADMIN, Role.LEADER]),
        (TAKEN, Mark.MAIL_ANSWER, [HOLDER]),
        (SECRET, Mark.MAIL_ANSWER, [Role.OFFICIAL]),
        (TAKEN, Mark.AUTOMATIC, [HOLDER]),
        (SECRET, Mark.BOUNCED, [Role.OFFICIAL, Role.ADMIN, Role.LEADER]),
    ],
    ids=lambda value: value.status if isinstance(value, Complaint) else None,
)
def test_whom_the_clock_tells(before: Complaint, mark: Mark, who: list[object]) -> None:
    assert [tell.to for tell in told(before, before, mark, CLOCK, TUESDAY)] == who


def test_the_leadership_hears_now_and_then_of_what_is_late_with_the_official() -> None:
    late = NEW.due_at
    waits = [replace(UP, nudges=nudges) for nudges in range(1, 11)]
    leaders = [
        one.nudges for one in waits if Role.LEADER in [to for to, _ in heads(told(one, one, Mark.PACKET, CLOCK, late))]
    ]
    assert leaders == [5, 10]
    taken = done(UP, Act.TAKE, MEIDY, TUESDAY)
    assert [to for to, _ in heads(told(taken, taken, Mark.PROMPTED, CLOCK, late))] == [Colleague(7), Role.LEADER]


def test_the_last_reminder_says_when_it_will_be_closed() -> None:
    first = case.ring(ANSWERED, wib("2026-11-27 08.00"), BOOK)
    assert first is not None
    second = case.ring(first.complaint, wib("2026-12-02 08.00"), BOOK)
    assert second is not None
    said = [
        [
            part.msgid
            for part in notices(ANSWERED, ring.complaint, ring.happening, BOOK)[0].parts
            if isinstance(part, Text)
        ]
        for ring in (first, second)
    ]
    assert said[0] == ["Is your complaint {number} solved?"]
    assert said[1] == ["Is your complaint {number} solved?", "Without a reply it will be closed {closing}."]


@pytest.mark.parametrize("before", [WAITING, ANSWERED])
def test_what_is_closed_can_be_opened_again_for_some_days(before: Complaint) -> None:
    closed = case.step(before, Act.SILENCE, CLOCK, wib("2026-12-09 08.00"), BOOK)
    assert closed is not None
    assert closed.status is Status.CLOSED
    employee, staff = told(before, closed, Act.SILENCE, CLOCK, closed.since)
    assert str(timing.reopens_until(closed, BOOK)) in values(employee)
    assert verbs(employee)[0] == f"/aduan {NUMBER} buka"
    assert staff.to == HOLDER


# ------------------------------------------------------------------------------------------------ what did not arrive


def test_what_is_said_fits_the_way_that_failed() -> None:
    said = set()
    for channel in ("telegram", "mail"):
        for member in (None, "Meidy"):
            rung = case.undelivered(TAKEN, "words", channel, TUESDAY, member=member, by_mail=False)
            told_ = notices(TAKEN, rung.complaint, rung.happening, BOOK)
            assert all(member is None or member in values(tell) for tell in told_)
            assert not any("words" in values(tell) for tell in told_)
            said |= {tell.parts[0].msgid for tell in told_ if isinstance(tell.parts[0], Text)}
    assert len(said) == 4


def test_the_employee_sees_that_a_message_did_not_arrive_without_its_words() -> None:
    rung = case.undelivered(TAKEN, "words", "telegram", TUESDAY, by_mail=True)
    (line,) = case.for_employee((rung.happening,))
    assert (line.act, line.text, line.actor) == (Mark.MAILED, "", "")
    rung = case.undelivered(TAKEN, "words", "telegram", TUESDAY, member="Meidy", by_mail=True)
    assert case.for_employee((rung.happening,)) == ()


# --------------------------------------------------------------------------------------------------- nobody to take it

NO_OFFICIAL = frozenset({Level.OFFICIAL})
APPOINT = [
    (Role.ADMIN, "<b>{number}: there is no complaints official who may take it</b>"),
    (Role.LEADER, "<b>{number}: there is no complaints official who may take it</b>"),
]
HELD_UP = done(UP, Act.TAKE, MEIDY, TUESDAY)


def alone(before: Complaint | None, one: Complaint, what: Act | Mark) -> tuple[Tell, ...]:
    """What is told while there is no official who may take it."""
    return notices(before, one, case.happening(what, BUDI, TUESDAY, "telegram", "words"), BOOK, NO_OFFICIAL)


@pytest.mark.parametrize(
    ("before", "one", "what"),
    [
        (None, SECRET, Mark.FILED),
        (TAKEN, UP, Act.ESCALATE),
        (NEW, done(NEW, Act.OVERDUE, CLOCK, NEW.due_at), Act.OVERDUE),
        (UP, UP, Mark.VACANT),
        (HELD_UP, HELD_UP, Mark.PROMPTED),
        (done(HELD_UP, Act.ANSWER, MEIDY, TUESDAY), replace(HELD_UP, status=Status.REOPENED), Act.DENY),
    ],
    ids=lambda value: str(value) if isinstance(value, Act | Mark) else None,
)
def test_where_no_official_may_take_it_those_who_can_appoint_one_are_told(
    before: Complaint | None, one: Complaint, what: Act | Mark
) -> None:
    tells = alone(before, one, what)
    assert [head for head in heads(tells) if head[0] in {Role.ADMIN, Role.LEADER}] == APPOINT
    for tell in tells:
        if tell.to in {Role.ADMIN, Role.LEADER}:
            assert one.number in values(tell)
            assert not {one.text, one.name, one.unit, "words"} & set(values(tell).split(" "))
            assert one.text not in values(tell)
            assert tell.keyboard == ()


def test_that_it_is_confidential_is_said_to_them_and_of_no_other() -> None:
    def said(tells: tuple[Tell, ...]) -> list[bool]:
        return ["It is confidential." in [part.msgid for part in one.parts if isinstance(part, Text)] for one in tells]

    assert said(alone(None, SECRET, Mark.FILED)) == [True, True]
    assert said(alone(UP, UP, Mark.VACANT)) == [False, False]


def test_the_employee_hears_that_it_waits_for_somebody_to_be_appointed() -> None:
    for before, one, what in ((TAKEN, UP, Act.ESCALATE), (NEW, done(NEW, Act.OVERDUE, CLOCK, NEW.due_at), Act.OVERDUE)):
        (told_alone,) = [tell for tell in alone(before, one, what) if tell.to == PERSON]
        assert Text(UNMANNED) in told_alone.parts
        (told_else,) = [tell for tell in told(before, one, what, BUDI, TUESDAY) if tell.to == PERSON]
        assert Text(UNMANNED) not in told_else.parts


def test_who_is_appointed_reads_why_it_was_passed_on() -> None:
    passed_on = case.happening(Act.ESCALATE, BUDI, TUESDAY, "telegram", "Only BSrE can decide")
    handed = case.happening(Mark.HANDED, CLOCK, TUESDAY, "bot")
    packet = handing_over(UP, (passed_on, handed), BOOK, NO_OFFICIAL)
    assert packet.to is Role.OFFICIAL
    assert "Only BSrE can decide" in values(packet)
    assert any(data.endswith("kembalikan") for data in verbs(packet))
    nobody_below = handing_over(UP, (passed_on, handed), BOOK, frozenset(Level))
    assert not any(data.endswith(("arahkan", "kembalikan")) for data in verbs(nobody_below))


def test_of_an_erased_one_only_the_number_is_told() -> None:
    one = case.wordless(done(TAKEN, Act.WITHDRAW, SITI, TUESDAY))
    (tell,) = told(TAKEN, one, Act.WITHDRAW, SITI, TUESDAY)
    assert heads((tell,)) == [
        (HOLDER, "{number} was withdrawn, because the employee has had all personal data erased.")
    ]
    assert "Siti" not in values(tell)
