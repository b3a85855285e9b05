"""Where one person is: a stack of flows, each with the answers given so far. Plain JSON, versioned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError


@dataclass(frozen=True, slots=True)
class Answer:
    state: str
    value: str


@dataclass(frozen=True)
class Frame:
    """One flow in progress.

    `trail` holds the answers in the order of the states that asked for them, so that going back drops the last one
    and an abandoned branch leaves no ghost. `misses` counts texts in a row that were not understood, `reminders` how
    often the waiting question was asked again, `picked` the page of the picker that is open, `draft` what was sent so
    far of a message that is not enough yet, `fixing` the review to return to, `asked_at` when the question was last
    shown: what it said then is what stays readable.
    """

    flow: str
    version: int
    state: str
    trail: tuple[Answer, ...] = ()
    misses: int = 0
    reminders: int = 0
    picked: str = ""
    draft: str = ""
    fixing: str = ""
    asked_at: datetime | None = None

    @cached_property
    def answers(self) -> dict[str, str]:
        return {answer.state: answer.value for answer in self.trail}

    def moved(self, state: str, trail: tuple[Answer, ...]) -> Frame:
        """The frame at another state, with everything forgotten that belonged to the last one."""
        return Frame(self.flow, self.version, state, trail)

    def corrected(self, state: str, value: str) -> Frame:
        """The frame with another answer at a state that has one."""
        return replace(self, trail=tuple(Answer(a.state, value if a.state == state else a.value) for a in self.trail))


@dataclass(frozen=True, slots=True)
class Session:
    """`turn` counts the questions asked: a button that carries an older one is stale.

    `pressed` is what the last button carried, as long as nothing else was said or pressed since.
    `misses` counts texts in a row that were not understood while no flow is in progress.
    """

    turn: Annotated[int, Field(ge=0)] = 0
    stack: tuple[Frame, ...] = ()
    pressed: str = ""
    misses: Annotated[int, Field(ge=0)] = 0

    @property
    def top(self) -> Frame | None:
        return self.stack[-1] if self.stack else None

    # Spelled out, because `replace` takes four times as long and each step makes several.

    def with_stack(self, stack: tuple[Frame, ...]) -> Session:
        return Session(self.turn, stack, self.pressed, self.misses)

    def with_top(self, frame: Frame) -> Session:
        return self.with_stack((*self.stack[:-1], frame))

    def popped(self) -> Session:
        return self.with_stack(self.stack[:-1])

    def entered(self, frame: Frame) -> Session:
        """The top frame at another state: buttons of what it asked before are stale now."""
        return Session(self.turn + 1, (*self.stack[:-1], frame), self.pressed, self.misses)

    def with_pressed(self, pressed: str) -> Session:
        return self if pressed == self.pressed else Session(self.turn, self.stack, pressed, self.misses)


_ADAPTER = TypeAdapter(Session)


def dump(session: Session) -> str:
    return _ADAPTER.dump_json(session, exclude_defaults=True).decode()


def load(body: str | None) -> Session:
    """Read a stored session; one that cannot be read (never written by us) starts over."""
    if not body:
        return Session()
    try:
        return _ADAPTER.validate_json(body)
    except ValidationError:
        return Session()
