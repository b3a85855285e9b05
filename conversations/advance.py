"""The one function that runs a conversation: a session and an event give the next session and its effects.

It is total (any session with any event gives a step) and deterministic, and it does nothing itself: the edge sends the
messages, storage does the commands, and the moment comes with the event.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from conversations import cards, picker, screen
from conversations.check import check
from conversations.effects import Button, DropAlarm, Effect, SetAlarm, Settle
from conversations.events import (
    CertificateFound,
    Commanded,
    Elapsed,
    Event,
    Left,
    Pressed,
    Recorded,
    Returned,
    Said,
    Shared,
)
from conversations.facts import Book, Facts
from conversations.flow import BACK, Ask, Choose, Do, Flow, Question, Refused, Review
from conversations.flows import ALARM_FLOWS, RENEWAL, TROUBLE, all_flows
from conversations.moves import WAIT, Moves
from conversations.session import Answer, Frame, Session
from conversations.text import N_, Text

if TYPE_CHECKING:
    from datetime import datetime

    from conversations.service import Service

UNDERSTOOD_NEVER = 3  # texts in a row that were not understood, after which a person is offered

_STALE = N_("That button belongs to an earlier question. This is where we are now:")
_CANCELLED = N_(
    "The guide was cancelled and its answers are deleted. A request or a reminder that I noted before stays noted."
)
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

    def advance(self, session: Session, event: Event) -> Step:
        return _Walk(self.book, self.flows, session, event.at).take(event)

    def offers(self, session: Session, at: datetime) -> tuple[Button, ...]:
        """The buttons that a typed text may name now; the edge knows their labels in the person's language."""
        walk = _Walk(self.book, self.flows, session, at)
        rows = walk.keyboard() if walk.question is not None else cards.menu(going=False).keyboard
        return tuple(button for row in rows for button in row if button.data)


class _Walk(Moves):
    """One step: what an event does to a session."""

    def take(self, event: Event) -> Step:
        match event:
            case Said():
                self.hear(event)
            case Pressed():
                self.in_place = True
                self.press(event.data)
            case Commanded():
                self.command(event.name, event.argument, event.first_name)
            case Shared():
                self.card(cards.shared(event.kind, going=self.session.top is not None))
            case Elapsed():
                self.ring(event.alarm)
            case CertificateFound() | Recorded():
                self.done(event)
            case Left() | Returned():
                pass  # whether the person can be reached is storage's business
            case _:
                assert_never(event)
        if isinstance(event, Said | Pressed | Commanded):
            self.session = replace(self.session, pressed=self.pressed)
        return Step(self.session, tuple(self.effects))

    def hear(self, event: Said) -> None:
        question, frame = self.question, self.session.top
        if isinstance(question, Ask) and frame is not None:
            read = question.accept.read(event.text, self.at, self.facts)
            if not isinstance(read, Refused):
                self.answer(question, frame, read.value, question.then[read.branch])
                return
            if event.meant is None:
                self.miss(read.why)
                return
        if event.meant is None:
            self.miss(None)
        else:
            self.press(event.meant)

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
        if isinstance(question, Ask) and option is None:
            return question.dates and self.pick(question, frame, name)
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
        match picker.picked(name):
            case None:
                return False
            case str() as shown:
                self.session = self.session.with_top(replace(frame, picked=shown))
                self.show_question()
            case day:
                self.typed(question, replace(frame, picked=""), day.isoformat())
        return True

    def typed(self, question: Ask, frame: Frame, text: str) -> None:
        read = question.accept.read(text, self.at, self.facts)
        if isinstance(read, Refused):
            self.session = self.session.with_top(frame)
            self.notices.append(read.why)
            self.show_question()
        else:
            self.answer(question, frame, read.value, question.then[read.branch])

    def done(self, event: CertificateFound | Recorded) -> None:
        """A command was carried out: go on where it was given, or show what was asked for."""
        frame = self.session.top
        state = self.state_of(frame) if frame else None
        found = event.expires_on if isinstance(event, CertificateFound) else None
        if frame is None or not isinstance(state, Do):
            if isinstance(event, CertificateFound):
                self.card(cards.idle(found))
            return
        branch = "done" if isinstance(event, Recorded) else "found" if found else "none"
        trail = (*frame.trail, Answer(frame.state, found.isoformat())) if found else frame.trail
        if branch in state.then:
            self.enter(frame.moved(state.then[branch], trail))

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
        self.session = replace(self.session, stack=(*stack[: stack.index(waiting)], frame))
        remind = self.waiting(frame)
        if remind is not None and frame.reminders < remind.times:
            self.effects.append(SetAlarm(WAIT, self.book.calendar.next_morning(self.at)))
        self.show_question()
        if before is not None:
            self.effects.append(Settle(before))  # the buttons are below the new message now

    def command(self, name: str, argument: str, first_name: str) -> None:
        self.session = replace(self.session, misses=0)
        match name:
            case "perbarui":
                self.begin(RENEWAL)
            case "kendala":
                self.detour(TROUBLE)
            case "lanjut":
                self.go_on()
            case "kembali":
                self.back()
            case "batal":
                self.cancel(sure=argument == cards.sure(self.session.turn))
            case "status":
                self.status()
            case "bantuan":
                self.notices.append(Text(cards.HELP))
                self.go_on()
            case "kontak":
                self.in_place = False  # its button may stand under a question, which must stay
                self.card(cards.card(name, argument, first_name, self.facts, going=self.session.top is not None))
            case "bahasa" if (choice := cards.language(argument)) is not None:
                self.effects.append(choice)
                self.notices.append(Text(N_("From now on I write in English.")))
                self.go_on()
            case _:
                self.card(cards.card(name, argument, first_name, self.facts, going=self.session.top is not None))

    def status(self) -> None:
        frame = next((frame for frame in self.session.stack if frame.flow == RENEWAL), None)
        if frame is None:
            self.effects.append(cards.LOOK_UP)
            return
        flow = self.flows[frame.flow]
        facts = Facts(self.book, self.at, flow, frame)
        state = flow.by_name[frame.state]
        question = state if isinstance(state, Choose | Ask | Review) else None
        self.card(cards.status(facts, question, self.asks_at(frame, question)))

    def asks_at(self, frame: Frame, question: Question | None) -> datetime | None:
        """When a waiting question comes again by itself; None if it does not any more."""
        if question is None or question.remind is None or frame.reminders >= question.remind.times:
            return None
        asked_at = frame.asked_at or self.at
        if frame.reminders:
            return max(self.book.calendar.next_morning(asked_at), self.at)
        then = Facts(self.book, asked_at, self.flows[frame.flow], frame)
        return self.book.moment(then[question.remind.at], asked_at)

    def cancel(self, *, sure: bool) -> None:
        if self.session.top is None:
            self.card(cards.menu(going=False, notice=N_("There is nothing to cancel.")))
        elif not sure:
            self.card(cards.cancel(self.session.turn))
        else:
            self.session = replace(self.session, stack=())
            self.effects.append(DropAlarm(WAIT))
            self.card(cards.menu(going=False, notice=_CANCELLED))

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
