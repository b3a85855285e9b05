"""A complaint as it is shown: to whoever filed it, to staff, and its history; lists of complaints are in `queue.py`.

    /aduan ADU-2026-00017              the employee's view       /aduan ADU-2026-00017 tambah
    /tiket ADU-2026-00017              the view of staff         /tiket ADU-2026-00017 ambil
    /tiket ADU-2026-00017 riwayat 2    the history, in pages

Buttons carry the whole number, so that they still mean the same complaint next year. They are those of the acts that
are possible as it stands; whoever presses one later is measured by how it stands then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from conversations import case
from conversations.cards import MENU, Card, turns
from conversations.complaint import BACK, ENDED, Act, Complaint, Happening, Level, Mark, Side, Status
from conversations.complaint_words import (
    DONE,
    HOLDERS,
    OWN_STATES,
    SIDE_NAMES,
    STATES,
    UNMANNED,
    author,
    category_label,
    holder,
    origin_of,
)
from conversations.effects import Button, Keyboard
from conversations.facts import due_reason
from conversations.people import Role
from conversations.progress import progress_text
from conversations.text import N_, Text, Value, Words

if TYPE_CHECKING:
    from conversations.events import Why
    from conversations.facts import Book
    from conversations.people import Standing
    from conversations.progress import Progress

View: TypeAlias = Side | Literal["reader"]
"""Whose view it is; a reader sees what staff see and can do nothing."""

OWN_VERBS: Mapping[str, Act] = {"balas": Act.REPLY, "tambah": Act.ADD, "belum": Act.DENY, "buka": Act.REOPEN}
"""What an employee does with words; the rest is done by the button alone."""
STAFF_VERBS: Mapping[str, Act] = {
    "jawab": Act.ANSWER,
    "tanya": Act.ASK,
    "arahkan": Act.DIRECT,
    "kembalikan": Act.RETURN,
    "eskalasi": Act.ESCALATE,
    "catat": Act.NOTE,
}
"""What staff do with words."""

_PAGE = 4  # lines of the history on a page
_LINE = 700  # characters of one of them
_LAST = 3  # lines of the history under a card
_SNIPPET = 200


def card(
    complaint: Complaint,
    history: tuple[Happening, ...],
    view: View,
    book: Book,
    similar: tuple[str, ...] = (),
    progress: Progress | None = None,
    *,
    alone: bool = False,
) -> Card:
    """How it stands now, for whoever looks at it; `similar` answers are offered when an answer is written.

    `progress`: how far the employee is with the renewal; None, if that is not for who looks. `alone`: there is no
    officer who may take it back.
    """
    if view == "employee":
        return own(complaint, case.for_employee(history), book)
    lines: list[Value] = [
        Text(N_("From: {who}"), {"who": author(complaint)}),
        _category(complaint, book),
        Text(N_("State: {state}"), {"state": Text(STATES[complaint.status])}),
        Text(N_("Held by: {who}"), {"who": holder(complaint)}),
        _due(complaint),
    ]
    if complaint.confidential:
        lines.insert(0, Text(N_("<b>Confidential</b>: not for officers")))
    said: list[Text | Words] = [Text(N_("<b>Complaint {number}</b>"), {"number": complaint.number}), _lines(lines)]
    if origin := origin_of(complaint.origin, book):
        said.append(origin)
    if progress is not None:
        said.append(progress_text(progress, book))
    said.append(_told(complaint))
    if spoken := [line for line in history if line.act != Mark.FILED][-_LAST:]:
        said.append(_lines([_line(line, named=True, room=_SNIPPET) for line in spoken]))
    if similar and complaint.status not in ENDED:
        said.append(Text(N_("Similar complaints were solved before: their answers are offered under “Answer”.")))
    return Card(tuple(said), _staff_rows(complaint, view, alone=alone))


def outline(complaint: Complaint, book: Book) -> Card:
    """That it is there and how it stands, and nothing of what was written: for who must not read it."""
    lines: list[Value] = [
        _category(complaint, book),
        Text(N_("State: {state}"), {"state": Text(STATES[complaint.status])}),
        _due(complaint),
    ]
    title = Text(N_("<b>Complaint {number}</b>"), {"number": complaint.number})
    alone = Text(N_("It is confidential: only the complaints official reads what was written."))
    return Card((title, _lines(lines), alone), ((Button(Text(N_("Queue")), "/antrean"),), *MENU))


def own(complaint: Complaint, history: tuple[Happening, ...], book: Book) -> Card:
    """For whoever filed it: `history` without what is internal."""
    state = OWN_STATES[complaint.status]
    lines: list[Value] = [_category(complaint, book), Text(N_("State: {state}"), {"state": Text(state)})]
    if complaint.status not in ENDED:
        lines.append(Text(N_("Held by: {who}"), {"who": Text(HOLDERS[complaint.level])}))
        lines.append(_due(complaint))
    said: list[Text | Words] = [Text(N_("<b>Complaint {number}</b>"), {"number": complaint.number}), _lines(lines)]
    if complaint.confidential:
        said.append(Text(N_("It is confidential: only the complaints official sees it.")))
    said.append(_told(complaint, room=_SNIPPET * 2))
    if history:
        said.append(_lines([_line(line, named=False, room=_SNIPPET * 2) for line in history[-_LAST:]]))
    return Card(tuple(said), own_rows(complaint))


def own_of_staff(complaint: Complaint, history: tuple[Happening, ...], book: Book) -> Card:
    """For a member of staff who filed it: they are its employee, and nothing else."""
    card = own(complaint, history, book)
    return replace(card, parts=(Text(_OWN, {"number": complaint.number}), *card.parts))


def past(complaint: Complaint, history: tuple[Happening, ...], page: int = 1) -> Card:
    """The whole history, the oldest first, in pages counted from 1."""
    pages = max(1, -(-len(history) // _PAGE))
    page = min(max(page, 1), pages)
    shown = history[(page - 1) * _PAGE : page * _PAGE]
    title = Text(N_("<b>History of {number}</b>"), {"number": complaint.number})
    lines = [_line(line, named=True, room=_LINE) for line in shown]
    said = (title, _lines(lines) if lines else Text(N_("Nothing has happened yet.")))
    leaves = turns(f"/tiket {complaint.number} riwayat", page, pages)
    return Card(said, (*leaves, (open_button(complaint, "tiket"),)))


def categories(complaint: Complaint, book: Book) -> Card:
    """To which category it shall move."""
    rows = tuple(
        (Button(each.label, f"/tiket {complaint.number} pindah {each.id}"),)
        for each in book.service.complaint_categories
        if each.id != complaint.category
    )
    said = N_("To which category shall complaint {number} move? The due date follows the category, but never earlier.")
    return Card((Text(said, {"number": complaint.number}),), (*rows, (open_button(complaint, "tiket"),)))


def ask_withdrawal(complaint: Complaint) -> Card:
    """Asks before it is done."""
    said = N_("Shall I withdraw complaint {number}? Nobody will work on it any more.")
    yes = Button(Text(N_("Yes, withdraw it")), f"/aduan {complaint.number} tarik ya")
    no = Button(Text(N_("No, keep it")), f"/aduan {complaint.number}")
    return Card((Text(said, {"number": complaint.number}),), ((yes,), (no,)))


def gone() -> Card:
    said = N_("I do not find this complaint. Please check the number, or look at your complaints in the list.")
    return Card((Text(said),), (_LIST, *MENU))


def filed(complaint: Complaint, book: Book, standing: Standing, *, vacant: bool = False) -> Card:
    """What is said when it was taken in: the number, until when, why then, and what happens next."""
    thanks = N_("Thank you. Your complaint was received under number <b>{number}</b>.")
    due = N_("You get an answer at the latest <b>{due}</b>. {reason}")
    reason = due_reason(book, complaint.filed_at, complaint.due_at)
    said = [Text(thanks, {"number": complaint.number}), Text(due, {"due": complaint.due_at, "reason": reason})]
    said.append(Text(_following(complaint)))
    if vacant:
        said.append(Text(UNMANNED))
    if standing.roles:
        said.append(Text(N_("You are staff yourself: others work on it, and you see it as every employee does.")))
    rows: list[tuple[Button, ...]] = [(Button(Text(N_("See my complaint")), f"/aduan {complaint.number}"),)]
    if not standing.registered:
        said.append(Text(N_("If you register, the officer knows who writes and can reach you by e-mail too.")))
        rows.append((Button(Text(N_("Register")), "/daftar"),))
    return Card(tuple(said), (*rows, (Button(Text(N_("Other ways to complain")), "/kontak kanal"),), *MENU))


def _following(complaint: Complaint) -> str:
    """What happens next, by who has it."""
    if complaint.confidential:
        return N_("What happens next: only the complaints official sees it, takes it and answers you here.")
    if complaint.level is Level.OFFICIAL:
        return N_(
            "What happens next: there is no officer who may take it, so it goes straight to the complaints official, "
            "who answers you here."
        )
    return N_(
        "What happens next: an officer takes it and answers you here. What the officer cannot solve goes to the "
        "complaints official, at the latest when the time is over."
    )


# ------------------------------------------------------------------------------------------------- what came of an act

_HANDLED: Mapping[Act, str] = {
    Act.TAKE: N_("You have taken complaint {number}."),
    Act.ANSWER: N_("Your answer to complaint {number} was sent. The employee is asked whether it is solved."),
    Act.ASK: N_("Your question about complaint {number} was sent. The time stands still until the employee answers."),
    Act.REPLY: N_("Your message about complaint {number} was passed on."),
    Act.ADD: N_("That was added to complaint {number}."),
    Act.NOTE: N_("The note on complaint {number} was kept. The employee does not see it."),
    Act.MOVE: N_("Complaint {number} has another category now. It is due {due}."),
    Act.ESCALATE: N_("Complaint {number} was passed on to the complaints official."),
    Act.DIRECT: N_("Your directions about complaint {number} were sent to the officer."),
    Act.RETURN: N_("Complaint {number} was returned to the officer."),
    Act.CONFIRM: N_(
        "Thank you. Complaint {number} is solved. If it comes back, it can be opened again for 10 working days."
    ),
    Act.DENY: N_("Noted: complaint {number} is not solved yet. It will be looked at again, at the latest {due}."),
    Act.WITHDRAW: N_("Complaint {number} was withdrawn. Thank you for telling us."),
    Act.REOPEN: N_("Complaint {number} is open again. It is due {due}."),
}
_WROTE_AGAIN = N_(
    "Your message about complaint {number} was passed on. It is open again and will be looked at, at the latest {due}. "
    "Is it solved after all? Then please say so."
)
_REFUSED = N_("That is not possible now. Complaint {number}: {state}.")
_HELD = N_("That is not possible now. {name} has taken complaint {number} already.")
_LATE = N_("Complaint {number} ended too long ago to be opened again. Please send a new one: /aduan")
_OWN = N_("{number} is your own complaint: others work on it, and you see it as every employee does.")
_NO_OFFICER = N_("That is not possible: there is no officer who may take complaint {number}. It stays with you.")
_STAYS = N_("That is not possible: complaint {number} is confidential. It stays with the complaints official.")
_WHY: Mapping[Why, str] = {"own": _OWN, "no_officer": _NO_OFFICER}


def handled(
    complaint: Complaint,
    act: Act,
    view: Literal["employee", "staff"],
    *,
    done: bool,
    why: Why = "",
    canned: bool = False,
) -> Card:
    """What came of an act; a refusal says how the complaint stands. An answer can be kept, unless it is `canned`."""
    values: dict[str, Value] = {"number": complaint.number, "due": complaint.due_at}
    if why in _WHY:
        said = Text(_WHY[why], values)
    elif complaint.confidential and act in BACK:
        said = Text(_STAYS, values)
    elif done and act in {Act.REPLY, Act.ADD} and complaint.status is Status.REOPENED:
        said = Text(_WROTE_AGAIN, values)
    elif done and act in _HANDLED:
        said = Text(_HANDLED[act], values)
    elif act is Act.REOPEN and complaint.status in ENDED:
        said = Text(_LATE, values)
    elif view == "staff" and complaint.status is Status.TAKEN and complaint.holder_name:
        said = Text(_HELD, {**values, "name": complaint.holder_name})
    else:
        states = STATES if view == "staff" else OWN_STATES
        said = Text(_REFUSED, {**values, "state": Text(states[complaint.status])})
    rows: list[tuple[Button, ...]] = [(open_button(complaint, "tiket" if view == "staff" else "aduan"),)]
    if done and act in {Act.DENY, Act.REPLY, Act.ADD} and complaint.status is Status.REOPENED:
        rows.insert(0, (_solved_button(complaint),))
    if done and act is Act.TAKE:
        rows.insert(0, (_staff_button(complaint, "jawab"), _staff_button(complaint, "tanya")))
    if done and act is Act.ANSWER and not canned:
        rows.append((Button(Text(N_("Keep as a ready answer")), f"/contoh simpan {complaint.number}"),))
    more = (Text(UNMANNED),) if why == "no_official" else ()
    return Card((said, *more), (*rows, ((Button(Text(N_("Queue")), "/antrean"),) if view == "staff" else _LIST), *MENU))


# ------------------------------------------------------------------------------------------------------------- buttons

_SOLVED = N_("Yes, it is solved")
_LIST = (Button(Text(N_("My complaints")), "/aduan daftar"),)

_VERBS: Mapping[str, str] = {
    "ambil": N_("Take"),
    "jawab": N_("Answer"),
    "tanya": N_("Ask back"),
    "arahkan": N_("Give directions"),
    "kembalikan": N_("Return"),
    "eskalasi": N_("Escalate"),
    "catat": N_("Note"),
    "pindah": N_("Category"),
}
_ACTS: Mapping[str, Act] = {"ambil": Act.TAKE, **STAFF_VERBS, "pindah": Act.MOVE}


def open_button(complaint: Complaint, command: Literal["aduan", "tiket"]) -> Button:
    return Button(Text(N_("Open the complaint")), f"/{command} {complaint.number}")


def own_rows(complaint: Complaint) -> Keyboard:
    """What the employee can do as it stands."""
    number, rows = complaint.number, list[tuple[Button, ...]]()
    offered = (
        (Act.CONFIRM, _SOLVED, "selesai"),
        (Act.DENY, N_("Not solved yet"), "belum"),
        (Act.REOPEN, N_("Open it again"), "buka"),
        (Act.ADD, N_("Add a message or a file"), "tambah"),
        (Act.WITHDRAW, N_("Withdraw it"), "tarik"),
    )
    for act, label, verb in offered:
        if not case.may(complaint, "employee", act) or (act is Act.ADD and complaint.status is Status.ANSWERED):
            continue  # who is to say whether it is solved has one button for words
        if act is Act.ADD and complaint.status is Status.WAITING:
            rows.append((Button(Text(N_("Answer the question")), f"/aduan {number} balas"),))
        else:
            rows.append((Button(Text(label), f"/aduan {number} {verb}"),))
    return (*rows, _LIST, *MENU)


def _solved_button(complaint: Complaint) -> Button:
    return Button(Text(_SOLVED), f"/aduan {complaint.number} selesai")


def _staff_rows(complaint: Complaint, view: View, *, alone: bool) -> Keyboard:
    verbs = [
        verb
        for verb, act in _ACTS.items()
        if view != "reader" and case.may(complaint, view, act) and not (alone and act in BACK)
    ]
    buttons = [_staff_button(complaint, verb) for verb in verbs]
    buttons.append(Button(Text(N_("History")), f"/tiket {complaint.number} riwayat"))
    buttons.append(Button(Text(N_("Queue")), "/antrean"))
    return tuple(tuple(buttons[place : place + 2]) for place in range(0, len(buttons), 2))


def _staff_button(complaint: Complaint, verb: str) -> Button:
    return Button(Text(_VERBS[verb]), f"/tiket {complaint.number} {verb}")


# --------------------------------------------------------------------------------------------------------------- words


def view_of(complaint: Complaint, roles: frozenset[Role]) -> View:
    """How a member of staff looks at it: as who works on it, or only reading."""
    role = Role.OFFICER if complaint.level is Level.OFFICER else Role.OFFICIAL
    if role not in roles or (role is Role.OFFICER and complaint.confidential):
        return "reader"
    return "officer" if role is Role.OFFICER else "official"


def _category(complaint: Complaint, book: Book) -> Text:
    return Text(N_("Category: {category}"), {"category": category_label(complaint, book)})


def _due(complaint: Complaint) -> Text:
    if complaint.status in ENDED:
        return Text(N_("Ended: {moment}"), {"moment": complaint.since})
    if complaint.stopped_at is not None:
        return Text(N_("Due: the time stands still since {moment}"), {"moment": complaint.stopped_at})
    return Text(N_("Due: {due}"), {"due": complaint.due_at})


def _told(complaint: Complaint, room: int = 2000) -> Text:
    lines: list[Value] = [_short(complaint.text, room)] if complaint.text else []
    if complaint.attachments:
        lines.append(Text(N_("📎 attachments: {number}"), {"number": len(complaint.attachments)}))
    return _lines(lines or [Text(N_("The text was erased."))])


def _line(line: Happening, *, named: bool, room: int) -> Text:
    who: Value = Text(SIDE_NAMES[line.side])
    if named and line.actor and line.side != "employee":
        who = Text("{side} {name}", {"side": who, "name": line.actor})
    done: Value = Text(DONE[line.act]) if line.act in DONE else line.act
    said = Text("{moment}\n{who}: {done}", {"moment": line.at, "who": who, "done": done})
    if line.text and line.act != Mark.FILED:  # that text stands above
        said = Text("{line}\n“{text}”", {"line": said, "text": _short(line.text, room)})
    if line.attachments and line.act != Mark.FILED:
        count = Text(N_("📎 attachments: {number}"), {"number": len(line.attachments)})
        said = Text("{line}\n{count}", {"line": said, "count": count})
    return said


def _lines(lines: Sequence[Value]) -> Text:
    return Text("{lines}", {"lines": tuple(lines)})


def _short(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"
