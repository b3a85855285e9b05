"""The one function that runs a conversation: a session and an event give the next session and its effects.

It is total (any session with any event gives a step) and deterministic, and it does nothing itself: the edge sends the
messages, storage does the commands, and the moment comes with the event.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from conversations import cards, screen
from conversations.answers import Message
from conversations.check import check
from conversations.complaint_moves import WORKERS
from conversations.draft import Draft, is_file
from conversations.effects import Button, Effect, SetAlarm, Settle
from conversations.events import (
    Answered,
    Commanded,
    Elapsed,
    Event,
    Left,
    Pressed,
    Returned,
    Said,
    Shared,
    Withheld,
)
from conversations.facts import Book
from conversations.flow import BACK, ENOUGH, Accepted, Ask, Flow, Question, Refused, Review, Shown
from conversations.flows import ALARM_FLOWS, all_flows
from conversations.identity import SixDigits
from conversations.moves import WAIT
from conversations.people import ANYONE, Standing
from conversations.replies import Replies
from conversations.session import Frame, Session
from conversations.text import N_, Text

if TYPE_CHECKING:
    from datetime import datetime

    from conversations.service import Service

UNDERSTOOD_NEVER = 3  # texts in a row that were not understood, after which a person is offered

REPLIED = Message()
"""What comes in reply to a message about a complaint."""

_STALE = N_("That button belongs to an earlier question. This is where we are now:")
_MISSED = (
    N_("Sorry, I did not understand that. Please press one of the buttons below."),
    N_("I can only read the answers on the buttons. You can also type the words that stand on one of them."),
    N_("It looks as if I am not being helpful here. You may press a button below, or contact our office."),
)


@dataclass(frozen=True, slots=True)
class Step:
    """What `advance` gives back."""

    session: Session
    effects: tuple[Effect, ...]


class Guide:
    """The conversations of one service: its flows, checked, and what they know."""

    def __init__(self, service: Service) -> None:
        self.book = Book.of(service)
        self.flows: dict[str, Flow] = {flow.name: flow for flow in all_flows(service)}
        check(self.flows, self.book)

    def advance(self, session: Session, event: Event, standing: Standing = ANYONE) -> Step:
        """`standing` is what storage knows of the person at this moment; every event is measured by it anew."""
        return _Walk(self.book, self.flows, session, event.at, standing).take(event)

    def expects_code(self, session: Session) -> bool:
        """Whether the present question is for the code that we sent ourselves, so that it may be written here."""
        top = session.top
        state = self.flows[top.flow].by_name.get(top.state) if top is not None and top.flow in self.flows else None
        return isinstance(state, Ask) and isinstance(state.accept, SixDigits)

    def offers(self, session: Session, at: datetime, standing: Standing = ANYONE) -> tuple[Button, ...]:
        """The buttons that a typed text may name now; the edge knows their labels in the person's language."""
        walk = _Walk(self.book, self.flows, session, at, standing)
        walk.close_what_ended(aloud=False)
        rows = walk.keyboard() if walk.question is not None else cards.menu(going=False).keyboard
        return tuple(button for row in rows for button in row if button.data)


Happening: TypeAlias = Said | Pressed | Commanded | Shared | Withheld | Elapsed | Answered
"""The events that a conversation can go on from."""


class _Walk(Replies):
    """One step: what an event does to a session."""

    def take(self, event: Event) -> Step:
        if isinstance(event, Left | Returned):
            return Step(self.session, ())  # whether the person can be reached is storage's business
        from_person = isinstance(event, Said | Pressed | Commanded | Shared | Withheld)
        self.in_place = isinstance(event, Pressed)
        closed = self.close_what_ended(aloud=from_person)
        if closed and (isinstance(event, Said) or (isinstance(event, Pressed) and not event.data.startswith("/"))):
            self.go_on()  # it was an answer to a question that is not open any more
        else:
            self.happen(event)
        if isinstance(event, Said | Pressed | Commanded):
            self.session = self.session.with_pressed(self.pressed)
        return Step(self.session, tuple(self.effects))

    def happen(self, event: Happening) -> None:
        match event:
            case Said():
                self.hear(event)
            case Pressed():
                self.press(event.data)
            case Commanded():
                self.command(event.name, event.argument, event.first_name)
            case Shared():
                self.share(event)
            case Elapsed():
                self.ring(event.alarm)
            case Withheld():
                self.notices.append(cards.withheld(event.what))
                self.go_on()
            case _:
                self.done(event)

    def hear(self, event: Said) -> None:
        question, frame = self.question, self.session.top
        if self.replied(event.about):
            taken = REPLIED.take(Draft(), event.text)
            if isinstance(taken, Refused):
                self.card(cards.Card((taken.why,), cards.MENU))
            else:
                self.reply(event.about, Draft.read(taken.value), aside=event.aside)
            return
        if isinstance(question, Ask) and frame is not None and isinstance(question.accept, Message):
            if event.meant is None:
                self.write(question, frame, question.accept, event.text)
            else:
                self.press(event.meant)
            return
        if isinstance(question, Ask) and frame is not None:
            read = question.accept.read(event.text, self.at, self.facts)
            if isinstance(read, Refused) and event.meant is None:
                self.miss(read.why)
                return
            if isinstance(read, Accepted) or (isinstance(read, Shown) and event.meant is None):
                self.follow(question, frame, read)
                return
        if event.meant is None:
            self.miss(None)
        else:
            self.press(event.meant)

    def write(self, question: Ask, frame: Frame, accept: Message, text: str) -> None:
        """Words for a message: with what was sent before they are enough, or it is said what is missing."""
        read = accept.take(Draft.read(frame.draft) if frame.draft else Draft(), text)
        if isinstance(read, Refused):
            self.miss(read.why)
        else:
            self.follow(question, frame, read)

    def share(self, event: Shared) -> None:
        """Something that is not a text: a part of the message that is being written, if one is; else it is not read."""
        question, frame = self.question, self.session.top
        wanted = self.wanted(question)
        if self.replied(event.about) and is_file(event.kind):
            self.reply_with(event)
        elif frame is None or wanted is None or not is_file(event.kind) or not isinstance(wanted.accept, Message):
            self.card(cards.shared(event.kind, going=frame is not None))
        else:
            so_far = frame.draft if wanted is question else frame.answers[wanted.name]
            heard = bool(self.flows[frame.flow].roles)  # a member of staff may speak
            draft, said = wanted.accept.add(Draft.read(so_far) if so_far else Draft(), event, wanted.files, heard=heard)
            self.notices.append(said)
            kept = draft.write() if draft != Draft() else ""
            self.session = self.session.with_top(
                replace(frame, draft=kept, misses=0) if wanted is question else frame.corrected(wanted.name, kept)
            )
            self.show_question()

    def reply_with(self, event: Shared) -> None:
        """A file in reply to one of our messages about a complaint."""
        draft, said = REPLIED.add(Draft(), event, 1, heard=bool(self.standing.roles & WORKERS))
        if draft.files:
            self.reply(event.about, draft, aside=event.aside)
        else:
            self.card(cards.Card((said,), cards.MENU))

    def wanted(self, question: Question | None) -> Ask | None:
        """The message that a file belongs to: the one that is asked for, or the one that is just being reviewed."""
        frame = self.session.top
        if isinstance(question, Ask) and question.files:
            return question
        if frame is None or not isinstance(question, Review):
            return None
        states = self.flows[frame.flow].by_name
        asked = (states[name] for name, _ in question.items if name in frame.answers)
        return next((state for state in asked if isinstance(state, Ask) and state.files), None)

    def press(self, data: str) -> None:
        if data.startswith("/"):
            name, _, argument = data[1:].partition(" ")
            self.command(name, argument, "")
            return
        carried, frame, question = screen.decode(data), self.session.top, self.question
        if (
            carried is not None
            and frame is not None
            and question is not None
            and (carried.flow, carried.state, carried.turn) == (frame.flow, frame.state, self.session.turn)
            and self.choose(question, frame, carried.option)
        ):
            self.pressed = data
        elif carried is None or data != self.session.pressed:  # a second tap on the same button is no news
            self.in_place = False
            self.notices.append(Text(_STALE))
            self.go_on()

    def choose(self, question: Question, frame: Frame, name: str) -> bool:
        """Follow an option of the question; False when it has no such option."""
        if name == BACK:
            with self.leaving(question, frame):
                self.back()
            return True
        if isinstance(question, Review) and name.removeprefix("fix_") in dict(question.items):
            self.enter(replace(frame, state=name.removeprefix("fix_"), fixing=frame.state, misses=0))
            return True
        option = screen.option_of(question, name)
        if name == ENOUGH and isinstance(question, Ask) and isinstance(question.accept, Message) and frame.draft:
            self.write(question, frame, question.accept, "")
            return True
        if isinstance(question, Ask) and option is None:
            return self.pick(question, frame, name)
        if option is None:
            return False
        if option.detour:
            with self.leaving(question, frame):
                self.detour(option.detour)
        elif option.then:
            self.answer(question, frame, option.id, option.then)
        elif isinstance(question, Ask):
            self.typed(question, frame, option.id)
        return True

    def pick(self, question: Ask, frame: Frame, name: str) -> bool:
        """Follow an option of the picker, if there is one and it has such an option."""
        picker = question.picker
        picked = picker.pick(name, frame.picked, self.facts) if picker is not None else None
        if isinstance(picked, str):
            self.typed(question, replace(frame, picked=""), picked)
        elif picked is not None:
            self.follow(question, frame, picked)
        return picked is not None

    def typed(self, question: Ask, frame: Frame, text: str) -> None:
        read = question.accept.read(text, self.at, self.facts)
        if isinstance(read, Refused):
            self.session = self.session.with_top(frame)
            self.notices.append(read.why)
            self.show_question()
        else:
            self.follow(question, frame, read)

    def follow(self, question: Ask, frame: Frame, read: Accepted | Shown) -> None:
        """Take what was read for the answer, or show the page that it opens."""
        if isinstance(read, Accepted):
            self.answer(question, frame, read.value, question.then[read.branch])
            return
        self.session = self.session.with_top(replace(frame, picked=read.page, misses=0))
        if read.why is not None:
            self.notices.append(read.why)
        self.show_question()

    def ring(self, alarm: str) -> None:
        flow, waiting = ALARM_FLOWS.get(alarm), self.waiting_frame() if alarm == WAIT else None
        if flow is None and waiting is None:
            return  # nobody waits any more, or a version set it that knew it
        if not self.book.may_disturb(self.at, self.due(waiting)):
            self.effects.append(SetAlarm(alarm, self.book.calendar.opening(self.at)))
        elif flow is not None:
            self.detour(flow)
        elif waiting is not None:
            self.remind(waiting)

    def remind(self, waiting: Frame) -> None:
        """Ask a waiting question again; what was opened above it is left, or it would never be asked."""
        question, top, stack = self.question, self.session.top, self.session.stack
        before = self.shown(question, top) if question is not None and top is not None else None
        frame = replace(waiting, reminders=waiting.reminders + 1)
        self.session = self.session.with_stack((*stack[: stack.index(waiting)], frame))
        remind = self.waiting(frame)
        if remind is not None and frame.reminders < remind.times:
            self.effects.append(SetAlarm(WAIT, self.book.calendar.next_morning(self.at)))
        self.show_question()
        if before is not None:
            self.effects.append(Settle(before))  # the buttons are below the new message now

    def miss(self, why: Text | None) -> None:
        """A text that was not understood: ask again, differently the second time, then offer a person."""
        frame = self.session.top
        if frame is None:
            misses = min(self.session.misses + 1, UNDERSTOOD_NEVER)
            self.session = replace(self.session, misses=misses)
            self.card(cards.menu(going=False, notice=_MISSED[misses - 1], contact=misses == UNDERSTOOD_NEVER))
            return
        misses = frame.misses + 1
        self.session = self.session.with_top(replace(frame, misses=misses))
        self.notices.append(why if why and misses < UNDERSTOOD_NEVER else Text(_MISSED[min(misses, len(_MISSED)) - 1]))
        if self.question is None:
            self.ask_again()
        else:
            self.show_question(contact=misses >= UNDERSTOOD_NEVER)
