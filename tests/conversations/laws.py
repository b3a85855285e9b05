"""What is true of every step, and the odd things that people and forgers do to try it."""

from __future__ import annotations

from datetime import datetime, timedelta

from conversations.advance import Step
from conversations.cards import COMMANDS
from conversations.effects import Revise, Say, SetAlarm
from conversations.events import Event
from conversations.flow import BACK, MAX_BUTTONS, MAX_DATA_BYTES, Ask, Choose, Review
from conversations.session import Answer, Frame, Session, dump, load
from tests.conversations.talk import GUIDE, Talk, buttons, labelled, said

STALE = "That button belongs to an earlier question. This is where we are now:"
UNKNOWN = "I do not know that command."
CONTACT = "/kontak"

FLOWS = sorted(GUIDE.flows)
PLACES = [(flow, state.name) for flow in FLOWS for state in GUIDE.flows[flow].states]
NAMES = [*COMMANDS, "start", "kontak", "tidak_ada", ""]
ARGUMENTS = ["", "ya", "ya 7", "en", "id", "law", "🦀" * 40]
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
    "gone:gone:1:gone", "renewal:login:١:yes", "/", "//", "/menu", "/batal", "/batal ya", "/batal ya 7", "/info law",
    "/bahasa en", "/lanjut  ", "/\x00", "x" * 64,
]  # fmt: skip
ODD_VALUES = [
    "", "yes", "unknown", "2026-11-22", "2024-02-29", "0001-01-01", "9999-12-31", "2026-11-22T03:00:00+00:00",
    "2026-11-22T03:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "now", "x" * 300,
]  # fmt: skip


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
            closing = GUIDE.book.calendar.is_open(effect.at - timedelta(minutes=1))
            assert GUIDE.book.may_disturb(effect.at) or closing, f"{effect.name} would ring outside the service hours"
    return step


def check_message(message: Say | Revise) -> None:
    assert any(said(message)), "an empty message"
    for button in buttons(message):
        assert labelled(button.label).strip()
        assert bool(button.data) != bool(button.url), f"{button} has to carry data or an address"
        assert len(button.data.encode()) <= MAX_DATA_BYTES
    data = [button.data for button in buttons(message)]
    if all(len(row) == 1 for row in message.keyboard):  # only the date picker has a grid
        assert len(data) - (CONTACT in data) <= MAX_BUTTONS


def check_buttons_work(session: Session, at: datetime, shown: Say | Revise) -> None:
    for button in buttons(shown):
        if not button.url:
            talk = Talk(at=at, session=session)
            talk.presses_data(button.data)
            assert talk.heard, f"{button.data} is answered with nothing"
            assert STALE not in talk.heard, f"{button.data} is stale as soon as it is shown"
            assert UNKNOWN not in talk.heard, f"{button.data} carries an unknown command"


def options_of(flow: str, state: str) -> list[str]:
    question = GUIDE.flows[flow].by_name[state]
    return [option.id for option in question.options] if isinstance(question, Choose | Ask | Review) else []


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
