"""A person and the core alone: commands are answered at once and alarms are kept, as a turn does; nothing is stored."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from importlib.resources import files

from conversations.advance import Guide
from conversations.complaint import Attachment
from conversations.effects import (
    BeginProof,
    Button,
    CheckCode,
    ChooseLanguage,
    Command,
    DropAlarm,
    Effect,
    FindCertificate,
    RecordCertificate,
    RecordIssue,
    RecordSubmission,
    Revise,
    Say,
    SetAlarm,
    Settle,
    Tell,
)
from conversations.events import (
    CertificateFound,
    Commanded,
    Elapsed,
    Event,
    Kind,
    Pressed,
    ProofBegun,
    ProofChecked,
    Recorded,
    Said,
    Shared,
)
from conversations.flow import Ask, Choose, Review
from conversations.people import Colleague, Person, Role, Standing
from conversations.screen import Data, encode
from conversations.service import read_service
from conversations.session import Answer, Frame, Session
from conversations.text import Text, Words
from tests.conversations.office import Office

SERVICE = read_service(files("conversations.service").joinpath("pekalongan.toml").read_text("utf-8"), "pekalongan.toml")
GUIDE = Guide(SERVICE)

CODE = "112233"
"""The code of every mail that asks for a proof."""

COMMANDS_A_TURN = 20
"""No event may need more commands than this: a table that does runs in a circle."""


def wib(text: str) -> datetime:
    """A moment as people of Pekalongan write it: `2026-11-23 09.00`."""
    return datetime.strptime(f"{text} +0700", "%Y-%m-%d %H.%M %z")


MONDAY = wib("2026-11-23 09.00")
MENU = "What can I do for you?"


def said(effect: Effect) -> list[str]:
    """What a message says, a msgid a paragraph."""
    match effect:
        case Say() | Revise() | Settle() | Tell():
            return [part.msgid if isinstance(part, Text) else part.id for part in effect.parts]
        case _:
            return []


def buttons(effect: Effect) -> list[Button]:
    return [button for row in effect.keyboard for button in row] if isinstance(effect, Say | Revise | Tell) else []


def labelled(label: Text | Words) -> str:
    """A label as the catalog knows it."""
    return label.en if isinstance(label, Words) else str(label.values.get("digits", label.msgid))


class Talk:
    """One person's conversation. `effects` is what the last event brought about, `alarms` what is set now."""

    def __init__(
        self, *, at: datetime = MONDAY, session: Session | None = None, standing: Standing | None = None
    ) -> None:
        self.at = at
        self.session = session or Session()
        self.standing = standing or standing_in(self.session)
        self.office = Office(GUIDE.book)
        self.alarms: dict[str, datetime] = {}
        self.certificate: date | None = None
        self.mail = "sent"  # or what BeginProof is answered with instead
        self.tries, self.claimed = 0, False
        self.commands: list[Command] = []
        self.effects: list[Effect] = []

    # What happens

    def happens(self, event: Event) -> None:
        self.effects = []
        pending: list[Event] = [event]
        for _ in range(COMMANDS_A_TURN):
            if not pending:
                return
            step = GUIDE.advance(self.session, pending.pop(0), self.standing)
            self.session = step.session
            self.effects += step.effects
            pending += [answer for effect in step.effects if (answer := self._carried_out(effect)) is not None]
        raise AssertionError(f"{event} gave commands without end")

    def says(self, text: str, meant: str | None = None, about: str = "") -> None:
        self.happens(Said(self.at, text, meant, about))

    def presses(self, option: str) -> None:
        """Press a button of the present question, which must be there."""
        data = self.data(option)
        assert data in self.offered, f"{self.where} has no button {option!r}, only {self.offered}"
        self.happens(Pressed(self.at, data))

    def presses_data(self, data: str) -> None:
        self.happens(Pressed(self.at, data))

    def types(self, command: str) -> None:
        """A command with its stroke and argument: `/bahasa en`."""
        name, _, argument = command.removeprefix("/").partition(" ")
        self.happens(Commanded(self.at, name, argument))

    def shares(self, kind: Kind, caption: str = "", file: Attachment | None = None, about: str = "") -> None:
        self.happens(Shared(self.at, kind, caption, file, about))

    def rings(self) -> None:
        """Wait for the next alarm, which rings once."""
        name, at = min(self.alarms.items(), key=lambda alarm: alarm[1])
        self.at = max(self.at, at)
        del self.alarms[name]
        self.happens(Elapsed(self.at, name))

    def waits(self, **time: float) -> None:
        self.at += timedelta(**time)

    # How it is

    @property
    def offered(self) -> list[str]:
        """What the buttons carry that a typed text may name."""
        return [button.data for button in GUIDE.offers(self.session, self.at, self.standing)]

    @property
    def told(self) -> list[tuple[Role | Colleague | Person, str]]:
        """What was said to others, a msgid each."""
        tells = [effect for effect in self.effects if isinstance(effect, Tell)]
        return [(tell.to, part.msgid if isinstance(part, Text) else part.id) for tell in tells for part in tell.parts]

    @property
    def where(self) -> str:
        """The flows in progress, each at its state: `renewal.login > trouble.start`."""
        return " > ".join(f"{frame.flow}.{frame.state}" for frame in self.session.stack)

    @property
    def answers(self) -> dict[str, str]:
        """The answers given in the flow below all detours."""
        return dict(self.session.stack[0].answers) if self.session.stack else {}

    @property
    def heard(self) -> list[str]:
        """What the new and changed messages of the last event say, a msgid a paragraph."""
        return [text for effect in self.effects if isinstance(effect, Say | Revise) for text in said(effect)]

    @property
    def last(self) -> Say | Revise:
        """The last message to this person."""
        return [effect for effect in self.effects if isinstance(effect, Say | Revise)][-1]

    @property
    def labels(self) -> list[str]:
        """The labels under the last message."""
        return [labelled(button.label) for button in buttons(self.last)]

    @property
    def asked(self) -> bool:
        """Whether the last event asked a question."""
        return any(effect.asks for effect in self.effects if isinstance(effect, Say | Revise))

    @property
    def settled(self) -> list[list[str]]:
        """The questions that lost their buttons and stay readable."""
        return [said(effect) for effect in self.effects if isinstance(effect, Settle)]

    def data(self, option: str) -> str:
        top = self.session.top
        assert top is not None
        return encode(Data(top.flow, top.state, self.session.turn, option))

    def waiting(self) -> bool:
        """Whether some question waits for something outside and is to be asked again."""
        return any(_reminds(frame) for frame in self.session.stack)

    def _carried_out(self, effect: Effect) -> Event | None:
        match effect:
            case SetAlarm(name, at):
                self.alarms[name] = at
            case DropAlarm(name):
                self.alarms.pop(name, None)
            case FindCertificate():
                self.commands.append(effect)
                return CertificateFound(self.at, self.certificate)
            case BeginProof():
                self.commands.append(effect)
                return self._mailed()
            case CheckCode(code):
                self.commands.append(effect)
                return self._checked(code)
            case ChooseLanguage() | RecordCertificate() | RecordSubmission() | RecordIssue():
                self.commands.append(effect)
                if isinstance(effect, RecordCertificate):
                    self.certificate = effect.expires_on
                return Recorded(self.at)
            case Say() | Revise() | Settle() | Tell():
                pass
            case _:
                self.commands.append(effect)
                return self.office.carry_out(effect, self.at)
        return None

    def _mailed(self) -> ProofBegun:
        if self.mail != "sent":
            return ProofBegun(self.at, "off" if self.mail == "off" else "too_many")
        self.tries = 5
        return ProofBegun(self.at, "sent", self.at + timedelta(minutes=30))

    def _checked(self, code: str) -> ProofChecked:
        """As storage does it: five tries, then the code is spent."""
        if self.tries and code == CODE:
            self.tries = 0
            return ProofChecked(self.at, "claimed" if self.claimed else "proved")
        self.tries = max(0, self.tries - 1)
        return ProofChecked(self.at, "wrong", self.tries) if self.tries else ProofChecked(self.at, "spent")


def standing_in(session: Session) -> Standing:
    """Who may stand where this session stands: every role that its flows ask for."""
    return Standing(frozenset(role for frame in session.stack for role in _roles(frame.flow)))


def _roles(flow: str) -> frozenset[Role]:
    return GUIDE.flows[flow].roles if flow in GUIDE.flows else frozenset()


def _reminds(frame: Frame) -> bool:
    state = GUIDE.flows[frame.flow].by_name[frame.state]
    if not isinstance(state, Choose | Ask | Review) or state.remind is None:
        return False
    return frame.reminders < state.remind.times


def at_state(flow: str, state: str, **answers: str) -> Session:
    """A person who stands at a state, having answered so far."""
    trail = tuple(Answer(name, value) for name, value in answers.items())
    return Session(7, (Frame(flow, GUIDE.flows[flow].version, state, trail),))


# ------------------------------------------------------------------------------------------------ Siti, who is renewing

TO_THE_CHECK = {"ready": "begin", "notified": "yes", "login": "yes"}
TO_THE_LETTER = {**TO_THE_CHECK, "check": "right"}
TO_THE_REVIEW = {
    "ready": "begin", "notified": "no", "expiry": "2026-11-10", "expired": "go", "login": "yes", "check": "right",
    "letter": "yes", "upload": "yes", "submitted": "2026-11-20",
}  # fmt: skip


def at_question(state: str, answers: dict[str, str] | None = None) -> Talk:
    """Siti stands at a state of the renewal."""
    talk = Talk(session=at_state("renewal", state, **(answers or {})))
    talk.types("/lanjut")
    return talk


def deep_talk() -> Talk:
    """Siti waits for the letter, and looks for help with her passphrase meanwhile."""
    talk = at_question("letter", TO_THE_LETTER)
    talk.presses("no")
    talk.types("/kendala")
    talk.presses("passphrase")
    talk.presses("forgot_pass")
    assert talk.where == "renewal.letter_wait > trouble.s_forgot_pass"
    return talk
