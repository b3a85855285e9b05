"""How a notice about a complaint is written: to whom it goes, of which parts it is made, and the buttons under it.

What is said when stands in `notices.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from conversations.complaint import ENDED, Act, Complaint, Happening, Level, Side, Status
from conversations.complaint_words import UNMANNED, category_label, due_parts
from conversations.effects import Button, Keyboard, Parts, Tell
from conversations.people import Colleague, Role
from conversations.schedule import scheduled
from conversations.text import N_, Text, Value, Words
from conversations.timing import reopens_until

if TYPE_CHECKING:
    from conversations.facts import Book
    from conversations.people import Person
    from conversations.progress import Progress

# The buttons: what is on them, and the word after the number in the command that they carry.

SHOW = (N_("Open the complaint"), "")
OPEN = (SHOW,)
TAKE = ((N_("Take"), "ambil"), SHOW)
ANSWER = ((N_("Answer"), "jawab"), SHOW)
OFFICIAL = (
    (N_("Take over"), "ambil"),
    (N_("Answer"), "jawab"),
    (N_("Give directions"), "arahkan"),
    (N_("Return"), "kembalikan"),
)
SOLVED = ((N_("Yes, it is solved"), "selesai"), (N_("Not solved yet"), "belum"))
REPLY = ((N_("Answer the question"), "balas"),)
REOPEN = ((N_("Open it again"), "buka"),)

_MAILBOXES: Mapping[Side, str] = {
    "employee": N_("the employee"),
    "officer": N_("officer {name}"),
    "official": N_("the complaints official {name}"),
}


class Writer:
    """The messages about one happening, as they are gathered."""

    def __init__(
        self,
        before: Complaint,
        after: Complaint,
        happening: Happening,
        book: Book,
        vacant: frozenset[Level],
        progress: Progress | None,
    ) -> None:
        self.before, self.after, self.happening, self.book, self.progress = before, after, happening, book, progress
        self.vacant = vacant if after.level is Level.OFFICIAL else frozenset()
        self.tells: list[Tell] = []

    # Whom

    def employee(  # the parts of a message, in their order
        self,
        head: str,
        buttons: tuple[tuple[str, str], ...] = (),
        *,
        last: Text | None = None,
        due: bool = False,
        **values: Value,
    ) -> None:
        if self.after.person is None:
            return
        parts: list[Text | Words] = [self.text(head, **values)]
        if self.happening.act in {Act.ANSWER, Act.ASK}:
            parts += self._spoken()
        if due:
            parts += due_parts(self.after, self.book)
        if last is not None:
            parts.append(last)
        self.add(self.after.person, tuple(parts), self.keyboard("/aduan", (*buttons, SHOW)))

    def desk(
        self, head: str, buttons: tuple[tuple[str, str], ...], *, spoken: bool = False, last: Text | None = None
    ) -> None:
        """Who works on it; if nobody does, everybody on its level."""
        parts = (self.text(head), *(self._spoken() if spoken else ()), *((last,) if last else ()))
        self.add(self._worker or self._level, parts, self.keyboard("/tiket", buttons))

    def everyone(self, head: str, buttons: tuple[tuple[str, str], ...]) -> None:
        self.add(self._level, (self.text(head),), self.keyboard("/tiket", buttons))

    def former(self, head: str) -> None:
        """Who worked on it until somebody else did something."""
        holder = self.before.holder
        if holder is not None and holder != self.after.holder and self.before.level is self.after.level:
            sees_it = self.before.status is not Status.ESCALATED  # then it was an officer, who has only given it away
            self.add(Colleague(holder), (self.text(head),), self.keyboard("/tiket", OPEN if sees_it else ()))

    def supervisors(self, head: str) -> None:
        """Those who see to it that staff can be reached: who is named in the history did not get something."""
        said = self.text(head, who=self.happening.text)
        self.add(Role.ADMIN, (said,), self.keyboard("/tiket", OPEN))
        self.add(Role.LEADER, (said,))

    def leaders(self, head: str) -> None:
        self.add(Role.LEADER, (self.text(head),))

    def add(self, to: Role | Colleague | Person, parts: Parts, keyboard: Keyboard = ()) -> None:
        self.tells.append(Tell(to, parts, keyboard))

    # What

    @property
    def vacant_up(self) -> bool:
        """Whether it is the official's, and there is none who may take it."""
        return Level.OFFICIAL in self.vacant

    @property
    def unmanned(self) -> Text | None:
        return Text(UNMANNED) if self.vacant_up else None

    @property
    def _level(self) -> Role:
        return Role.OFFICIAL if self.after.level is Level.OFFICIAL else Role.OFFICER

    @property
    def _worker(self) -> Colleague | None:
        """Who works on it. What is or was just now escalated is with nobody: its holder is the officer who had it."""
        escalated = Status.ESCALATED in {self.before.status, self.after.status} and self.after.level is Level.OFFICIAL
        return None if self.after.holder is None or escalated else Colleague(self.after.holder)

    @property
    def answering(self) -> tuple[tuple[str, str], ...]:
        return OPEN if self.after.status in ENDED else ANSWER

    def _sender(self) -> Value:
        """Whose mailbox it is; an address that nobody here is known by stands in the text."""
        if self.happening.side == "clock":
            return self.happening.text or Text(N_("an unknown address"))
        return Text(_MAILBOXES[self.happening.side], {"name": self.happening.actor or "…"})

    @property
    def late(self) -> bool:
        return self.after.stopped_at is None and self.after.due_at <= self.happening.at

    def reopens(self) -> Value:
        return reopens_until(self.after, self.book) if self.after.status in ENDED else ""

    def closing(self) -> Text | None:
        """Said with the last reminder."""
        following = scheduled(self.after, self.book)
        if following is None or following[1] is not Act.SILENCE:
            return None
        return Text(N_("Without a reply it will be closed {closing}."), {"closing": self.after.next_at or following[0]})

    def _spoken(self) -> Parts:
        said: list[Text | Words] = []
        if self.happening.text:
            said.append(Text("{text}", {"text": self.happening.text}))
        if self.happening.attachments:
            said.append(Text(N_("Attachments: {count}"), {"count": len(self.happening.attachments)}))
        return tuple(said)

    def text(self, msgid: str, **values: Value) -> Text:
        about: dict[str, Value] = {
            "number": self.after.number,
            "actor": self.happening.actor,
            "category": category_label(self.after, self.book),
            "received": self.after.filed_at,
            "due": self.after.due_at,
            "sender": self._sender() if "{sender}" in msgid else "",
            **values,
        }
        return Text(msgid, {name: value for name, value in about.items() if f"{{{name}}}" in msgid})

    def keyboard(self, command: str, buttons: tuple[tuple[str, str], ...]) -> Keyboard:
        return tuple(
            (Button(Text(label), f"{command} {self.after.number} {verb}".rstrip()),) for label, verb in buttons
        )
