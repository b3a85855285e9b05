"""Laws that hold for every session and every event, whatever people, forgers and old versions of the program do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.effects import Revise, Say
from conversations.events import (
    CertificateFound,
    Commanded,
    Elapsed,
    Event,
    Kind,
    Left,
    Pressed,
    Returned,
    Said,
    Secret,
    Shared,
    Withheld,
)
from conversations.flow import Do
from conversations.people import Standing
from conversations.screen import Data, encode
from conversations.session import Answer, Frame, Session, dump, load
from tests.conversations.laws import (
    ARGUED,
    ARGUMENTS,
    COMPLAINT_ARGUMENTS,
    COMPLAINT_COMMANDS,
    FLOWS,
    FORGED,
    NAMES,
    ODD_VALUES,
    OPTIONS,
    PHOTO,
    PLACES,
    STANDINGS,
    TEXTS,
    answers,
    check_buttons_work,
    complaint_answers,
    lawful,
    options_of,
    walked_to,
)
from tests.conversations.talk import GUIDE, MONDAY, Talk, at_state, wib

NUMBER = "ADU-2026-00001"
NIGHT = wib("2026-11-21 22.30")
STATES = sorted({state for _, state in PLACES})
IDS = [".".join(place) for place in PLACES]

# ------------------------------------------------------------------------------------- every state × every event


def events(session: Session, at: datetime) -> Iterator[Event]:
    """Every kind of event, with what fits this session, what is too late for it, and what was never offered."""
    for frame in session.stack[-1:]:
        for option in [*options_of(frame.flow, frame.state), *OPTIONS]:
            yield Pressed(at, encode(Data(frame.flow, frame.state, session.turn, option)))
            yield Pressed(at, encode(Data(frame.flow, frame.state, session.turn - 1, option)))
            yield Said(at, option, encode(Data(frame.flow, frame.state, session.turn, option)))
    yield from (Pressed(at, data) for data in FORGED)
    yield from (Commanded(at, name, "ya", "Siti") for name in NAMES)
    yield from (Commanded(at, name, argument, "Siti") for name in ARGUED for argument in ARGUMENTS)
    yield from (Commanded(at, name, argument) for name in COMPLAINT_COMMANDS for argument in COMPLAINT_ARGUMENTS[::2])
    yield from (Said(at, text, meant) for text in TEXTS for meant in (None, "/menu", "forged"))
    yield from (Shared(at, kind) for kind in get_args(Kind))
    yield from (Shared(at, kind, "Layar saya", PHOTO, about) for kind in ("photo", "voice") for about in ("", NUMBER))
    yield from (Said(at, text, about=NUMBER) for text in ("Sudah saya coba.", "x" * 900))
    yield from (Elapsed(at, alarm) for alarm in ("wait", "expiry", "unknown"))
    yield from (Withheld(at, what) for what in get_args(Secret))
    yield from (Left(at), Returned(at), *answers(at))


@pytest.mark.parametrize(("flow", "state"), PLACES, ids=[".".join(place) for place in PLACES])
def test_every_event_in_every_state_gives_a_lawful_step(flow: str, state: str) -> None:
    bare, answered = at_state(flow, state), walked_to(flow, state)
    above = answered.with_stack((*answered.stack, Frame("trouble", 1, "start")))
    below = Session(3, (Frame("trouble", 1, "person"), *bare.stack))
    for event in events(bare, MONDAY):
        lawful(bare, event)
    for number, event in enumerate(events(answered, NIGHT)):
        lawful(answered, event, STANDINGS[number % len(STANDINGS)])
    # What lies beneath matters to few events: a third of them here, others in the next state.
    turn = PLACES.index((flow, state)) % 3
    for event in islice(events(above, MONDAY), turn, None, 3):
        lawful(above, event)
    for number, event in enumerate(islice(events(below, MONDAY), turn, None, 3), turn):
        lawful(below, event, STANDINGS[number % len(STANDINGS)])


@pytest.mark.parametrize("standing", STANDINGS, ids=range(len(STANDINGS)))
def test_every_answer_about_a_complaint_gives_a_lawful_step(standing: Standing) -> None:
    for event in complaint_answers(MONDAY, every=True):
        for session in (Session(), at_state("renewal", "login", ready="begin", notified="yes")):
            lawful(session, event, standing)


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
    picked=st.sampled_from(
        [
            "",
            "d",
            "d2026",
            "d2026-11",
            "dx",
            "d2026-99",
            "gone",
            "d2026-11-22",
            "p0",
            "p7",
            "p0:kuripan",
            "p1:kelurahan",
            "p9:a",
            "p0:Bagian Hukum",
            "px",
        ]
    ),
    fixing=st.sampled_from(["", "review", "login", "gone"]),
    asked_at=st.none() | moments,
)
present_frames = st.builds(
    lambda place, frame: replace(frame, flow=place[0], state=place[1], version=GUIDE.flows[place[0]].version),
    st.sampled_from(PLACES), frames,
)  # fmt: skip
sessions = st.builds(Session, st.integers(0, 10**9), st.lists(present_frames | frames, max_size=5).map(tuple))

text = st.sampled_from([*TEXTS, *FORGED]) | st.text(max_size=70)
arguments = st.sampled_from([*ARGUMENTS, *COMPLAINT_ARGUMENTS]) | text
HAPPENED = [Left(MONDAY), Returned(MONDAY), *answers(MONDAY)]


@st.composite
def anything(draw: st.DrawFn, session: Session) -> Event:
    at = draw(moments)
    own = [
        encode(Data(frame.flow, frame.state, session.turn, option))
        for frame in session.stack[-1:]
        for option in [*options_of_any(frame), *OPTIONS]
    ]
    data = st.sampled_from([*own, *FORGED]) | st.text(max_size=64)
    event: Event = draw(
        st.one_of(
            st.builds(Pressed, st.just(at), data),
            st.builds(Said, st.just(at), text, st.none() | data),
            st.builds(
                Commanded,
                st.just(at),
                st.sampled_from(NAMES) | text,
                arguments,
                text,
            ),
            st.builds(Shared, st.just(at), st.sampled_from(get_args(Kind))),
            st.builds(Elapsed, st.just(at), st.sampled_from(["wait", "expiry", "unknown"])),
            st.builds(Withheld, st.just(at), st.sampled_from(get_args(Secret))),
            st.builds(CertificateFound, st.just(at), st.none() | st.dates()),
            st.sampled_from(HAPPENED).map(partial(replace, at=at)),
        )
    )
    return event


def options_of_any(frame: Frame) -> list[str]:
    return options_of(frame.flow, frame.state) if (frame.flow, frame.state) in PLACES else []


@settings(max_examples=400)
@given(st.data())
def test_any_session_and_any_event_give_a_lawful_step(data: st.DataObject) -> None:
    session = data.draw(sessions)
    event = data.draw(anything(session))
    standing = data.draw(st.sampled_from(STANDINGS))
    step = lawful(session, event, standing)
    for shown in step.effects:
        if isinstance(shown, Say | Revise) and shown.asks:
            check_buttons_work(step.session, event.at, shown, standing)


@given(sessions)
def test_a_session_is_stored_and_read_without_loss(session: Session) -> None:
    assert load(dump(session)) == session


@pytest.mark.parametrize("body", [
    None, "", "null", "[]", "{", "\x00", '{"turn": -1}', '{"turn": 1.5}', '{"stack": [{}]}', '{"stack": [{"flow": 1}]}',
])  # fmt: skip
def test_what_no_version_of_the_guide_stored_starts_over(body: str | None) -> None:
    assert load(body) == Session()
