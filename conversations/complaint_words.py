"""What a complaint, and what happened to it, is called: its state, who has it, its category, where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from conversations.cards import place_of
from conversations.complaint import Act, Complaint, Level, Mark, Side, Status
from conversations.effects import Parts
from conversations.facts import due_reason
from conversations.flow import STEPS
from conversations.text import N_, Text, Value, numbered, shortened

if TYPE_CHECKING:
    from conversations.facts import Book

STATES: Mapping[Status, str] = {
    Status.NEW: N_("received, nobody has taken it yet"),
    Status.TAKEN: N_("is being worked on"),
    Status.WAITING: N_("waits for an answer of the employee"),
    Status.ESCALATED: N_("is with the complaints official, who has not taken it yet"),
    Status.ANSWERED: N_("answered; the employee is asked whether it is solved"),
    Status.SOLVED: N_("solved"),
    Status.CLOSED: N_("closed, because no reply came"),
    Status.REOPENED: N_("opened again, nobody has taken it yet"),
    Status.WITHDRAWN: N_("withdrawn"),
}
"""How it stands, in words that fit a line."""

OWN_STATES: Mapping[Status, str] = {
    **STATES,
    Status.WAITING: N_("we wait for your answer"),
    Status.ANSWERED: N_("answered; please tell us whether it is solved"),
}
"""The same for the employee."""
HOLDERS: Mapping[Level, str] = {Level.OFFICER: N_("the officers"), Level.OFFICIAL: N_("the complaints official")}

DONE: Mapping[str, str] = {
    Mark.FILED: N_("sent the complaint"),
    Act.TAKE: N_("took it"),
    Act.ANSWER: N_("answered"),
    Act.ASK: N_("asked back"),
    Act.REPLY: N_("wrote"),
    Act.ADD: N_("added something"),
    Act.NOTE: N_("noted for staff only"),
    Act.MOVE: N_("moved it to another category"),
    Act.ESCALATE: N_("passed it on to the complaints official"),
    Act.OVERDUE: N_("the time was over: passed on to the complaints official"),
    Act.DIRECT: N_("gave directions to the officer"),
    Act.RETURN: N_("returned it to the officer"),
    Act.CONFIRM: N_("said that it is solved"),
    Act.DENY: N_("said that it is not solved yet"),
    Act.SILENCE: N_("closed it, because no reply came"),
    Act.WITHDRAW: N_("withdrew it"),
    Act.REOPEN: N_("opened it again"),
    Mark.UNTAKEN: N_("reminded staff: nobody has taken it"),
    Mark.HALF: N_("reminded staff: half of the time has gone"),
    Mark.PACKET: N_("sent everything to the complaints official once more"),
    Mark.VACANT: N_("told administrators and leaders that there is no complaints official who may take it"),
    Mark.HANDED: N_("gave everything to the complaints official who was appointed"),
    Mark.RELEASED: N_("who had it is not on the staff any more: nobody has it now"),
    Mark.UNSTAFFED: N_("there is no officer who may take it: passed on to the complaints official"),
    Mark.PROMPTED: N_("reminded the complaints official"),
    Mark.REMINDED: N_("reminded the employee of the question"),
    Mark.ASKED_AGAIN: N_("asked the employee again whether it is solved"),
    Mark.RECOUNTED: N_("moved the due date, because of closed days"),
    Mark.STOPPED: N_("AMS does not work: the time stands still"),
    Mark.RESUMED: N_("AMS works again: the time goes on"),
    Mark.MAIL_ANSWER: N_("answered by e-mail, for staff only"),
    Mark.AUTOMATIC: N_("an automatic answer came by e-mail"),
    Mark.WITHHELD: N_("an e-mail came with something secret in it, which was not kept"),
    Mark.UNREAD: N_("an e-mail came that is taken for no answer"),
    Mark.DELAYED: N_("the letter has not arrived yet"),
    Mark.BOUNCED: N_("the letter came back: it did not arrive"),
    Mark.MAILED: N_("a message did not reach the employee on Telegram; it went by e-mail"),
    Mark.LOST: N_("a message did not reach the employee on Telegram, and there is no other way"),
    Mark.MAIL_LOST: N_("an e-mail did not reach the employee"),
    Mark.STAFF_MAILED: N_("a message did not reach a member of staff on Telegram; it went by e-mail"),
    Mark.STAFF_LOST: N_("a message did not reach a member of staff on Telegram, and there is no other way"),
    Mark.STAFF_MAIL_LOST: N_("an e-mail did not reach a member of staff"),
}
"""What the history says was done; one that is not here is shown by its own name."""
SIDE_NAMES: Mapping[Side, str] = {
    "employee": N_("Employee"),
    "officer": N_("Officer"),
    "official": N_("Complaints official"),
    "clock": N_("Pandu"),
}

_STEPS = frozenset(str(step) for step in range(1, STEPS + 1))
"""The steps of the service standard, as a complaint keeps them."""

UNMANNED = N_(
    "At the moment there is no complaints official who may take it. The administrators and the leadership have been "
    "told, and whoever is appointed gets it at once."
)
"""For the employee, of the official."""


def author(complaint: Complaint) -> Value:
    """Who filed it: by name if they proved who they are."""
    if complaint.person is None:
        return Text(N_("somebody whose data were erased"))
    who = ", ".join(part for part in (complaint.name, complaint.unit) if part)
    return who or Text(N_("somebody who is not registered"))


def holder(complaint: Complaint) -> Value:
    """Who has it: by name if somebody has taken it."""
    waiting = complaint.status in (Status.NEW, Status.ESCALATED, Status.REOPENED)
    return complaint.holder_name if complaint.holder_name and not waiting else Text(HOLDERS[complaint.level])


def category_label(complaint: Complaint, book: Book) -> Value:
    """What its category is called; one that is gone from the service file is shown by its id."""
    found = (each.label for each in book.service.complaint_categories if each.id == complaint.category)
    return next(found, complaint.category)


def due_parts(complaint: Complaint, book: Book) -> Parts:
    """Until when it is answered, and why then."""
    due = Text(N_("It will be answered by {due} at the latest."), {"due": complaint.due_at})
    why = due_reason(book, complaint.filed_at, complaint.due_at)
    if complaint.extra_minutes:
        return due, why, Text(N_("Time was added, because the clock stood still or the work on it began anew."))
    return due, why


def origin_of(origin: str, book: Book) -> Text | None:
    """Where the guide stood and what was tried, out of what `origin` in `complaint_moves.py` kept of it."""
    kept = dict(part.partition("=")[::2] for part in origin.split())
    symptom = next((each for each in book.service.symptoms if each.id == kept.get("symptom")), None)
    lines: list[Value] = []
    if kept.get("step") in _STEPS:
        lines.append(Text(N_("Sent from the guide, step {step} of {steps}: {name}"), place_of(int(kept["step"]))))
    if symptom is not None:
        lines.append(Text(N_("What is seen: {symptom}"), {"symptom": symptom.label}))
        lines.append(Text(N_("Tried already:\n{steps}"), {"steps": numbered(symptom.steps)}))
    if not lines:  # in other words than the guide's: shown as it is
        return Text("{text}", {"text": shortened(origin)}) if origin else None
    return Text("{lines}", {"lines": tuple(lines)})
