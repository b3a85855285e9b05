"""How a question looks: its paragraphs, its buttons, and what the buttons carry.

A button of a question carries `flow:state:turn:option`; a button of a card that can be pressed any time later carries
the command that could be typed instead (`/info hours`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING

from conversations.effects import Button, Keyboard, Parts
from conversations.flow import BACK, ENOUGH, STEPS, Ask, Choose, Option, Question, Review
from conversations.text import N_, Text, Value, Words

if TYPE_CHECKING:
    from conversations.facts import Facts
    from conversations.session import Frame

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Data:
    """What the button of a question carries."""

    flow: str
    state: str
    turn: int
    option: str


def encode(data: Data) -> str:
    turn, digits = data.turn, ""
    while turn or not digits:
        turn, rest = divmod(turn, 36)
        digits = _DIGITS[rest] + digits
    return f"{data.flow}:{data.state}:{digits}:{data.option}"


def decode(text: str) -> Data | None:
    """Total: what was not written by `encode` is None."""
    parts = text.split(":")
    if len(parts) != 4:  # noqa: PLR2004 - the four fields of Data
        return None
    flow, state, digits, option = parts
    if not 0 < len(digits) <= 8 or set(digits) - set(_DIGITS):  # noqa: PLR2004 - as the declaration check allows for
        return None
    return Data(flow, state, int(digits, 36), option)


@lru_cache(maxsize=1024)  # every text is one of the catalog
def placeholders(msgid: str) -> tuple[str, ...]:
    return tuple(name for _, name, _, _ in Formatter().parse(msgid) if name)


def fill(msgid: str, facts: Facts, values: dict[str, Value] | None = None) -> Text:
    """A message with its placeholders taken from `values` first, then from the facts."""
    given = values or {}
    return Text(msgid, {name: given[name] if name in given else facts[name] for name in placeholders(msgid)})


def label(text: str | Words) -> Text | Words:
    return Text(text) if isinstance(text, str) else text


def parts(question: Question, frame: Frame, facts: Facts) -> Parts:
    """The paragraphs of a question: where we are, what is asked, and in a review the answers."""
    said: list[Text | Words] = []
    if question.step:
        said.append(Text(N_("<i>Step {step} of {steps}</i>"), {"step": question.step, "steps": STEPS}))
    text = question.remind.text if question.remind is not None and frame.reminders else question.text
    said.append(fill(text, facts, dict(question.values)))
    if isinstance(question, Ask) and question.files and frame.draft:
        said.append(Text(N_("So far:\n{lines}"), {"lines": question.accept.show(frame.draft)}))
    if isinstance(question, Review):
        shown = tuple(
            Text(N_("{item}: <b>{answer}</b>"), {"item": Text(name), "answer": kept_answer(item, facts)})
            for item, name in question.items
            if item in frame.answers
        )
        said.append(Text(N_("{lines}"), {"lines": shown}))
    return tuple(said)


def keyboard(question: Question, frame: Frame, facts: Facts, turn: int, *, back: bool) -> Keyboard:
    """One button a row, so that a thumb finds it; only a picker has a grid."""

    def carry(option: str) -> str:
        return encode(Data(frame.flow, frame.state, turn, option))

    picker = question.picker if isinstance(question, Ask) else None
    if picker is not None and frame.picked:
        return picker.keyboard(frame.picked, facts, carry)
    rows: list[tuple[Button, ...]] = [(Button(Text(link.label), url=str(facts[link.fact])),) for link in question.links]
    if picker is not None and picker.offered(facts):
        rows.append((Button(Text(picker.label), carry(picker.opens)),))
    rows.extend((Button(label(option.label), carry(option.id)),) for option in question.options)
    if isinstance(question, Ask) and question.files and frame.draft:
        rows.insert(0, (Button(Text(N_("✅ That is all")), carry(ENOUGH)),))
    if isinstance(question, Review):
        rows.extend(
            (Button(Text(N_("Correct: {item}"), {"item": Text(name)}), carry(f"fix_{item}")),)
            for item, name in question.items
            if item in frame.answers
        )
    if back:
        rows.append((Button(Text(N_("‹ Back")), carry(BACK)),))
    return tuple(rows)


def option_of(question: Question, name: str) -> Option | None:
    return next((option for option in question.options if option.id == name), None)


def kept_answer(state: str, facts: Facts) -> Value:
    """The answer that was given at a state, as people read it."""
    question = facts.flow.by_name.get(state) if facts.flow else None
    value = facts.answers.get(state, "")
    return answer_text(question, value) if isinstance(question, Choose | Ask | Review) else value


def answer_text(question: Question, value: str) -> Value:
    """A kept answer as people read it."""
    option = option_of(question, value)
    if option is not None:
        return option.label if isinstance(option.label, Words) else Text(option.label)
    return question.accept.show(value) if isinstance(question, Ask) else value
