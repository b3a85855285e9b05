"""Which complaints staff have before them, as conditions: what a role may see, and the filters of the core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

import sqlalchemy as sa

from conversations.complaint import Status
from conversations.filters import STATUSES, Filter
from storage.complaint_tables import complaints

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from conversations.complaint import Level

_UNANSWERED: Final = (Status.NEW, Status.TAKEN, Status.ESCALATED, Status.REOPENED)


def visible(levels: Collection[Level], *, confidential: bool, besides: int | None = None) -> sa.ColumnElement[bool]:
    """Those on these levels that are not confidential, and if `confidential` all that are; without those of a chat."""
    seen = complaints.c.level.in_([level.value for level in levels]) & ~complaints.c.confidential
    seen = seen | complaints.c.confidential if confidential else seen
    return seen if besides is None else seen & complaints.c.chat_id.is_distinct_from(besides)


def owed() -> sa.ColumnElement[bool]:
    """It is staff's turn, and the clock runs."""
    return _stands(_UNANSWERED) & complaints.c.stopped_at.is_(None)


def shown_by(only: Filter, now: datetime, members: Collection[int] = ()) -> sa.ColumnElement[bool]:
    """What a filter shows of the open ones; `members`: the numbers under which somebody holds complaints."""
    match only:
        case Filter.ALL:
            return sa.true()
        case Filter.MINE:
            return complaints.c.holder_id.in_(members)
        case Filter.NEW | Filter.WAITING:
            return _stands(STATUSES[only])
        case Filter.OVERDUE:
            return owed() & (complaints.c.due_at < now)
        case _:
            assert_never(only)


def _stands(statuses: Iterable[Status]) -> sa.ColumnElement[bool]:
    return complaints.c.status.in_(sorted(status.value for status in statuses))
