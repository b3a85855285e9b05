"""What becomes of a complaint: when it is filed, when somebody acts, when its clock rings. Pure.

Every function gives back the complaint as it is to be stored, with `next_at`: the moment at which the clock has to look
at it again. An open complaint always has one, so none can be forgotten.

At the level of the officers it escalates by itself at the due moment, within the hours of service or at their end. How
its time runs is in `timing.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from conversations.complaint import (
    BACK,
    CAME_BY_MAIL,
    ENDED,
    HELD,
    LIFE,
    SIDES,
    Act,
    Attachment,
    Complaint,
    Happening,
    Level,
    Mark,
    Side,
    Status,
)
from conversations.people import Role
from conversations.schedule import not_before, scheduled
from conversations.timing import by_the_book, clocked, reopens_until, retimed, running, timed, working_days

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from conversations.effects import FileComplaint
    from conversations.facts import Book
    from conversations.people import Person, Standing

Channel = Literal["telegram", "mail", "web", "bot"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: on which side, and as which member of staff."""

    side: Side
    member: int | None = None
    name: str = ""


CLOCK = Actor("clock")


@dataclass(frozen=True, slots=True)
class Rung:
    """What the clock did: the complaint as it is now, and the line for its history."""

    complaint: Complaint
    happening: Happening


def file(
    command: FileComplaint,
    number: str,
    at: datetime,
    book: Book,
    *,
    person: Person | None,
    name: str = "",
    unit: str = "",
    outage: bool = False,
    straight: bool = False,
) -> Complaint:
    """A complaint as it begins. A confidential one goes to the official at once. ValueError: no such category.

    `straight`: so does this one, because there is no officer who may take it.
    """
    straight = straight or command.confidential
    days = working_days(command.category, book)
    if days is None:
        raise ValueError(f"The service file has no category {command.category!r}.")
    complaint = Complaint(
        number,
        Status.ESCALATED if straight else Status.NEW,
        Level.OFFICIAL if straight else Level.OFFICER,
        command.category,
        command.text,
        filed_at=at,
        due_at=book.calendar.due(at, days),
        since=at,
        confidential=command.confidential,
        attachments=command.attachments,
        origin=command.origin,
        person=person,
        name=name,
        unit=unit,
        stopped_at=at if outage else None,
    )
    return timed(complaint, book, at)


# -------------------------------------------------------------------------------------------------------------- acting


def step(
    complaint: Complaint,
    act: Act,
    actor: Actor,
    at: datetime,
    book: Book,
    *,
    category: str = "",
    outage: bool = False,
) -> Complaint | None:
    """The complaint after an act; None if it is refused. `category`: to which one it moves; `outage`: AMS is out."""
    if not may(complaint, actor.side, act):
        return None
    if act is Act.REOPEN and at > reopens_until(complaint, book):
        return None
    if act is Act.MOVE and (category == complaint.category or working_days(category, book) is None):
        return None
    status = LIFE[complaint.status, act]
    if status is Status.TAKEN and status is not complaint.status and act is not Act.TAKE and complaint.holder is None:
        status = Status.NEW if act in BACK else _UNTAKEN[complaint.level]
    after = replace(
        complaint,
        status=status,
        category=category if act is Act.MOVE else complaint.category,
        version=complaint.version + 1,
    )
    if status is not complaint.status or (status in HELD and act in _SPOKEN):
        after = replace(after, since=at, nudges=0)
    after = clocked(complaint, _held(after, act, actor), act, at, book, outage=outage)
    return retimed(complaint, after, book, at)


def may(complaint: Complaint, side: Side, act: Act) -> bool:
    """Whether this side can do this now. Whether somebody is on that side, `acting` tells."""
    if (complaint.status, act) not in LIFE or side not in SIDES[act]:
        return False
    match side:
        case "officer":
            return complaint.level is Level.OFFICER and not complaint.confidential
        case "official":
            return complaint.level is Level.OFFICIAL and not (complaint.confidential and act in BACK)
        case "clock":
            return act is not Act.OVERDUE or complaint.level is Level.OFFICER
        case "employee":
            return True


def acting(complaint: Complaint, standing: Standing, act: Act, *, mine: bool) -> Side | None:
    """On which side somebody would do this; None if they may not. `mine`: they filed it."""
    return next((side for side in _sides(complaint, standing, mine=mine) if may(complaint, side, act)), None)


def may_see(complaint: Complaint, standing: Standing, *, mine: bool) -> bool:
    """Employees see their own, officers what is theirs to solve, officials the rest, administrators that it is there.

    Who filed one is its employee and nothing else, whatever their roles. Who reads all of it: see `reads_all`.
    """
    return Role.ADMIN in standing.roles or bool(_sides(complaint, standing, mine=mine))


def reads_all(complaint: Complaint, standing: Standing, *, mine: bool) -> bool:
    """Whether it is seen with staff's eyes: with internal notes, and answers to similar ones.

    Of a confidential one administrators see number, state and dates, and nothing of what was written.
    """
    if mine:
        return False
    return bool(_sides(complaint, standing, mine=False)) or (
        Role.ADMIN in standing.roles and not complaint.confidential
    )


def _sides(complaint: Complaint, standing: Standing, *, mine: bool) -> tuple[Side, ...]:
    if mine:
        return ("employee",)
    sides: list[Side] = []
    if Role.OFFICER in standing.roles and complaint.level is Level.OFFICER and not complaint.confidential:
        sides.append("officer")
    if Role.OFFICIAL in standing.roles and complaint.level is Level.OFFICIAL:
        sides.append("official")
    return tuple(sides)


_UNTAKEN: Mapping[Level, Status] = {Level.OFFICER: Status.NEW, Level.OFFICIAL: Status.ESCALATED}
"""How it stands while nobody of its level has it."""
_OFFICERS_TURN = frozenset({Status.NEW, Status.TAKEN, Status.REOPENED})
_SPOKEN = frozenset({Act.ANSWER, Act.ASK, Act.REPLY, Act.ADD})


def _held(after: Complaint, act: Act, actor: Actor) -> Complaint:
    """Who works on it now, and at which level. Whoever answers or asks has taken it by that."""
    match act:
        case Act.TAKE | Act.ANSWER | Act.ASK:
            return replace(after, holder=actor.member, holder_name=actor.name)
        case Act.ESCALATE:
            return replace(after, level=Level.OFFICIAL, holder=actor.member, holder_name=actor.name)
        case Act.OVERDUE:
            return replace(after, level=Level.OFFICIAL)
        case Act.DIRECT | Act.RETURN if after.status is Status.NEW:
            return replace(after, level=Level.OFFICER, holder=None, holder_name="")
        case Act.DIRECT | Act.RETURN:
            return replace(after, level=Level.OFFICER)
        case _:
            return after


def wordless(complaint: Complaint) -> Complaint:
    """The same without the person and whatever they wrote."""
    return replace(complaint, person=None, name="", unit="", text="", origin="", attachments=())


# ----------------------------------------------------------------------------------------------------------- its clock


def ring(complaint: Complaint, at: datetime, book: Book, *, vacant: bool = False) -> Rung | None:
    """What the clock does now. None: nothing yet; then store `next_alarm(complaint, book, at)`.

    `vacant`: there is no official who may take it, so that others are told instead.
    """
    following = scheduled(complaint, book)
    if following is None or (complaint.next_at is not None and at < complaint.next_at):
        return None
    moment, what = following
    if what is None or at < moment or not book.may_disturb(at, moment if what is Act.OVERDUE else None):
        return None
    if isinstance(what, Act):
        after = step(complaint, what, CLOCK, at, book)
        return None if after is None else Rung(after, happening(what, CLOCK, at, "bot"))
    if what is Mark.PACKET and vacant:
        what = Mark.VACANT
    after = timed(replace(complaint, nudges=complaint.nudges + 1, version=complaint.version + 1), book, at)
    if (upcoming := scheduled(after, book)) is not None:
        after = replace(after, next_at=max(after.next_at or at, not_before(what, upcoming, at, book)))
    return Rung(after, happening(what, CLOCK, at, "bot"))


def stopped(complaint: Complaint, at: datetime, book: Book) -> Complaint:
    """AMS is out: the clock stands still. The same complaint if it does already."""
    if complaint.status in ENDED or complaint.stopped_at is not None:
        return complaint
    return retimed(complaint, replace(complaint, stopped_at=at, version=complaint.version + 1), book, at)


def resumed(complaint: Complaint, at: datetime, book: Book) -> Complaint:
    """AMS works again: the clock goes on. The same complaint if it stands still for another reason."""
    if complaint.status in ENDED | HELD or complaint.stopped_at is None:
        return complaint
    after = replace(running(complaint, at, book), version=complaint.version + 1)
    return retimed(complaint, after, book, at)


def released(complaint: Complaint, at: datetime, book: Book, *, gone: bool, alone: bool) -> Rung | None:
    """It is nobody's any more, and waits as if it had not been taken. None: it can stay as it is.

    `gone`: who has it is not on the staff any more. `alone`: there is no officer who may take it, so that it goes on to
    the official.
    """
    up = alone and complaint.level is Level.OFFICER and complaint.status in _OFFICERS_TURN
    if complaint.status in ENDED or not (gone or up):
        return None
    after = replace(complaint, version=complaint.version + 1)
    if gone:
        after = replace(after, holder=None, holder_name="")
    if up:
        after = replace(after, level=Level.OFFICIAL)
    if up or complaint.status is Status.TAKEN:
        after = replace(after, status=_UNTAKEN[after.level], since=at, nudges=0)
    mark = Mark.UNSTAFFED if up else Mark.RELEASED
    return Rung(retimed(complaint, after, book, at), happening(mark, CLOCK, at, "bot"))


def undelivered(
    complaint: Complaint, what: str, channel: Channel, at: datetime, *, member: str | None = None, by_mail: bool
) -> Rung:
    """A message did not arrive by this channel; `by_mail`: it goes by e-mail now.

    `what` are its first words. `member`: who of the staff it was for, by name; None if it was for the employee.
    """
    lost = Mark.MAIL_LOST if channel == "mail" else Mark.LOST
    mark = Mark.MAILED if by_mail else lost
    if member is not None:
        mark = _OF_STAFF[mark]
    line = happening(mark, CLOCK, at, channel, what if member is None else member)
    return Rung(replace(complaint, version=complaint.version + 1), line)


def recomputed(complaint: Complaint, at: datetime, book: Book) -> Complaint:
    """Days were closed since it was filed: it is due later, never earlier. The same complaint if nothing changes."""
    if complaint.status in ENDED or (due := by_the_book(complaint, book)) is None or due <= complaint.due_at:
        return complaint
    after = replace(complaint, due_at=due, version=complaint.version + 1)
    return retimed(complaint, after, book, at)


# ------------------------------------------------------------------------------------------------------------- history


def happening(
    what: Act | Mark,
    actor: Actor,
    at: datetime,
    channel: Channel,
    text: str = "",
    attachments: tuple[Attachment, ...] = (),
) -> Happening:
    """The line of the history for what was done."""
    return Happening(at, actor.side, actor.name, channel, what.value, text, attachments, internal=what in _INTERNAL)


def filed(complaint: Complaint, actor: Actor, channel: Channel = "telegram") -> Happening:
    """The first line of the history. The text stands in the complaint itself."""
    return happening(Mark.FILED, actor, complaint.filed_at, channel)


def for_employee(history: tuple[Happening, ...]) -> tuple[Happening, ...]:
    """What the employee sees of the history: nothing internal, no names, and no words that staff meant for staff."""
    return tuple(
        replace(line, actor="", text=line.text if line.act in _TOLD else "") for line in history if not line.internal
    )


_OF_STAFF: Mapping[Mark, Mark] = {
    Mark.MAILED: Mark.STAFF_MAILED,
    Mark.LOST: Mark.STAFF_LOST,
    Mark.MAIL_LOST: Mark.STAFF_MAIL_LOST,
}
_INTERNAL: frozenset[Act | Mark] = frozenset(
    {
        *(Act.NOTE, Act.DIRECT, Act.RETURN),
        *(Mark.UNTAKEN, Mark.HALF, Mark.PACKET, Mark.VACANT, Mark.HANDED, Mark.RELEASED, Mark.PROMPTED),
        *_OF_STAFF.values(),
        *CAME_BY_MAIL,
    }
)
_TOLD: frozenset[str] = frozenset(
    {Act.ASK, Act.ANSWER, Act.REPLY, Act.ADD, Act.DENY, Act.WITHDRAW, Act.REOPEN, Mark.STOPPED}
)
