"""What is on the screen while a step is made: the present question, how it is shown, and what is said around it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conversations import cards, screen
from conversations.cards import Card
from conversations.effects import Effect, Keyboard, Parts, Revise, Say
from conversations.facts import Book, Facts
from conversations.flow import Ask, Choose, Flow, Question, Remind, Review, State
from conversations.resume import restored
from conversations.session import Frame, Session
from conversations.text import N_, Text, Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Stage:
    """A step in the making: the session as it becomes, the effects so far, and the present question."""

    def __init__(self, book: Book, flows: Mapping[str, Flow], session: Session, at: datetime) -> None:
        self.book, self.flows, self.at = book, flows, at
        self.effects: list[Effect] = []
        self.in_place = False  # a button was pressed: its message may change in place
        self.outage: Text | None = None  # what stands declared about AMS, for those who need it
        self.closing: Card | None = None  # what is shown when the flow ends, in place of the menu
        self.pressed = ""  # what the button carried, once it was followed
        self.session, changed = restored(session, flows, Facts(book, at))
        self.notices: list[Text] = []
        if changed:
            self.notices.append(Text(N_("The guide has been improved since. Your answers are kept.")))

    @property
    def facts(self) -> Facts:
        frame = self.session.top
        return Facts(self.book, self.at, self.flows[frame.flow] if frame else None, frame)

    @property
    def question(self) -> Question | None:
        state = self.state_of(self.session.top)
        return state if isinstance(state, Choose | Ask | Review) else None

    def state_of(self, frame: Frame | None) -> State | None:
        return self.flows[frame.flow].by_name[frame.state] if frame else None

    def asked(self, frame: Frame) -> list[int]:
        """The places in the trail that answer a question; the others hold what a command found."""
        states = self.flows[frame.flow].by_name
        kinds = [states.get(answer.state) for answer in frame.trail]
        return [place for place, state in enumerate(kinds) if isinstance(state, Choose | Ask | Review)]

    def waiting(self, frame: Frame | None) -> Remind | None:
        """How the question there is asked again, if it waits for something outside."""
        state = self.state_of(frame)
        return state.remind if isinstance(state, Choose | Ask | Review) else None

    def waiting_frame(self) -> Frame | None:
        return next((frame for frame in reversed(self.session.stack) if self.waiting(frame)), None)

    def due(self, waiting: Frame | None) -> Value | None:
        """The moment that a waiting question is about."""
        remind = self.waiting(waiting)
        if waiting is None or remind is None:
            return None
        return Facts(self.book, self.at, self.flows[waiting.flow], waiting)[remind.at]

    def shown(self, question: Question, frame: Frame) -> Parts:
        """The question as it was last shown."""
        at = frame.asked_at or self.at
        return screen.parts(question, frame, Facts(self.book, at, self.flows[frame.flow], frame))

    def keyboard(self) -> Keyboard:
        frame, question = self.session.top, self.question
        if frame is None or question is None:
            return ()
        back = bool(self.asked(frame) or frame.fixing or len(self.session.stack) > 1)
        return screen.keyboard(question, frame, self.facts, self.session.turn, back=back)

    def show_question(self, *, contact: bool = False) -> None:
        frame, question = self.session.top, self.question
        if frame is None or question is None:
            return
        self.session = self.session.with_top(replace(frame, asked_at=self.at))
        rows = self.keyboard()
        if contact:
            labels = [button.label for row in rows for button in row]
            rows = (*rows, *(row for row in cards.CONTACT_ROW if row[0].label not in labels))
        if self.outage is not None and any(link.fact == "ams_url" for link in question.links):
            self.notices.append(self.outage)
        self.say(screen.parts(question, frame, self.facts), rows, asks=True)

    def card(self, card: Card) -> None:
        self.say(card.parts, card.keyboard)

    def say(self, parts: Parts, rows: Keyboard, *, asks: bool = False) -> None:
        said = (*self.notices, *parts)
        self.notices = []
        self.effects.append(Revise(said, rows, asks) if self.in_place else Say(said, rows, asks))
        self.in_place = False

    def fresh(self, name: str) -> Frame:
        flow = self.flows[name]
        return Frame(name, flow.version, flow.start)
