"""What the clock does next to a complaint, and when: the alarms of its life, as a rule for each status.

    new, reopened     not taken for two hours of service: the officers again; half of the time gone: the officers
    taken             half of the time gone: who works on it
    both              due: it escalates
    escalated         each working morning: everything once more to the official, or word that there is none
    taken (official)  each five working days, and when it is due: who works on it
    waiting, answered after two and five working days: the employee again; after ten: closed

`Complaint.nudges` counts what of it was done in the present status. All of it happens in the hours of service; only
the due moment may be the very end of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from conversations.complaint import ENDED, Act, Complaint, Level, Mark, Status

if TYPE_CHECKING:
    from conversations.facts import Book

UNTAKEN_AFTER = timedelta(hours=2)
REMIND_AFTER = (2, 5)  # working days
SILENCE_AFTER = 10
PROMPT_EACH = 5

Due: TypeAlias = tuple[datetime, Act | Mark | None]
"""What is to be done at which moment; None: nothing but to look again."""


def scheduled(complaint: Complaint, book: Book) -> Due | None:
    """What comes next; None once the complaint has ended."""
    if complaint.status in ENDED:
        return None
    match complaint.status:
        case Status.WAITING:
            return _silent(complaint, book, Mark.REMINDED)
        case Status.ANSWERED:
            return _silent(complaint, book, Mark.ASKED_AGAIN)
        case Status.TAKEN if complaint.level is Level.OFFICIAL:
            return _prompted(complaint, book)
        case _ if complaint.level is Level.OFFICIAL:
            return _each_morning(complaint, book)
        case _:
            return _served(complaint, book)


def not_before(done: Act | Mark, following: Due, at: datetime, book: Book) -> datetime:
    """When the following may happen, if this was done only now: nobody is reminded twice on one day, however late."""
    moment, what = following
    if done not in (Mark.REMINDED, Mark.ASKED_AGAIN, Mark.PACKET, Mark.VACANT, Mark.PROMPTED):
        return moment
    if what is Act.SILENCE:
        return max(moment, book.calendar.after_working_days(at, REMIND_AFTER[0]))
    return max(moment, book.calendar.next_morning(at))


def _silent(complaint: Complaint, book: Book, reminder: Mark) -> Due:
    """The employee is asked again twice, then it is closed."""
    if complaint.nudges < len(REMIND_AFTER):
        days = REMIND_AFTER[complaint.nudges]
        return book.calendar.after_working_days(complaint.since, days), reminder
    return book.calendar.after_working_days(complaint.since, SILENCE_AFTER), Act.SILENCE


def _each_morning(complaint: Complaint, book: Book) -> Due:
    morning = complaint.since
    for _ in range(complaint.nudges + 1):
        morning = book.calendar.next_morning(morning)
    return morning, Mark.PACKET


def _prompted(complaint: Complaint, book: Book) -> Due:
    calendar, since = book.calendar, complaint.since
    moments = [calendar.after_working_days(since, PROMPT_EACH * n) for n in range(1, complaint.nudges + 2)]
    if complaint.stopped_at is None and complaint.due_at > since:
        moments.append(calendar.opening(complaint.due_at))
    return sorted(moments)[complaint.nudges], Mark.PROMPTED


def _served(complaint: Complaint, book: Book) -> Due:
    """At the officers' level: its reminders, then the due moment; while AMS is out only the first of them."""
    runs = complaint.stopped_at is None
    reminders: list[tuple[datetime, Mark]] = []
    if complaint.status is not Status.TAKEN:
        late = book.calendar.after_service_time(complaint.since, UNTAKEN_AFTER)
        reminders.append((book.calendar.opening(late), Mark.UNTAKEN))
    if runs and (half := _half(complaint, book)) > complaint.since:
        reminders.append((half, Mark.HALF))
    left = sorted(reminders)[complaint.nudges :]
    if runs:
        return left[0] if left and left[0][0] < complaint.due_at else (complaint.due_at, Act.OVERDUE)
    return left[0] if left else (book.calendar.next_morning(complaint.stopped_at or complaint.since), None)


def _half(complaint: Complaint, book: Book) -> datetime:
    start = complaint.since if complaint.status is Status.REOPENED else complaint.filed_at
    served = book.calendar.service_time(start, complaint.due_at)
    return book.calendar.opening(book.calendar.after_service_time(start, served / 2))
