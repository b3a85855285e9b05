"""Long random walks: nothing grows, alarms are set only where a question waits, and there is always a way to an end."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import get_args

import pytest

from conversations.effects import Revise, Say
from conversations.events import Commanded, Elapsed, Event, Kind, Left, Recorded, Returned, Said
from conversations.flow import BACK, Ask, Choose, End, Review, State, targets
from conversations.people import Standing
from conversations.session import dump, load
from tests.conversations.laws import (
    ARGUMENTS,
    COMPLAINT_ARGUMENTS,
    FLOWS,
    FORGED,
    NAMES,
    OPTIONS,
    PLACES,
    STANDINGS,
    TEXTS,
    TYPED,
    check_buttons_work,
    lawful,
    walked_to,
)
from tests.conversations.talk import GUIDE, Talk, at_state

WALKS = range(6)
EVENTS = 500
LARGEST = 2048
"""Bytes of a session, far more than the longest way through all flows takes."""


def walker(seed: int) -> Standing:
    """Half of those who walk have no role; the others are registered, officers, administrators, everything."""
    return STANDINGS[-1 - seed // 2 % len(STANDINGS)] if seed % 2 else STANDINGS[0]


def roam(talk: Talk, chance: random.Random) -> None:
    """One thing that a person, or the time, may do next; mostly it is a button that is there."""
    offered = talk.offered
    top = talk.session.stack[-1:]
    match chance.randrange(20):
        case 0:
            talk.types(f"/{chance.choice(NAMES)} {chance.choice([*ARGUMENTS, *COMPLAINT_ARGUMENTS])}")
        case 1:
            talk.says(chance.choice(TEXTS), chance.choice([None, *offered, *FORGED]))
        case 2:
            talk.presses_data(chance.choice([*FORGED, *(talk.data(option) for option in OPTIONS if top)]))
        case 3:
            talk.shares(chance.choice(get_args(Kind)))
        case 4 | 5 if talk.alarms:
            talk.rings()
        case 6:
            unasked: list[Event] = [Left(talk.at), Returned(talk.at), Recorded(talk.at)]
            talk.happens(chance.choice(unasked))
        case 7 if "expiry" not in talk.alarms:
            talk.certificate = talk.at.date() + timedelta(days=30)
            talk.happens(Elapsed(talk.at, "expiry"))
        case 8 | 9:
            past = talk.at - timedelta(days=chance.randrange(40))
            talk.says(TYPED.get(top[0].state if top else "", f"{past:%d-%m-%Y}"))
        case _:
            talk.presses_data(chance.choice(offered))
    talk.waits(minutes=chance.randrange(300))
    while talk.alarms and min(talk.alarms.values()) <= talk.at:
        talk.rings()


@pytest.mark.parametrize("seed", WALKS)
def test_a_long_walk_stays_small_and_waits_only_where_a_question_waits(seed: int) -> None:
    chance, talk = random.Random(seed), Talk(standing=walker(seed))  # noqa: S311 - repeatable, not secret
    for number in range(EVENTS):
        before, session = talk.where, talk.session
        roam(talk, chance)
        seen = f"event {number}: {before} → {talk.where}, {talk.effects}"
        assert talk.session.turn >= session.turn, seen
        assert load(dump(talk.session)) == talk.session, seen
        assert len(dump(talk.session).encode()) <= LARGEST, seen
        assert len({frame.flow for frame in talk.session.stack}) == len(talk.session.stack), seen
        assert ("wait" in talk.alarms) == talk.waiting(), seen
        for frame in talk.session.stack:
            names = [answer.state for answer in frame.trail]
            assert len(set(names)) == len(names), f"an answer is kept twice; {seen}"


@pytest.mark.parametrize("seed", WALKS)
def test_each_event_of_a_walk_is_lawful(seed: int) -> None:
    chance, talk = random.Random(seed), Talk(standing=walker(seed))  # noqa: S311 - repeatable, not secret
    for _ in range(60):
        for event in (Commanded(talk.at, "lanjut"), Elapsed(talk.at, "wait"), Said(talk.at, "???")):
            step = lawful(talk.session, event, talk.standing)
            for shown in step.effects:
                if isinstance(shown, Say | Revise) and shown.asks:
                    check_buttons_work(step.session, talk.at, shown, talk.standing)
        roam(talk, chance)


# ------------------------------------------------------------------------------------------------------- a way out


def ways(state: State) -> dict[str, list[str]]:
    """Where each button may lead; a shortcut for typing leads where typing does, which is "" where nothing else is."""
    match state:
        case Choose() | Review():
            return {option.id: [option.then] for option in state.options if option.then}
        case Ask():
            typed = list(state.then.values())
            by_typing = {"": typed} if state.name in TYPED else {}
            return by_typing | {option.id: [option.then] if option.then else typed for option in state.options}
        case _:
            return {taken_on: [target] for taken_on, target in targets(state)}


def distances(flow: str) -> dict[str, int]:
    """How many presses lie between each state and the nearest end."""
    states = GUIDE.flows[flow].states
    far = {state.name: 0 if isinstance(state, End) else len(states) for state in states}
    for _ in states:
        for state in states:
            near = [far[target] for leads in ways(state).values() for target in leads]
            far[state.name] = min([far[state.name], *(1 + steps for steps in near)])
    return far


DISTANCES = {flow: distances(flow) for flow in FLOWS}


def press_towards_the_end(talk: Talk) -> None:
    frame = talk.session.top
    assert frame is not None
    question = GUIDE.flows[frame.flow].by_name[frame.state]
    assert isinstance(question, Choose | Ask | Review), f"{talk.where} waits for nobody"
    far = {option: min(DISTANCES[frame.flow][target] for target in leads) for option, leads in ways(question).items()}
    nearest = min(far, key=far.__getitem__)
    if nearest:
        talk.presses(nearest)
    else:
        talk.says(TYPED[question.name])


def leave(talk: Talk) -> None:
    talk.types("/lanjut")  # a calendar that stood open is closed
    for _ in range(60):
        if talk.session.top is None:
            return
        press_towards_the_end(talk)
    raise AssertionError(f"no end was reached; now at {talk.where}")


@pytest.mark.parametrize(("flow", "state"), PLACES, ids=[".".join(place) for place in PLACES])
def test_buttons_lead_from_every_state_to_an_end(flow: str, state: str) -> None:
    for session in (at_state(flow, state), walked_to(flow, state)):
        talk = Talk(session=session)
        leave(talk)
        assert talk.alarms.keys() <= {"expiry"}


@pytest.mark.parametrize("seed", WALKS)
def test_a_walk_can_always_be_brought_to_an_end(seed: int) -> None:
    chance, talk = random.Random(seed), Talk()  # noqa: S311 - repeatable, not secret
    for number in range(200):
        roam(talk, chance)
        if number % 10 == 0:
            leave(Talk(at=talk.at, session=talk.session))


@pytest.mark.parametrize("seed", WALKS)
def test_pressing_at_random_comes_to_an_end(seed: int) -> None:
    chance, talk = random.Random(seed), Talk()  # noqa: S311 - repeatable, not secret
    talk.types("/perbarui")
    for _ in range(3000):
        forward = [data for data in talk.offered if not data.endswith(f":{BACK}")]
        talk.presses_data(chance.choice(forward))
        if talk.session.top is None:
            return
    raise AssertionError(f"3000 presses came to no end; now at {talk.where}")
