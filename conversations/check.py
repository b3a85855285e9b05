"""What cannot be checked flow by flow: that flows fit each other, the facts, and what people type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conversations.answers import Message
from conversations.facts import Book, names
from conversations.flow import MAX_BUTTONS, Ask, Choose, End, Flow, FlowError, Review, State, Switch
from conversations.screen import placeholders
from conversations.text import Words


def check(flows: Mapping[str, Flow], book: Book) -> None:
    """Raise FlowError for the first thing that would fail in front of a person."""
    known = names(book)
    entered = {target for flow in flows.values() for state in flow.states for target in _flows_used(state)}
    for flow in flows.values():
        for state in flow.states:
            where = f"{flow.name}.{state.name}"
            for name in _facts_used(state):
                if name not in known:
                    raise FlowError(f"{where}: no fact is called {name!r}; see conversations/facts.py.")
            for target in _flows_used(state):
                if target not in flows:
                    raise FlowError(f"{where}: no flow is called {target!r}.")
            if isinstance(state, Ask) and set(state.accept.branches) != set(state.then):
                raise FlowError(f"{where}: `then` must name exactly {sorted(state.accept.branches)}.")
            if isinstance(state, Ask) and state.files and not isinstance(state.accept, Message):
                raise FlowError(f"{where}: `files` goes with a Message as `accept`; see conversations/answers.py.")
            if isinstance(state, Choose | Ask | Review) and (state.name != flow.start or flow.name in entered):
                _check_room(state, where)


def _check_room(state: Choose | Ask | Review, where: str) -> None:
    shown = len(state.options) + len(state.links) + (isinstance(state, Ask) and state.picker is not None)
    shown += len(state.items) if isinstance(state, Review) else 0
    shown += isinstance(state, Ask) and state.files > 0
    if shown >= MAX_BUTTONS:
        raise FlowError(f"{where}: {shown} buttons leave no room for the way back ({MAX_BUTTONS} in all).")


def _facts_used(state: State) -> Iterator[str]:
    if isinstance(state, Switch):
        yield state.fact
    elif isinstance(state, Choose | Ask | Review | End):
        yield from (name for name in placeholders(state.text) if name not in state.values)
    if isinstance(state, Choose | Ask | Review):
        yield from (link.fact for link in state.links)
        if state.remind is not None:
            yield state.remind.at
            yield from placeholders(state.remind.text)


def _flows_used(state: State) -> Iterator[str]:
    if isinstance(state, Choose | Ask | Review):
        yield from (option.detour for option in state.options if option.detour)
    elif isinstance(state, End) and state.begin:
        yield state.begin


def texts(flows: Mapping[str, Flow]) -> Iterator[tuple[str, str | Words]]:
    """Every label of every button with where it stands, for the check that it fits in each language."""
    for flow in flows.values():
        for state in flow.states:
            if isinstance(state, Choose | Ask | Review):
                for option in state.options:
                    yield f"{flow.name}.{state.name}.{option.id}", option.label
                for link in state.links:
                    yield f"{flow.name}.{state.name}", link.label
