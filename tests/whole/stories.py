"""What a complaint and its history must agree on, and who hears which line of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from conversations.complaint import LIFE, Act, Complaint, Happening, Level, Mark, Status
from tests.chat import WIB
from tests.whole.phones import matters
from tests.whole.town import ADDRESSES, DEWI, OFFICERS, OFFICIAL, STAFF


def numbered(found: Sequence[Complaint]) -> list[str]:
    """The numbers that they should have: from 1 on in each year of the city."""
    years = Counter(one.filed_at.astimezone(WIB).year for one in found)
    return [f"ADU-{year}-{serial:05}" for year in sorted(years) for serial in range(1, years[year] + 1)]


def agree(one: Complaint, history: Sequence[Happening]) -> None:
    """The history is in order, and leads to how the complaint stands."""
    assert [line.at for line in history] == sorted(line.at for line in history)
    told = [what for line in history for what in matters(line.text)]
    assert told == sorted(told), "acts in another order than they were done"
    filed, *acts = history
    assert filed.act == Mark.FILED
    stands = {Status.ESCALATED if one.confidential else Status.NEW}
    level = Level.OFFICIAL if one.confidential else Level.OFFICER
    for line in acts:
        if line.act not in set(Act):
            continue
        act = Act(line.act)
        stands = {LIFE[status, act] for status in stands if (status, act) in LIFE}
        assert stands, f"{act} was not possible"
        if act in {Act.ESCALATE, Act.OVERDUE}:
            level = Level.OFFICIAL
        elif act in {Act.DIRECT, Act.RETURN}:
            level = Level.OFFICER
            stands |= {Status.NEW}  # if no officer had it before
    assert one.status in stands
    assert one.level is level


def as_said(one: Complaint) -> Happening:
    """The words with which it was filed, as a line of the history."""
    return Happening(one.filed_at, "employee", "", "telegram", Mark.FILED, one.text)


def said(line: Happening) -> tuple[object, ...]:
    return (*matters(line.text), *(file.file_id for file in line.attachments))


def hearers(one: Complaint, line: Happening) -> tuple[int | str, ...]:
    """Who hears what was said, at least one of them."""
    match line.act:
        case Act.ANSWER | Act.ASK:
            chat = int((one.person or "").removeprefix("telegram:"))
            return (chat, ADDRESSES[chat]) if chat in ADDRESSES else (chat,)
        case Act.DIRECT | Act.RETURN:
            return OFFICERS
        case Act.ESCALATE:
            return (OFFICIAL, DEWI)
        case Act.NOTE:
            return ()
        case _ if line.side == "employee":
            return (OFFICIAL, DEWI) if one.confidential else (*STAFF, DEWI)
        case _:
            return ()
