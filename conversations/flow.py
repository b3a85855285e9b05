"""A conversation is a table: a flow is an ordered list of states, and every edge between them is data.

The table is checked when it is declared (`Flow` refuses dangling targets, unreachable and trapped states), drawn as a
diagram (`conversations.diagram`), and walked by property tests. Nothing but `conversations.advance` runs it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias

from conversations.effects import Command, DropAlarm, Keyboard, SetAlarm
from conversations.facts import Facts
from conversations.people import Role
from conversations.text import Text, Value, Words

MAX_DATA_BYTES = 64  # Telegram: callback_data is 1-64 bytes
MAX_BUTTONS = 6  # a keyboard that fits one look on a small phone
STEPS = 6  # the procedure of the service standard

BACK, ENOUGH = "back", "enough"  # ids that the engine itself puts under a question; no option may take them
RESERVED = frozenset({BACK, ENOUGH})


class FlowError(Exception):
    """A flow is declared wrongly. The message names flow and state and says what to change."""


@dataclass(frozen=True, slots=True)
class Option:
    """A button. `then` is a state of the same flow; `detour` enters another flow and comes back to this question.

    In an `Ask` an option may have neither: it is a shortcut for typing its id.
    """

    id: str
    label: str | Words
    then: str = ""
    detour: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A button that opens an address; `fact` names the fact that holds it."""

    label: str
    fact: str


@dataclass(frozen=True, slots=True)
class Remind:
    """The question waits for something outside.

    It is asked again at the moment that the fact `at` holds, then each next working morning, `times` in all, in the
    words of `text`.
    """

    at: str
    times: int
    text: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """A typed answer as it is kept (plain text), and the branch it takes (empty where there is only one)."""

    value: str
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A typed answer that cannot be taken: what is wrong and what would be right."""

    why: Text


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of a picker, as `Frame.picked` keeps it; an empty one closes the picker. `why` is said above it."""

    page: str
    why: Text | None = None


class Accept(Protocol):
    """Reads what people type. Pure and total: any text gives an answer, a refusal, or a page to choose from."""

    @property
    def branches(self) -> tuple[str, ...]:
        """The branches that an accepted answer can take."""

    def read(self, text: str, at: datetime, facts: Facts) -> Accepted | Refused | Shown: ...

    def show(self, value: str) -> Value:
        """The kept value as people read it."""


class Picker(Protocol):
    """Buttons that stand in for typing, page by page, under the same question. Pure and total, as `Accept` is.

    The option `opens` shows the first page; it stands under the question as `label`.
    """

    @property
    def opens(self) -> str: ...

    def offered(self, facts: Facts) -> bool:
        """Whether it stands under the question at all."""

    @property
    def label(self) -> str: ...

    def pick(self, option: str, page: str, facts: Facts) -> Accepted | str | Shown | None:
        """What an option means on a page: an answer, a text to be read as if typed, a page, or nothing."""

    def keyboard(self, page: str, facts: Facts, carry: Callable[[str], str]) -> Keyboard:
        """The buttons of a page; a page that there is not shows the first."""


@dataclass(frozen=True, slots=True)
class Choose:
    """A question answered by a button. `keep`: it carries instructions, so it stays readable in the chat."""

    name: str
    text: str
    options: tuple[Option, ...]
    step: int = 0
    keep: bool = False
    links: tuple[Link, ...] = ()
    remind: Remind | None = None
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """A question answered in words. `then` maps the branch of the answer to a state.

    `files`: how many photos and documents can be sent with the words, before them or instead of them; its `accept` is a
    `Message` then. What was sent so far is a draft, until words come or the button says that it is enough.
    """

    name: str
    text: str
    accept: Accept
    then: Mapping[str, str]
    options: tuple[Option, ...] = ()
    step: int = 0
    picker: Picker | None = None
    files: int = 0
    keep: bool = False
    links: tuple[Link, ...] = ()
    remind: Remind | None = None
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Review:
    """Shows the answers of `items` (state, label) and lets each be corrected before anything is filed."""

    name: str
    text: str
    items: tuple[tuple[str, str], ...]
    options: tuple[Option, ...]
    step: int = 0
    keep: bool = False
    links: tuple[Link, ...] = ()
    remind: Remind | None = None
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Switch:
    """Goes where a fact says, without asking."""

    name: str
    fact: str
    cases: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Do:
    """Gives a command and waits for the event that answers it; alarms may go with it.

    `gives` is the command, `effects` makes it from the facts, and `then` leads on from each of its outcomes. What the
    event says beyond its outcome is kept as the answer of this state.
    """

    name: str
    gives: type[Command]
    effects: Callable[[Facts], tuple[Command | SetAlarm | DropAlarm, ...]]
    then: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class End:
    """Says a last word, if there is one, and leaves the flow; `begin` is the flow that takes its place."""

    name: str
    text: str = ""
    begin: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)


Question: TypeAlias = Choose | Ask | Review
State: TypeAlias = Question | Switch | Do | End


def targets(state: State) -> Iterator[tuple[str, str]]:
    """Every edge of a state: what it is taken on, and where it leads."""
    match state:
        case Choose():
            yield from ((option.id, option.then) for option in state.options if option.then)
        case Ask():
            yield from state.then.items()
            yield from ((option.id, option.then) for option in state.options if option.then)
        case Review():
            yield from ((option.id, option.then) for option in state.options if option.then)
            yield from ((f"fix_{item}", item) for item, _ in state.items)
        case Switch():
            yield from state.cases.items()
        case Do():
            yield from state.then.items()
        case End():
            return


@dataclass(frozen=True)
class Flow:
    """An ordered set of states; the first is where it begins. `version` grows when an edge or a state changes.

    A flow that names roles is open to those who have one of them, asked at every step.
    """

    name: str
    version: int
    states: tuple[State, ...]
    roles: frozenset[Role] = frozenset()
    by_name: Mapping[str, State] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_name = {state.name: state for state in self.states}
        object.__setattr__(self, "by_name", by_name)
        if not self.states:
            raise FlowError(f"{self.name}: has no state; it begins with the first.")
        _check_name(self.name, self.name)
        if len(by_name) != len(self.states):
            raise FlowError(f"{self.name}: two states share a name.")
        for state in self.states:
            _check_name(f"{self.name}.{state.name}", state.name)
            self._check_edges(state)
            if isinstance(state, Choose | Ask | Review):
                self._check_buttons(state)
        self._check_reach()

    @property
    def start(self) -> str:
        return self.states[0].name

    def _check_edges(self, state: State) -> None:
        for taken_on, target in targets(state):
            if target not in self.by_name:
                raise FlowError(f"{self.name}.{state.name}: {taken_on!r} leads to {target!r}, which is no state here.")
        if isinstance(state, Do) and set(state.then) != set(state.gives.outcomes):
            where, takes = f"{self.name}.{state.name}", " and ".join(state.gives.outcomes)
            raise FlowError(f"{where}: `then` takes {takes} of {state.gives.__name__}, not {sorted(state.then)}.")

    def _check_buttons(self, state: Question) -> None:
        where = f"{self.name}.{state.name}"
        ids = [option.id for option in state.options]
        if len(set(ids)) != len(ids) or RESERVED & set(ids):
            raise FlowError(f"{where}: option ids must differ from each other and from {sorted(RESERVED)}.")
        if len(ids) + len(state.links) > MAX_BUTTONS:
            raise FlowError(f"{where}: more than {MAX_BUTTONS} buttons; split the question.")
        for option in state.options:
            _check_name(f"{where}.{option.id}", option.id)
            if option.then and option.detour:
                raise FlowError(f"{where}: option {option.id!r} has both `then` and `detour`; choose one.")
            if not isinstance(state, Ask) and not (option.then or option.detour):
                raise FlowError(f"{where}: option {option.id!r} leads nowhere; give it `then` or `detour`.")
        carried = [*ids, "d2026-11-22", *(taken_on for taken_on, _ in targets(state) if isinstance(state, Review))]
        longest = max((f"{self.name}:{state.name}:zzzzzzzz:{taken}" for taken in carried), key=len)
        if len(longest.encode()) > MAX_DATA_BYTES:
            raise FlowError(f"{where}: {longest!r} is over {MAX_DATA_BYTES} bytes; shorten the names.")

    def _check_reach(self) -> None:
        forward = {state.name: {target for _, target in targets(state)} for state in self.states}
        backward: dict[str, set[str]] = {name: set() for name in forward}
        for name, reached in forward.items():
            for target in reached:
                backward[target].add(name)
        unreachable = forward.keys() - _closure({self.start}, forward)
        if unreachable:
            raise FlowError(f"{self.name}: nothing leads to {sorted(unreachable)}.")
        ends = {state.name for state in self.states if isinstance(state, End)}
        trapped = forward.keys() - _closure(ends, backward)
        if trapped:
            raise FlowError(f"{self.name}: no end can be reached from {sorted(trapped)}.")
        switches = {state.name for state in self.states if isinstance(state, Switch)}
        unasked = {name: forward[name] & switches for name in switches}
        circle = sorted(name for name in switches if name in _closure(unasked[name], unasked))
        if circle:
            raise FlowError(f"{self.name}: nobody is asked between {circle}; put a question or a command between them.")


def _check_name(where: str, name: str) -> None:
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise FlowError(f"{where}: a name takes a-z, 0-9 and _, so that a button can carry it.")


def _closure(seeds: set[str], edges: Mapping[str, set[str]]) -> set[str]:
    reached, frontier = set(seeds), list(seeds)
    while frontier:
        for target in edges[frontier.pop()] - reached:
            reached.add(target)
            frontier.append(target)
    return reached
