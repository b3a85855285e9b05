"""Moving through the flows: entering a state, keeping an answer, detours and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from conversations import cards, screen
from conversations.effects import DropAlarm, Revise, SetAlarm, Settle
from conversations.facts import Facts
from conversations.flow import Ask, Choose, Do, End, Question, Review, Switch
from conversations.session import Answer, Frame
from conversations.stage import Stage
from conversations.text import N_, Text

WAIT = "wait"
"""The alarm of a question that waits for something outside."""


class Moves(Stage):
    """A step in the making, and the ways it can go."""

    def begin(self, name: str) -> None:
        """Begin a flow, or take it up where it stands, leaving those above it."""
        names = [frame.flow for frame in self.session.stack]
        if name in names:
            self.session = self.session.with_stack(self.session.stack[: names.index(name) + 1])
            self.ask_again()
            return
        if any(self.waiting(frame) for frame in self.session.stack):
            self.effects.append(DropAlarm(WAIT))
        self.session = self.session.with_stack((self.fresh(name),))
        self.enter(self.fresh(name))

    def detour(self, name: str) -> None:
        """Enter a flow above the present one and come back to it; one that lies below already comes to the top."""
        below = tuple(frame for frame in self.session.stack if frame.flow != name)
        under_way = next((frame for frame in self.session.stack if frame.flow == name), None)
        self.session = self.session.with_stack((*below, under_way or self.fresh(name)))
        if under_way is not None:
            self.ask_again()
        else:
            self.enter(self.fresh(name))

    def enter_above(self, frame: Frame) -> None:
        """Enter a flow above the present one with what is known already; where it stands below, it begins anew."""
        below = tuple(other for other in self.session.stack if other.flow != frame.flow)
        self.session = self.session.with_stack((*below, frame))
        self.enter(frame)

    def leave_flow(self, name: str) -> None:
        """Leave a flow where it stands, with what lies above it; nothing is said or asked."""
        names = [frame.flow for frame in self.session.stack]
        if name not in names:
            return
        left = self.session.stack[names.index(name) :]
        if any(self.waiting(frame) for frame in left):
            self.effects.append(DropAlarm(WAIT))
        self.session = self.session.with_stack(self.session.stack[: names.index(name)])

    def go_on(self) -> None:
        if self.session.top is None:
            self.card(cards.menu(going=False))
        else:
            self.ask_again()

    def back(self) -> None:
        """Drop the last answer and ask for it again; from the first question of a detour, leave it."""
        frame = self.session.top
        if frame is None:
            self.go_on()
            return
        if frame.fixing:
            self.enter(replace(frame, state=frame.fixing, fixing="", draft=""))
            return
        if asked := self.asked(frame):
            self.enter(frame.moved(frame.trail[asked[-1]].state, frame.trail[: asked[-1]]))
        elif len(self.session.stack) > 1:
            self.session = self.session.popped()
            self.ask_again()
        else:
            self.notices.append(Text(N_("This is the first question, there is nothing before it.")))
            self.show_question()

    def answer(self, question: Question, frame: Frame, value: str, target: str) -> None:
        """Keep an answer and go where it leads."""
        given = Text(N_("✅ {answer}"), {"answer": screen.answer_text(question, value)})
        with self.leaving(question, frame, given):
            if target == question.name:
                self.enter(replace(frame, misses=0, reminders=0, picked=""))
            else:
                self.enter(self.kept(frame, value, target))

    @contextmanager
    def leaving(self, question: Question, frame: Frame, *given: Text) -> Iterator[None]:
        """Around a move away from a question, which stays readable unless its message may change in place."""
        settled = (*self.shown(question, frame), *given)
        if question.keep:
            self.in_place = False
        yield
        if not any(isinstance(effect, Revise) for effect in self.effects):
            self.effects.append(Settle(settled))

    def kept(self, frame: Frame, value: str, target: str) -> Frame:
        """The frame after an answer. A correction from a review returns there unless it opens another branch."""
        names = [answer.state for answer in frame.trail]
        at = names.index(frame.state) if frame.state in names else len(names)
        after = (*names[at + 1 :], frame.fixing)
        trail = (*frame.trail[:at], Answer(frame.state, value))
        if frame.fixing and target == after[0]:
            return frame.moved(frame.fixing, (*trail, *frame.trail[at + 1 :]))
        known = [answer.state for answer in trail]
        led_back = target in known and not isinstance(self.flows[frame.flow].by_name[target], Do)
        return frame.moved(target, trail[: known.index(target)] if led_back else trail)

    def found(self, frame: Frame, value: str, target: str) -> Frame:
        """The frame after a command was answered.

        What it found replaces what it found before, and what was answered after a question is forgotten when the
        command leads back to it: a trail never grows in a circle.
        """
        trail = tuple(answer for answer in frame.trail if answer.state != frame.state)
        known = [answer.state for answer in trail]
        if target in known:
            trail = trail[: known.index(target)]
        return frame.moved(target, (*trail, Answer(frame.state, value)) if value else trail)

    def enter(self, frame: Frame) -> None:
        """Put the flow at a state and do what stands there, up to the next question or command."""
        if self.waiting(self.session.top) and self.session.top != frame:
            self.effects.append(DropAlarm(WAIT))
        flow = self.flows[frame.flow]
        while isinstance(state := flow.by_name[frame.state], Switch):
            value = str(Facts(self.book, self.at, flow, frame)[state.fact])
            frame = frame.moved(state.cases.get(value, next(iter(state.cases.values()))), frame.trail)
        self.session = self.session.entered(frame)
        match state:
            case Do():
                self.effects.extend(state.effects(self.facts))
            case End():
                self.leave(state)
            case _:
                if state.remind is not None:
                    self.effects.append(SetAlarm(WAIT, self.book.moment(self.facts[state.remind.at], self.at)))
                self.show_question()

    def leave(self, state: End) -> None:
        last = screen.fill(state.text, self.facts, dict(state.values)) if state.text else None
        self.session = self.session.popped()
        if last is not None:
            self.notices.append(last)
        closing, self.closing = self.closing, None
        if closing is not None:
            self.card(closing)
            if self.session.top is not None:
                self.ask_again()
        elif state.begin:
            self.begin(state.begin)
        elif self.session.top is None:
            self.card(cards.menu(going=False))
        else:
            self.ask_again()

    def ask_again(self) -> None:
        """Ask the present question, or give its command once more when it was never answered."""
        frame = self.session.top
        state = self.state_of(frame) if frame else None
        if frame is None:
            self.go_on()
        elif isinstance(state, Choose | Ask | Review):
            self.session = self.session.with_top(replace(frame, picked=""))
            self.show_question()
        else:
            self.enter(frame)
