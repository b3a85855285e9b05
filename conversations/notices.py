"""Who is told what after something has happened to a complaint: the employee, who works on it, and who answers for it.

- Every message carries the number, so that an answer to it finds the complaint.
- What is confidential never goes to officers: whoever works on it stands on its level. The leadership gets numbers and
  dates, never what people wrote.
- Internal lines never go to the employee; who answers them is called by the role, not by name.
- Where no official may take what has come to that level, administrators and leaders are told of it: number and date.
- Who did it is not told: their chat has the answer of the step. New complaints reach officers as cards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from conversations.case import reopens_until
from conversations.complaint import ENDED, Act, Complaint, Happening, Level, Mark, Side, Status
from conversations.effects import Button, Keyboard, Parts, Tell
from conversations.facts import due_reason
from conversations.people import Colleague, Role
from conversations.schedule import scheduled
from conversations.text import N_, Text, Value, Words, numbered, shortened

if TYPE_CHECKING:
    from conversations.facts import Book
    from conversations.people import Person

_LEADERS_EACH = 5  # of the packets of a complaint that is late


def notices(
    before: Complaint | None,
    after: Complaint,
    happening: Happening,
    book: Book,
    vacant: frozenset[Level] = frozenset(),
) -> tuple[Tell, ...]:
    """Everybody who is told, in this order. `before` is None for what has just been filed.

    `vacant` are the levels on which there is nobody who may work on it.
    """
    told = _Notices(before or after, after, happening, book, vacant)
    told.write()
    return tuple(told.tells)


def handing_over(complaint: Complaint, history: tuple[Happening, ...], book: Book, vacant: frozenset[Level]) -> Tell:
    """The packet for an official who was appointed while it waited, with the reason if an officer passed it on."""
    passed_on = next((line for line in reversed(history) if line.act == Act.ESCALATE), history[-1])
    told = _Notices(complaint, complaint, passed_on, book, vacant - {Level.OFFICIAL})
    told.packet(N_("<b>{number} waits for you</b>"))
    return told.tells[0]


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


class _Notices:
    """The messages about one happening."""

    def __init__(
        self, before: Complaint, after: Complaint, happening: Happening, book: Book, vacant: frozenset[Level]
    ) -> None:
        self.before, self.after, self.happening, self.book = before, after, happening, book
        self.vacant = vacant if after.level is Level.OFFICIAL else frozenset()
        self.tells: list[Tell] = []

    def write(self) -> None:
        act = self.happening.act
        if act in set(Act):
            self._acted(Act(act))
        elif act in set(Mark):
            self._marked(Mark(act))

    def _acted(self, act: Act) -> None:  # noqa: C901, PLR0912 - a line for each act
        match act:
            case Act.TAKE:
                self._employee(_TAKEN[self.after.level])
            case Act.ANSWER:
                self._employee(N_("<b>Answer to your complaint {number}</b>"), SOLVED, last=_SOLVED)
                self._former(N_("{actor} has answered complaint {number}, which you had taken."))
            case Act.ASK:
                self._employee(N_("<b>Question about your complaint {number}</b>"), REPLY, last=_ASKED)
                self._former(N_("{actor} has asked back about complaint {number}, which you had taken."))
            case Act.REPLY | Act.ADD if self.before.status is Status.WAITING:
                self._desk(N_("<b>{number}: the employee has replied</b>"), ANSWER, spoken=True)
            case Act.REPLY | Act.ADD:
                self._desk(N_("<b>{number}: a message from the employee</b>"), ANSWER, spoken=True)
            case Act.MOVE:
                later = self.after.due_at > self.before.due_at
                self._employee(N_("Your complaint {number} now belongs to: {category}."), due=later)
            case Act.ESCALATE:
                self.packet(N_("<b>{number} has been escalated to you</b>"))
                up = N_("Your complaint {number} has been passed on to the complaints official.")
                self._employee(up, last=self._unmanned)
            case Act.OVERDUE:
                self._overdue()
            case Act.DIRECT:
                self._desk(N_("<b>{number}: directions of the complaints official</b>"), OPEN, spoken=True)
            case Act.RETURN:
                self._desk(N_("<b>{number}: the complaints official has returned it</b>"), OPEN, spoken=True)
            case Act.CONFIRM:
                self._desk(N_("{number}: the employee says that it is solved."), OPEN)
            case Act.DENY:
                self._come_back(N_("<b>{number}: the employee says that it is not solved yet</b>"), ANSWER)
            case Act.REOPEN:
                self._come_back(N_("<b>{number}: the employee has opened it again</b>"), OPEN)
            case Act.WITHDRAW if self.after.person is None:
                self._desk(N_("{number} was withdrawn, because the employee has had all personal data erased."), OPEN)
            case Act.WITHDRAW:
                self._desk(N_("{number}: the employee has withdrawn the complaint."), OPEN, spoken=True)
            case Act.SILENCE:
                self._employee(_CLOSED[self.before.status is Status.WAITING], REOPEN, until=self._reopens())
                self._desk(N_("{number} was closed: the employee did not reply any more."), OPEN)
            case Act.NOTE:
                pass

    def _marked(self, mark: Mark) -> None:  # noqa: C901, PLR0912 - a line for each mark
        match mark:
            case Mark.FILED if self.after.confidential:
                self.packet(N_("<b>{number}: a confidential complaint for you alone</b>"))
            case Mark.FILED if self.after.level is Level.OFFICIAL:
                self.packet(N_("<b>{number} comes straight to you: there is no officer who may take it</b>"))
            case Mark.UNTAKEN:
                self._everyone(N_("{number} waits: nobody has taken it for two hours of service."), TAKE)
            case Mark.HALF:
                self._desk(N_("{number}: half of the time has gone. It is due {due}."), OPEN)
            case Mark.PACKET:
                self.packet(N_("<b>{number} still waits for you</b>"))
                if self._late and self.after.nudges % _LEADERS_EACH == 0:
                    self._leaders(N_("Complaint {number} was due {due}; the complaints official has not taken it yet."))
            case Mark.VACANT:
                self._vacancy()
            case Mark.PROMPTED if self.vacant_up:
                self._vacancy()
            case Mark.PROMPTED:
                self._desk(N_("{number} is with you and not answered yet. It is due {due}."), OPEN)
                if self._late:
                    self._leaders(N_("Complaint {number} was due {due} and is not answered yet."))
            case Mark.REMINDED:
                self._employee(_REMINDER, REPLY, last=self._closing())
            case Mark.ASKED_AGAIN:
                self._employee(N_("Is your complaint {number} solved?"), SOLVED, last=self._closing())
            case Mark.RECOUNTED:
                self._employee(N_("Your complaint {number} is due later than we said."), due=True)
            case Mark.MAILED:
                self._desk(UNREACHED_MAILED, OPEN)
            case Mark.LOST:
                self._desk(UNREACHED, OPEN)
            case Mark.MAIL_LOST:
                self._desk(_UNREACHED_BY_MAIL, OPEN)
            case Mark.STAFF_LOST:
                self._supervisors(_STAFF_UNREACHED)
            case Mark.STAFF_MAIL_LOST:
                self._supervisors(_STAFF_UNREACHED_BY_MAIL)
            case Mark.MAIL_ANSWER:
                head = N_("<b>{number}: answer by e-mail from {sender}</b>")
                self._desk(head, self._answering, spoken=True, last=_FOR_STAFF)
            case Mark.WITHHELD:
                self._desk(_WITHHELD, self._answering)
            case Mark.AUTOMATIC:
                self._of_mail(_AUTOMATIC)
            case Mark.DELAYED:
                self._of_mail(_DELAYED, N_("A letter about complaint {number} has not arrived yet."))
            case Mark.BOUNCED:
                self._of_mail(_BOUNCED, N_("A letter about complaint {number} came back: it did not arrive."))
            case Mark.FILED | Mark.HANDED | Mark.STOPPED | Mark.RESUMED | Mark.STAFF_MAILED:
                pass

    def _overdue(self) -> None:
        self.packet(N_("<b>{number} was not answered in time and has been escalated to you</b>"))
        if not self.vacant_up:
            self._leaders(N_("Complaint {number} was due {due}. It has been escalated to the complaints official."))
        late = N_("{number} was due {due}. It has been escalated to the complaints official.")
        self._add(Role.OFFICER if self.before.holder is None else Colleague(self.before.holder), (self._text(late),))
        self._employee(_LATE, last=self._unmanned)

    def _come_back(self, head: str, buttons: tuple[tuple[str, str], ...]) -> None:
        """To who worked on it before; it waits for somebody anew."""
        self._desk(head, buttons, spoken=True)
        if self.vacant_up:
            self._vacancy()

    # Whom

    def _employee(  # the parts of a message, in their order
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
        parts: list[Text | Words] = [self._text(head, **values)]
        if self.happening.act in {Act.ANSWER, Act.ASK}:
            parts += self._spoken()
        if due:
            parts += due_parts(self.after, self.book)
        if last is not None:
            parts.append(last)
        self._add(self.after.person, tuple(parts), self._keyboard("/aduan", (*buttons, SHOW)))

    def _desk(
        self, head: str, buttons: tuple[tuple[str, str], ...], *, spoken: bool = False, last: Text | None = None
    ) -> None:
        """Who works on it; if nobody does, everybody on its level."""
        parts = (self._text(head), *(self._spoken() if spoken else ()), *((last,) if last else ()))
        self._add(self._worker or self._level, parts, self._keyboard("/tiket", buttons))

    def _everyone(self, head: str, buttons: tuple[tuple[str, str], ...]) -> None:
        self._add(self._level, (self._text(head),), self._keyboard("/tiket", buttons))

    def _former(self, head: str) -> None:
        """Who worked on it until somebody else did something."""
        holder = self.before.holder
        if holder is not None and holder != self.after.holder and self.before.level is self.after.level:
            sees_it = self.before.status is not Status.ESCALATED  # then it was an officer, who has only given it away
            self._add(Colleague(holder), (self._text(head),), self._keyboard("/tiket", OPEN if sees_it else ()))

    def _supervisors(self, head: str) -> None:
        """Those who see to it that staff can be reached: who is named in the history did not get something."""
        said = self._text(head, who=self.happening.text)
        self._add(Role.ADMIN, (said,), self._keyboard("/tiket", OPEN))
        self._add(Role.LEADER, (said,))

    def _leaders(self, head: str) -> None:
        self._add(Role.LEADER, (self._text(head),))

    def _vacancy(self) -> None:
        """Numbers and dates for those who can appoint somebody, and see to it: no text, and no name."""
        about = [self._text(N_("<b>{number}: there is no complaints official who may take it</b>"))]
        about.append(self._text(N_("Due: {due}")))
        if self.after.confidential:
            about.append(Text(N_("It is confidential.")))
        appoint = N_("Please appoint a complaints official, or one more. Whoever accepts gets it at once: /petugas")
        self._add(Role.ADMIN, (*about, Text(appoint)))
        ask = N_("An administrator can appoint a complaints official, or one more, with /petugas.")
        self._add(Role.LEADER, (*about, Text(ask)))

    def _of_mail(self, head: str, undelivered: str = "") -> None:
        """Who works on it, and of what nobody has taken yet the officers, who need not wait for a letter.

        `undelivered`: what the leadership reads of a letter that an official may not have. Administrators read it too.
        """
        self._desk(head, OPEN)
        if self.after.status is Status.ESCALATED and not self.after.confidential:
            holder = self.after.holder
            self._add(Role.OFFICER if holder is None else Colleague(holder), (self._text(head),))
        if undelivered and self.happening.side in {"official", "clock"}:
            self._add(Role.ADMIN, (self._text(head),), self._keyboard("/tiket", OPEN))
            self._leaders(undelivered)

    def packet(self, head: str) -> None:
        """Everything that the official needs to begin."""
        if self.vacant_up:
            self._vacancy()
            return
        about: list[Text | Words] = [self._text(head)]
        if self.after.name:
            who = N_("From: {name}, {unit}") if self.after.unit else N_("From: {name}")
            about.append(self._text(who, name=self.after.name, unit=self.after.unit))
        about.append(self._text(N_("Category: {category}\nReceived: {received}\nDue: {due}")))
        if self.after.text:
            about.append(Text("{text}", {"text": shortened(self.after.text)}))
        if self.after.attachments:
            about.append(Text(N_("Attachments: {count}"), {"count": len(self.after.attachments)}))
        if (tried := origin_of(self.after.origin, self.book)) is not None:
            about.append(Text(N_("What was tried: {origin}"), {"origin": tried}))
        if self.happening.text and self.happening.act == Act.ESCALATE:
            about.append(Text(N_("Why: {reason}"), {"reason": shortened(self.happening.text)}))
        alone = self.after.confidential or Level.OFFICER in self.vacant
        buttons = OFFICIAL[:2] if alone else OFFICIAL
        self._add(Role.OFFICIAL, tuple(about), self._keyboard("/tiket", (*buttons, *OPEN)))

    def _add(self, to: Role | Colleague | Person, parts: Parts, keyboard: Keyboard = ()) -> None:
        self.tells.append(Tell(to, parts, keyboard))

    # What

    @property
    def vacant_up(self) -> bool:
        """Whether it is the official's, and there is none who may take it."""
        return Level.OFFICIAL in self.vacant

    @property
    def _unmanned(self) -> Text | None:
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
    def _answering(self) -> tuple[tuple[str, str], ...]:
        return OPEN if self.after.status in ENDED else ANSWER

    def _sender(self) -> Value:
        """Whose mailbox it is; an address that nobody here is known by stands in the text."""
        if self.happening.side == "clock":
            return self.happening.text or Text(N_("an unknown address"))
        return Text(_MAILBOXES[self.happening.side], {"name": self.happening.actor or "…"})

    @property
    def _late(self) -> bool:
        return self.after.stopped_at is None and self.after.due_at <= self.happening.at

    def _reopens(self) -> Value:
        return reopens_until(self.after, self.book) if self.after.status in ENDED else ""

    def _closing(self) -> Text | None:
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

    def _text(self, msgid: str, **values: Value) -> Text:
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

    def _keyboard(self, command: str, buttons: tuple[tuple[str, str], ...]) -> Keyboard:
        return tuple(
            (Button(Text(label), f"{command} {self.after.number} {verb}".rstrip()),) for label, verb in buttons
        )


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

UNREACHED_MAILED = N_(
    "Complaint <b>{number}</b>: the last message did not reach the employee on Telegram, so it went by e-mail."
)
UNREACHED = N_(
    "Complaint <b>{number}</b>: the last message did not reach the employee on Telegram, and there is no e-mail "
    "address to use. There is no other way from here: please call or visit. The message stands in the history of the "
    "complaint."
)
_UNREACHED_BY_MAIL = N_(
    "Complaint <b>{number}</b>: the last message did not reach the employee by e-mail. There is no other way from "
    "here: please call or visit. The message stands in the history of the complaint."
)
_STAFF_UNREACHED = N_(
    "Complaint <b>{number}</b>: the last message to {who} did not arrive on Telegram, and there is no e-mail address "
    "to use. Please tell {who}, and see that the work goes on."
)
_STAFF_UNREACHED_BY_MAIL = N_(
    "Complaint <b>{number}</b>: the last e-mail to {who} did not arrive. Please tell {who}, see that the work goes on, "
    "and check the address."
)
UNMANNED = N_(
    "At the moment there is no complaints official who may take it. The administrators and the leadership have been "
    "told, and whoever is appointed gets it at once."
)
"""For the employee."""

_TAKEN = {
    Level.OFFICER: N_("An officer now works on your complaint {number}."),
    Level.OFFICIAL: N_("The complaints official now works on your complaint {number}."),
}
_SOLVED = Text(N_("Is it solved?"))
_ASKED = Text(N_("Please reply to this message. Until then the time limit stands still."))
_REMINDER = N_("We asked you something about your complaint {number} and still need your reply.")
_LATE = N_(
    "We are sorry: your complaint {number} was not answered by {due}. It is now with the complaints official of the "
    "office, who works on it until it is solved."
)
_CLOSED = {
    True: N_(
        "Your complaint {number} was closed, because we had no reply to our question. You can open it again until "
        "{until}."
    ),
    False: N_(
        "Your complaint {number} was closed, because we heard nothing after the answer. You can open it again until "
        "{until}."
    ),
}


_MAILBOXES: Mapping[Side, str] = {
    "employee": N_("the employee"),
    "officer": N_("officer {name}"),
    "official": N_("the complaints official {name}"),
}
_FOR_STAFF = Text(N_("The employee does not see this. If it helps, please pass it on in an answer of your own."))
_WITHHELD = N_(
    "{number}: in an e-mail from {sender} there was something that nobody may keep, such as a passphrase or an NIK. It "
    "was not kept. Please ask for the answer again, without it."
)
_AUTOMATIC = N_("{number}: an automatic answer came by e-mail from {sender}. They may be away.")
_DELAYED = N_("{number}: the letter to {sender} has not arrived yet. The mail servers still try.")
_BOUNCED = N_(
    "<b>{number}: the letter to {sender} came back, it did not arrive.</b> Please use another way, and have the "
    "address corrected."
)


def origin_of(origin: str, book: Book) -> Text | None:
    """Where the guide stood and what was tried, out of what `origin` in `complaint_moves.py` kept of it."""
    kept = dict(part.partition("=")[::2] for part in origin.split())
    symptom = next((each for each in book.service.symptoms if each.id == kept.get("symptom")), None)
    lines: list[Value] = []
    if kept.get("step"):
        lines.append(Text(N_("From the guide, step {step}"), {"step": kept["step"]}))
    if symptom is not None:
        lines.append(Text(N_("What is seen: {symptom}"), {"symptom": symptom.label}))
        lines.append(Text(N_("Tried already:\n{steps}"), {"steps": numbered(symptom.steps)}))
    if not lines:  # in other words than the guide's: shown as it is
        return Text("{text}", {"text": shortened(origin)}) if origin else None
    return Text("{lines}", {"lines": tuple(lines)})
