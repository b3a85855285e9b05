"""The canned answers of the office, as staff look at them.

/contoh                           all of them, in pages: /contoh hal 2
/contoh 3                         one of them
/contoh 3 hapus                   asks whether it shall go
/contoh baru                      keep a new one
/contoh simpan ADU-2026-00017     keep the last answer to a complaint
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from conversations.canned import MOST
from conversations.cards import MENU, Card, turns
from conversations.effects import Button, Keyboard
from conversations.text import N_, Text, Words

if TYPE_CHECKING:
    from conversations.canned import Canned
    from conversations.complaint import Complaint

_A_PAGE = 6

REMOVED = N_("The ready answer was removed.")
GONE = N_("That ready answer is not there any more.")


def listed(answers: tuple[Canned, ...], page: int = 1, *, keeps: bool, notice: str = "") -> Card:
    """All of them, in pages counted from 1. `keeps`: whoever looks can add one."""
    pages = max(1, -(-len(answers) // _A_PAGE))
    page = min(max(page, 1), pages)
    shown = answers[(page - 1) * _A_PAGE : page * _A_PAGE]
    title = Text(N_("<b>Our own ready answers</b>: {count}"), {"count": len(answers)})
    hint = N_("They are offered to everybody who answers, the one that was used last before the others.")
    empty = N_("There is none yet. After you have answered a complaint, you can keep your answer with one button.")
    rows = tuple((Button(Words(each.title, each.title), f"/contoh {each.id}"),) for each in shown)
    new: Keyboard = ((Button(Text(N_("Write a new one")), "/contoh baru"),),) if keeps else ()
    said = (*((Text(notice),) if notice else ()), title, Text(hint if answers else empty))
    return Card(said, (*rows, *turns("/contoh hal", page, pages), *new, *MENU))


def one(answer: Canned) -> Card:
    """One of them, as the employee would read it."""
    said = (Text(N_("<b>{title}</b>"), {"title": answer.title}), Text("{text}", {"text": answer.text}))
    return Card(said, ((Button(Text(N_("Remove it")), f"/contoh {answer.id} hapus"),), _BACK))


def kept(outcome: Literal["kept", "full"]) -> Card:
    """What came of keeping one."""
    done = N_("Kept. From now on it is offered with the ready answers.")
    full = N_("There are {most} ready answers already, so this one was not kept. Please remove one first.")
    every = (Button(Text(N_("See all ready answers")), "/contoh"),)
    queue = (Button(Text(N_("Queue")), "/antrean"),)
    return Card((Text(done if outcome == "kept" else full, {"most": MOST}),), (every, queue, *MENU))


def ask_removal(answer: Canned) -> Card:
    """Asks before it is done."""
    ask = Text(N_("Shall I remove the ready answer “{title}”? Nobody is offered it any more."), {"title": answer.title})
    yes = Button(Text(N_("Yes, remove it")), f"/contoh {answer.id} hapus ya")
    return Card((ask,), ((yes,), (Button(Text(N_("No, keep it")), f"/contoh {answer.id}"),)))


def ask_confidential(complaint: Complaint) -> Card:
    """Asks before the answer to a confidential complaint is shown to those who may not know of it."""
    ask = N_(
        "Complaint {number} is confidential, but all staff see ready answers. Shall I keep the answer all the same? "
        "You can take out first what tells of the matter."
    )
    yes = Button(Text(N_("Yes, I take care of it")), f"/contoh simpan {complaint.number} ya")
    no = Button(Text(N_("No, do not keep it")), f"/tiket {complaint.number}")
    return Card((Text(ask, {"number": complaint.number}),), ((yes,), (no,)))


_BACK = (Button(Text(N_("‹ Back")), "/contoh"),)
