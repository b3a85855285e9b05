"""Who is told what after something has happened to a complaint: the employee, who works on it, and who answers for it.

- Every message carries the number, so that an answer to it finds the complaint.
- What is confidential never goes to officers: whoever works on it stands on its level. The leadership gets numbers and
  dates, never what people wrote.
- Internal lines never go to the employee; who answers them is called by the role, not by name.
- Where no official may take what has come to that level, administrators and leaders are told of it: number and date.
- Who did it is not told: their chat has the answer of the step. New complaints reach officers as cards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conversations.complaint import CAME_BY_MAIL, Act, Complaint, Happening, Level, Mark, Status
from conversations.complaint_words import origin_of
from conversations.effects import Tell
from conversations.notice_writer import ANSWER, OFFICIAL, OPEN, REOPEN, REPLY, SOLVED, TAKE, Writer
from conversations.people import Colleague, Role
from conversations.progress import progress_text
from conversations.text import N_, Text, Words, shortened

if TYPE_CHECKING:
    from conversations.facts import Book
    from conversations.progress import Progress

_LEADERS_EACH = 5  # of the packets of a complaint that is late


def notices(
    before: Complaint | None,
    after: Complaint,
    happening: Happening,
    book: Book,
    vacant: frozenset[Level] = frozenset(),
    progress: Progress | None = None,
) -> tuple[Tell, ...]:
    """Everybody who is told, in this order. `before` is None for what has just been filed.

    `vacant` are the levels on which there is nobody who may work on it; `progress` is how far the employee is with the
    renewal, for the packet.
    """
    told = _Notices(before or after, after, happening, book, vacant, progress)
    told.write()
    return tuple(told.tells)


def handing_over(
    complaint: Complaint,
    history: tuple[Happening, ...],
    book: Book,
    vacant: frozenset[Level],
    progress: Progress | None = None,
) -> Tell:
    """The packet for an official who was appointed while it waited, with the reason if an officer passed it on."""
    passed_on = next((line for line in reversed(history) if line.act == Act.ESCALATE), history[-1])
    told = _Notices(complaint, complaint, passed_on, book, vacant - {Level.OFFICIAL}, progress)
    told.packet(N_("<b>{number} waits for you</b>"))
    return told.tells[0]


class _Notices(Writer):
    """The messages about one happening."""

    def write(self) -> None:
        act = self.happening.act
        if act in set(Act):
            self._acted(Act(act))
        elif act in set(Mark):
            self._marked(Mark(act))

    def _acted(self, act: Act) -> None:  # noqa: C901, PLR0912 - a line for each act
        match act:
            case Act.TAKE:
                self.employee(_TAKEN[self.after.level])
            case Act.ANSWER:
                self.employee(N_("<b>Answer to your complaint {number}</b>"), SOLVED, last=_SOLVED)
                self.former(N_("{actor} has answered complaint {number}, which you had taken."))
            case Act.ASK:
                self.employee(N_("<b>Question about your complaint {number}</b>"), REPLY, last=_ASKED)
                self.former(N_("{actor} has asked back about complaint {number}, which you had taken."))
            case Act.REPLY | Act.ADD if self.before.status is Status.WAITING:
                self._come_back(N_("<b>{number}: the employee has replied</b>"), ANSWER)
            case Act.REPLY | Act.ADD if self.before.status is Status.ANSWERED:
                self._come_back(N_("<b>{number}: the employee has written after the answer</b>"), ANSWER)
            case Act.REPLY | Act.ADD:
                self.desk(N_("<b>{number}: a message from the employee</b>"), ANSWER, spoken=True)
            case Act.MOVE:
                later = self.after.due_at > self.before.due_at
                self.employee(N_("Your complaint {number} now belongs to: {category}."), due=later)
            case Act.ESCALATE:
                self.packet(N_("<b>{number} has been escalated to you</b>"))
                self.employee(_PASSED_ON, last=self.unmanned)
            case Act.OVERDUE:
                self._overdue()
            case Act.DIRECT:
                self.desk(N_("<b>{number}: directions of the complaints official</b>"), OPEN, spoken=True)
            case Act.RETURN:
                self.desk(N_("<b>{number}: the complaints official has returned it</b>"), OPEN, spoken=True)
            case Act.CONFIRM:
                self.desk(N_("{number}: the employee says that it is solved."), OPEN)
            case Act.DENY:
                self._come_back(N_("<b>{number}: the employee says that it is not solved yet</b>"), ANSWER)
            case Act.REOPEN:
                self._come_back(N_("<b>{number}: the employee has opened it again</b>"), ANSWER)
            case Act.WITHDRAW if self.after.person is None:
                self.desk(N_("{number} was withdrawn, because the employee has had all personal data erased."), OPEN)
            case Act.WITHDRAW:
                self.desk(N_("{number}: the employee has withdrawn the complaint."), OPEN, spoken=True)
            case Act.SILENCE:
                self.employee(_CLOSED[self.before.status is Status.WAITING], REOPEN, until=self.reopens())
                self.desk(N_("{number} was closed: the employee did not reply any more."), OPEN)
            case Act.NOTE:
                pass

    def _marked(self, mark: Mark) -> None:  # noqa: C901, PLR0912 - a line for each mark
        match mark:
            case Mark.FILED if self.after.confidential:
                self.packet(N_("<b>{number}: a confidential complaint for you alone</b>"))
            case Mark.FILED if self.after.level is Level.OFFICIAL:
                self.packet(_STRAIGHT)
            case Mark.UNSTAFFED:
                self.packet(_STRAIGHT)
                self.employee(_PASSED_ON, last=self.unmanned)
            case Mark.RELEASED:
                self._released()
            case Mark.UNTAKEN:
                self.everyone(N_("{number} waits: nobody has taken it for two hours of service."), TAKE)
            case Mark.HALF:
                self.desk(N_("{number}: half of the time has gone. It is due {due}."), OPEN)
            case Mark.PACKET:
                self.packet(N_("<b>{number} still waits for you</b>"))
                if self.late and self.after.nudges % _LEADERS_EACH == 0:
                    self.leaders(N_("Complaint {number} was due {due}; the complaints official has not taken it yet."))
            case Mark.VACANT:
                self._vacancy()
            case Mark.PROMPTED if self.vacant_up:
                self._vacancy()
            case Mark.PROMPTED:
                self.desk(N_("{number} is with you and not answered yet. It is due {due}."), OPEN)
                if self.late:
                    self.leaders(N_("Complaint {number} was due {due} and is not answered yet."))
            case Mark.REMINDED:
                self.employee(_REMINDER, REPLY, last=self.closing())
            case Mark.ASKED_AGAIN:
                self.employee(N_("Is your complaint {number} solved?"), SOLVED, last=self.closing())
            case Mark.RECOUNTED:
                self.employee(N_("Your complaint {number} is due later than we said."), due=True)
            case Mark.MAILED:
                self.desk(_UNREACHED_MAILED, OPEN)
            case Mark.LOST:
                self.desk(_UNREACHED, OPEN)
            case Mark.MAIL_LOST:
                self.desk(_UNREACHED_BY_MAIL, OPEN)
            case Mark.STAFF_LOST:
                self.supervisors(_STAFF_UNREACHED)
            case Mark.STAFF_MAIL_LOST:
                self.supervisors(_STAFF_UNREACHED_BY_MAIL)
            case _ if mark in CAME_BY_MAIL:
                self._mailed(mark)
            case Mark.FILED | Mark.HANDED | Mark.STOPPED | Mark.RESUMED | Mark.STAFF_MAILED:
                pass

    def _mailed(self, mark: Mark) -> None:
        match mark:
            case Mark.MAIL_ANSWER:
                head = N_("<b>{number}: answer by e-mail from {sender}</b>")
                last = _FILES_AND_FOR_STAFF if "📎" in self.happening.text else _FOR_STAFF
                self.desk(head, self.answering, spoken=True, last=last)
            case Mark.UNREAD:
                self._of_mail(_UNREAD)
            case Mark.WITHHELD:
                self.desk(_WITHHELD, self.answering)
            case Mark.AUTOMATIC:
                self._of_mail(_AUTOMATIC)
            case Mark.DELAYED:
                self._of_mail(_DELAYED, N_("A letter about complaint {number} has not arrived yet."))
            case Mark.BOUNCED:
                self._of_mail(_BOUNCED, N_("A letter about complaint {number} came back: it did not arrive."))

    def _overdue(self) -> None:
        self.packet(N_("<b>{number} was not solved in time and has been escalated to you</b>"))
        if not self.vacant_up:
            self.leaders(N_("Complaint {number} was due {due}. It has been escalated to the complaints official."))
        late = N_("{number} was due {due}. It has been escalated to the complaints official.")
        self.add(Role.OFFICER if self.before.holder is None else Colleague(self.before.holder), (self.text(late),))
        self.employee(_LATE, last=self.unmanned)

    def _released(self) -> None:
        """To whoever may take it now, unless it is the employee's turn or nobody of this level had it."""
        if self.before.status not in {Status.TAKEN, Status.REOPENED}:
            return
        if self.after.level is Level.OFFICIAL:
            self.packet(N_("<b>{number} waits for you: who had taken it is not on the staff any more</b>"))
        else:
            self.everyone(N_("{number} waits: who had taken it is not on the staff any more."), TAKE)

    def _come_back(self, head: str, buttons: tuple[tuple[str, str], ...]) -> None:
        """To who worked on it before; it waits for somebody anew."""
        self.desk(head, buttons, spoken=True)
        if self.vacant_up:
            self._vacancy()

    def _vacancy(self) -> None:
        """Numbers and dates for those who can appoint somebody, and see to it: no text, and no name."""
        about = [self.text(N_("<b>{number}: there is no complaints official who may take it</b>"))]
        about.append(self.text(N_("Due: {due}")))
        if self.after.confidential:
            about.append(Text(N_("It is confidential.")))
        appoint = N_("Please appoint a complaints official, or one more. Whoever accepts gets it at once: /petugas")
        self.add(Role.ADMIN, (*about, Text(appoint)))
        ask = N_("An administrator can appoint a complaints official, or one more, with /petugas.")
        self.add(Role.LEADER, (*about, Text(ask)))

    def _of_mail(self, head: str, undelivered: str = "") -> None:
        """Who works on it, and of what nobody has taken yet the officers, who need not wait for a letter.

        `undelivered`: what the leadership reads of a letter that an official may not have. Administrators read it too.
        """
        self.desk(head, OPEN)
        if self.after.status is Status.ESCALATED and not self.after.confidential:
            holder = self.after.holder
            self.add(Role.OFFICER if holder is None else Colleague(holder), (self.text(head),))
        if undelivered and self.happening.side in {"official", "clock"}:
            self.add(Role.ADMIN, (self.text(head),), self.keyboard("/tiket", OPEN))
            self.leaders(undelivered)

    def packet(self, head: str) -> None:
        """Everything that the official needs to begin."""
        if self.vacant_up:
            self._vacancy()
            return
        about: list[Text | Words] = [self.text(head)]
        if self.after.name:
            who = N_("From: {name}, {unit}") if self.after.unit else N_("From: {name}")
            about.append(self.text(who, name=self.after.name, unit=self.after.unit))
        about.append(self.text(N_("Category: {category}\nReceived: {received}\nDue: {due}")))
        if self.after.text:
            about.append(Text("{text}", {"text": shortened(self.after.text)}))
        if self.after.attachments:
            about.append(Text(N_("Attachments: {count}"), {"count": len(self.after.attachments)}))
        if (tried := origin_of(self.after.origin, self.book)) is not None:
            about.append(tried)
        if self.progress is not None:
            about.append(progress_text(self.progress, self.book))
        if self.happening.text and self.happening.act == Act.ESCALATE:
            about.append(Text(N_("Why: {reason}"), {"reason": shortened(self.happening.text)}))
        alone = self.after.confidential or Level.OFFICER in self.vacant
        buttons = OFFICIAL[:2] if alone else OFFICIAL
        self.add(Role.OFFICIAL, tuple(about), self.keyboard("/tiket", (*buttons, *OPEN)))


_UNREACHED_MAILED = N_(
    "Complaint <b>{number}</b>: the last message did not reach the employee on Telegram, so it went by e-mail."
)
_UNREACHED = N_(
    "Complaint <b>{number}</b>: the last message did not reach the employee on Telegram, and there is no e-mail "
    "address to use. There is no other way from here: please call or visit. The message stands in the history of the "
    "complaint."
)
_UNREACHED_BY_MAIL = N_(
    "Complaint <b>{number}</b>: the last message did not reach the employee by e-mail. There is no other way from "
    "here: please call or visit. The message stands in the history of the complaint."
)
_STAFF_UNREACHED = N_(
    "Complaint <b>{number}</b>: the last message to {who} did not arrive on Telegram, and could not go by e-mail. "
    "Please tell {who}, and see that the work goes on."
)
_STAFF_UNREACHED_BY_MAIL = N_(
    "Complaint <b>{number}</b>: the last e-mail to {who} did not arrive. Please tell {who}, see that the work goes on, "
    "and check the address."
)

_TAKEN = {
    Level.OFFICER: N_("An officer now works on your complaint {number}."),
    Level.OFFICIAL: N_("The complaints official now works on your complaint {number}."),
}
_SOLVED = Text(N_("Is it solved?"))
_ASKED = Text(N_("Please answer this question. Until then the time limit stands still."))
_REMINDER = N_("We asked you something about your complaint {number} and still need your reply.")
_STRAIGHT = N_("<b>{number} comes straight to you: there is no officer who may take it</b>")
_PASSED_ON = N_("Your complaint {number} has been passed on to the complaints official.")
_LATE = N_(
    "We are sorry: your complaint {number} was not solved by {due}. It is now with the complaints official of the "
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


_FILES_AND_FOR_STAFF = Text(
    N_(
        "Its files lie in the mailbox. The employee does not see this. If it helps, please pass it on in an answer of "
        "your own."
    )
)
_UNREAD = N_(
    "{number}: an e-mail came from {sender} that is not taken for an answer, because nobody was written to there or "
    "nothing new can be found in it. Please look into the mailbox."
)
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
