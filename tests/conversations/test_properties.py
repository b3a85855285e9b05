"""Laws that hold for every session and every event, whatever people, forgers and old versions of the program do."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.advance import Step
from conversations.cards import COMMANDS
from conversations.effects import Revise, Say, SetAlarm
from conversations.events import (
    CertificateFound,
    Commanded,
    Elapsed,
    Event,
    Kind,
    Left,
    Pressed,
    Recorded,
    Returned,
    Said,
    Shared,
)
from conversations.flow import BACK, MAX_BUTTONS, MAX_DATA_BYTES, Ask, Choose, Do, End, Review, State, targets
from conversations.screen import Data, decode, encode
from conversations.session import Answer, Frame, Session, dump, load
from tests.conversations.talk import GUIDE, MONDAY, Talk, at_state, buttons, labelled, said, wib

STALE = "That button belongs to an earlier question. This is where we are now:"
UNKNOWN = "I do not know that command."
CONTACT = "/kontak"

NIGHT = wib("2026-11-21 22.30")
FLOWS = sorted(GUIDE.flows)
PLACES = [(flow, state.name) for flow in FLOWS for state in GUIDE.flows[flow].states]
STATES = sorted({state for _, state in PLACES})
NAMES = [*COMMANDS, "start", "kontak", "tidak_ada", ""]
ARGUMENTS = ["", "ya", "en", "id", "law", "🦀" * 40]
TEXTS = [
    "", "ya", "sudah", "23 November 2026", "1-1-1900", "31-12-2999", "30 Februari 2026", "kemarin", "now", "usual",
    "back", "d2026-11-22", "\x00", "<b>", "{expiry}", "x" * 5000,
]  # fmt: skip
OPTIONS = [
    BACK, "d", "dx", "d2026", "d2026-11", "d2026-2-29", "d2026-2-28", "d0", "d99999", "d-1", "d2026-11-22-1",
    "fix_", "fix_expiry", "fix_ready", "fix_nobody", "", "yes", "ada",
]  # fmt: skip
FORGED = [
    "", ":", ":::", "::::", "renewal", "renewal:login:0:yes", "renewal:login:-1:yes", "renewal:login:zzzzzzzzz:yes",
    "gone:gone:1:gone", "renewal:login:١:yes", "/", "//", "/menu", "/batal", "/batal ya", "/info law", "/bahasa en",
    "/lanjut  ", "/\x00", "x" * 64,
]  # fmt: skip
ODD_VALUES = [
    "", "yes", "unknown", "2026-11-22", "2024-02-29", "0001-01-01", "9999-12-31", "2026-11-22T03:00:00+00:00",
    "2026-11-22T03:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "now", "x" * 300,
]  # fmt: skip

# ---------------------------------------------------------------------------------------------------------- the laws


def lawful(session: Session, event: Event) -> Step:
    """Advance, and check what is true of every step."""
    step = GUIDE.advance(session, event)
    assert GUIDE.advance(session, event) == step, "the same session and event gave another step"
    assert load(dump(step.session)) == step.session, "the session is not what was stored"
    assert step.session.turn >= session.turn, "the turn went back: stale buttons would come to life"
    questions = [effect for effect in step.effects if isinstance(effect, Say | Revise) and effect.asks]
    assert len(questions) <= 1, "two questions at once"
    for effect in step.effects:
        if isinstance(effect, Say | Revise):
            check_message(effect)
        if isinstance(effect, SetAlarm):
            assert effect.at > event.at, f"{effect.name} is set in the past"
            assert GUIDE.book.may_disturb(effect.at), f"{effect.name} would ring outside the service hours"
    return step


def check_message(message: Say | Revise) -> None:
    assert any(said(message)), "an empty message"
    for button in buttons(message):
        assert labelled(button.label).strip()
        assert bool(button.data) != bool(button.url), f"{button} has to carry data or an address"
        assert len(button.data.encode()) <= MAX_DATA_BYTES
    data = [button.data for button in buttons(message)]
    picks_a_date = any(carried and carried.option == "dx" or len(row) > 1 for row in message.keyboard
                       for button in row if (carried := decode(button.data)))  # fmt: skip
    if not picks_a_date:
        assert len(data) - (CONTACT in data and message.asks) <= MAX_BUTTONS


def check_buttons_work(session: Session, at: datetime, shown: Say | Revise) -> None:
    for button in buttons(shown):
        if not button.url:
            talk = Talk(at=at, session=session)
            talk.presses_data(button.data)
            assert talk.heard, f"{button.data} is answered with nothing"
            assert STALE not in talk.heard, f"{button.data} is stale as soon as it is shown"
            assert UNKNOWN not in talk.heard, f"{button.data} carries an unknown command"


# ------------------------------------------------------------------------------------- every state × every event


def options_of(flow: str, state: str) -> list[str]:
    question = GUIDE.flows[flow].by_name[state]
    return [option.id for option in question.options] if isinstance(question, Choose | Ask | Review) else []


def events(session: Session, at: datetime) -> Iterator[Event]:
    """Every kind of event, with what fits this session, what is too late for it, and what was never offered."""
    for frame in session.stack[-1:]:
        for option in [*options_of(frame.flow, frame.state), *OPTIONS]:
            yield Pressed(at, encode(Data(frame.flow, frame.state, session.turn, option)))
            yield Pressed(at, encode(Data(frame.flow, frame.state, session.turn - 1, option)))
            yield Said(at, option, encode(Data(frame.flow, frame.state, session.turn, option)))
    yield from (Pressed(at, data) for data in FORGED)
    yield from (Commanded(at, name, argument, "Siti") for name in NAMES for argument in ARGUMENTS)
    yield from (Said(at, text, meant) for text in TEXTS for meant in (None, "/menu", "forged"))
    yield from (Shared(at, kind) for kind in get_args(Kind))
    yield from (Elapsed(at, alarm) for alarm in ("wait", "expiry", "unknown"))
    yield from (Left(at), Returned(at), Recorded(at), CertificateFound(at, None), CertificateFound(at, at.date()))


def walked_to(flow: str, state: str) -> Session:
    """At a state with an answer to everything that is asked before it in the table."""
    trail = []
    for before in GUIDE.flows[flow].states:
        if before.name == state:
            break
        if isinstance(before, Choose | Review):
            trail.append(Answer(before.name, before.options[0].id))
        elif isinstance(before, Ask):
            trail.append(Answer(before.name, "2026-11-20"))
    return Session(7, (Frame(flow, GUIDE.flows[flow].version, state, tuple(trail)),))


@pytest.mark.parametrize(("flow", "state"), PLACES, ids=[".".join(place) for place in PLACES])
def test_every_event_in_every_state_gives_a_lawful_step(flow: str, state: str) -> None:
    bare, answered = at_state(flow, state), walked_to(flow, state)
    above = answered.pushed(Frame("trouble", 1, "start"))
    below = Session(3, (Frame("trouble", 1, "person"), *bare.stack))
    for session, at in ((bare, MONDAY), (answered, NIGHT), (above, MONDAY), (below, MONDAY)):
        for event in events(session, at):
            lawful(session, event)


@pytest.mark.parametrize(("flow", "state"), PLACES, ids=[".".join(place) for place in PLACES])
def test_every_button_under_every_question_is_accepted(flow: str, state: str) -> None:
    for session in (at_state(flow, state), walked_to(flow, state)):
        for event in (Commanded(MONDAY, "lanjut"), Said(MONDAY, "???"), Commanded(MONDAY, "menu")):
            step = lawful(session, event)
            for shown in (effect for effect in step.effects if isinstance(effect, Say | Revise)):
                check_buttons_work(step.session, MONDAY, shown)


@pytest.mark.parametrize("value", ODD_VALUES)
def test_an_answer_that_makes_no_sense_stops_nobody(value: str) -> None:
    for flow, state in PLACES:
        names = [question.name for question in GUIDE.flows[flow].states]
        session = at_state(flow, state, **dict.fromkeys(names, value))
        for event in (Commanded(MONDAY, "lanjut"), Commanded(MONDAY, "status"), Elapsed(MONDAY, "wait")):
            lawful(session, event)


@pytest.mark.parametrize(("flow", "state"), [
    (flow, state) for flow, state in PLACES if isinstance(GUIDE.flows[flow].by_name[state], Do)
])  # fmt: skip
@pytest.mark.parametrize("certificate", [None, date(2027, 1, 8)])
def test_a_command_that_is_answered_leads_on(flow: str, state: str, certificate: date | None) -> None:
    talk = Talk(session=walked_to(flow, state))
    talk.certificate = certificate
    before = talk.where
    talk.types("/lanjut")
    assert talk.commands
    assert talk.where != before


# ----------------------------------------------------------------------------------------------- any session at all

values = st.sampled_from(ODD_VALUES) | st.text(max_size=20).filter(str.isprintable)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone itself
frames = st.builds(
    Frame,
    flow=st.sampled_from([*FLOWS, "gone"]),
    version=st.integers(0, 3),
    state=st.sampled_from([*STATES, "gone"]),
    trail=st.lists(st.builds(Answer, st.sampled_from([*STATES, "gone"]), values), max_size=8).map(tuple),
    misses=st.integers(-1, 9),
    reminders=st.integers(-1, 9),
    picked=st.sampled_from(["", "d", "d2026", "d2026-11", "dx", "d2026-99", "gone", "d2026-11-22"]),
    fixing=st.sampled_from(["", "review", "login", "gone"]),
    asked_at=st.none() | moments,
)
present_frames = st.builds(
    lambda place, frame: replace(frame, flow=place[0], state=place[1], version=GUIDE.flows[place[0]].version),
    st.sampled_from(PLACES), frames,
)  # fmt: skip
sessions = st.builds(Session, st.integers(0, 10**9), st.lists(present_frames | frames, max_size=5).map(tuple))


@st.composite
def anything(draw: st.DrawFn, session: Session) -> Event:
    at = draw(moments)
    text = st.sampled_from([*TEXTS, *FORGED]) | st.text(max_size=70)
    own = [
        encode(Data(frame.flow, frame.state, session.turn, option))
        for frame in session.stack[-1:]
        for option in [*options_of_any(frame), *OPTIONS]
    ]
    data = st.sampled_from([*own, *FORGED]) | st.text(max_size=64)
    return draw(
        st.one_of(
            st.builds(Pressed, st.just(at), data),
            st.builds(Said, st.just(at), text, st.none() | data),
            st.builds(Commanded, st.just(at), st.sampled_from(NAMES) | text, st.sampled_from(ARGUMENTS) | text, text),
            st.builds(Shared, st.just(at), st.sampled_from(get_args(Kind))),
            st.builds(Elapsed, st.just(at), st.sampled_from(["wait", "expiry", "unknown"])),
            st.builds(CertificateFound, st.just(at), st.none() | st.dates()),
            st.sampled_from([Recorded(at), Left(at), Returned(at)]),
        )
    )


def options_of_any(frame: Frame) -> list[str]:
    return options_of(frame.flow, frame.state) if (frame.flow, frame.state) in PLACES else []


@settings(max_examples=400)
@given(st.data())
def test_any_session_and_any_event_give_a_lawful_step(data: st.DataObject) -> None:
    session = data.draw(sessions)
    event = data.draw(anything(session))
    step = lawful(session, event)
    for shown in step.effects:
        if isinstance(shown, Say | Revise) and shown.asks:
            check_buttons_work(step.session, event.at, shown)


@given(sessions)
def test_a_session_is_stored_and_read_without_loss(session: Session) -> None:
    assert load(dump(session)) == session


@pytest.mark.parametrize("body", [
    None, "", "null", "[]", "{", "\x00", '{"turn": -1}', '{"turn": 1.5}', '{"stack": [{}]}', '{"stack": [{"flow": 1}]}',
])  # fmt: skip
def test_what_no_version_of_the_guide_stored_starts_over(body: str | None) -> None:
    assert load(body) == Session()


# ---------------------------------------------------------------------------------------------------- random walks

WALKS = range(6)
EVENTS = 500
LARGEST = 4096
"""Bytes of a session. The longest way through all flows takes about a third of it."""


def roam(talk: Talk, chance: random.Random) -> None:
    """One thing that a person, or the time, may do next; mostly it is a button that is there."""
    offered = [button.data for button in GUIDE.offers(talk.session, talk.at)]
    top = talk.session.stack[-1:]
    match chance.randrange(20):
        case 0:
            talk.types(f"/{chance.choice(NAMES)} {chance.choice(ARGUMENTS)}")
        case 1:
            talk.says(chance.choice(TEXTS), chance.choice([None, *offered, *FORGED]))
        case 2:
            talk.presses_data(chance.choice([*FORGED, *(talk.data(option) for option in OPTIONS if top)]))
        case 3:
            talk.shares(chance.choice(get_args(Kind)))
        case 4 | 5 if talk.alarms:
            talk.rings()
        case 6:
            talk.happens(chance.choice([Left(talk.at), Returned(talk.at), Recorded(talk.at)]))
        case 7 if "expiry" not in talk.alarms:
            talk.certificate = talk.at.date() + timedelta(days=30)
            talk.happens(Elapsed(talk.at, "expiry"))
        case 8:
            past = talk.at - timedelta(days=chance.randrange(40))
            talk.says(f"{past:%d-%m-%Y}")
        case _:
            talk.presses_data(chance.choice(offered))
    talk.waits(minutes=chance.randrange(300))
    while talk.alarms and min(talk.alarms.values()) <= talk.at:
        talk.rings()


@pytest.mark.parametrize("seed", WALKS)
def test_a_long_walk_stays_small_and_waits_only_where_a_question_waits(seed: int) -> None:
    chance, talk = random.Random(seed), Talk()  # noqa: S311 - repeatable, not secret
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
    chance, talk = random.Random(seed), Talk()  # noqa: S311 - repeatable, not secret
    for _ in range(60):
        for event in (Commanded(talk.at, "lanjut"), Elapsed(talk.at, "wait"), Said(talk.at, "???")):
            step = lawful(talk.session, event)
            for shown in step.effects:
                if isinstance(shown, Say | Revise) and shown.asks:
                    check_buttons_work(step.session, talk.at, shown)
        roam(talk, chance)


# ------------------------------------------------------------------------------------------------------- a way out


def ways(state: State) -> dict[str, list[str]]:
    """Where each button may lead; a shortcut for typing leads where typing does."""
    match state:
        case Choose() | Review():
            return {option.id: [option.then] for option in state.options if option.then}
        case Ask():
            typed = list(state.then.values())
            return {option.id: [option.then] if option.then else typed for option in state.options}
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
    talk.presses(min(far, key=far.__getitem__))


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
        forward = [button.data for button in GUIDE.offers(talk.session, talk.at) if not button.data.endswith(f":{BACK}")]
        talk.presses_data(chance.choice(forward))
        if talk.session.top is None:
            return
    raise AssertionError(f"3000 presses came to no end; now at {talk.where}")
