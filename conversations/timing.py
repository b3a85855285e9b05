"""The time of a complaint: until when it is to be solved, whether its clock stands still, and its next alarm. Pure.

- It is due by the calendar's rule: at the end of service on the n-th working day of its category.
- It stands still while it is the employee's turn, and while AMS is out of order; the service time left then is added
  when it goes on. A due moment never moves earlier, also when holidays are entered later.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from conversations.complaint import BACK, ENDED, HELD, Act, Complaint, Level, Status
from conversations.schedule import scheduled

if TYPE_CHECKING:
    from datetime import datetime

    from conversations.facts import Book

REOPEN_WORKING_DAYS = 10
_AT_LEAST_WORKING_DAYS = 1  # to work on what came back


def working_days(category: str, book: Book) -> int | None:
    """The time limit of a category; None if the service file has no such category."""
    return next((each.working_days for each in book.service.complaint_categories if each.id == category), None)


def reopens_until(complaint: Complaint, book: Book) -> datetime:
    """Until when a complaint that has ended can be opened again under its number."""
    return book.calendar.due(complaint.since, REOPEN_WORKING_DAYS)


def next_alarm(complaint: Complaint, book: Book, at: datetime | None = None) -> datetime | None:
    """When the clock has to look at it, None only once it has ended; with `at`, not before the office is open again."""
    following = scheduled(complaint, book)
    if following is None:
        return None
    moment, what = following
    if at is None or moment > at:
        return moment
    if what is None:
        return book.calendar.next_morning(at)
    return at if book.may_disturb(at, moment if what is Act.OVERDUE else None) else book.calendar.opening(at)


def timed(complaint: Complaint, book: Book, at: datetime) -> Complaint:
    return replace(complaint, next_at=next_alarm(complaint, book, at))


def retimed(before: Complaint, after: Complaint, book: Book, at: datetime) -> Complaint:
    """The alarm after a change. Reminders under way keep theirs: after a pause it is later than planned."""
    same = (before.status, before.level, before.since) == (after.status, after.level, after.since)
    reminding = after.status in HELD or after.level is Level.OFFICIAL
    return after if same and reminding and after.status not in ENDED else timed(after, book, at)


def clocked(before: Complaint, after: Complaint, act: Act, at: datetime, book: Book, *, outage: bool) -> Complaint:
    """The clock after an act: whether it runs, and until when."""
    came_back = after.status is Status.REOPENED is not before.status
    if outage or after.status in ENDED | HELD:
        after = replace(after, stopped_at=after.stopped_at or at)
    else:
        after = running(after, at, book)
    match act:
        case Act.MOVE:
            return _due(after, by_the_book(after, book) or after.due_at, book)
        case Act.REOPEN:
            days = working_days(after.category, book) or _AT_LEAST_WORKING_DAYS
            return _due(after, book.calendar.due(at, days), book)
        case _ if came_back or act in BACK:
            return _due(after, book.calendar.due(at, _AT_LEAST_WORKING_DAYS), book)
        case _:
            return after


def running(complaint: Complaint, at: datetime, book: Book) -> Complaint:
    """The clock goes on: the time that was left when it stopped is left from now."""
    if (since := complaint.stopped_at) is None:
        return complaint
    left = book.calendar.service_time(since, complaint.due_at)
    goes_on = replace(complaint, stopped_at=None)
    return _due(goes_on, book.calendar.after_service_time(at, left), book) if left else goes_on


def _due(complaint: Complaint, due: datetime, book: Book) -> Complaint:
    """Due then, if that is later. The minutes behind the calendar's own rule are kept, for when days are closed."""
    due = max(due, complaint.due_at)
    days = working_days(complaint.category, book)
    if days is None:
        return replace(complaint, due_at=due)
    extra = book.calendar.service_time(book.calendar.due(complaint.filed_at, days), due)
    after = replace(complaint, due_at=due, extra_minutes=-(-extra // timedelta(minutes=1)))
    return replace(after, due_at=max(due, by_the_book(after, book) or due))  # whole minutes, or it would seem to move


def by_the_book(complaint: Complaint, book: Book) -> datetime | None:
    """When it is due by the present calendar; None if its category is gone from the service file."""
    if (days := working_days(complaint.category, book)) is None:
        return None
    due = book.calendar.due(complaint.filed_at, days)
    return book.calendar.after_service_time(due, timedelta(minutes=complaint.extra_minutes))
