"""What a typed command does, and so the button of a card, which carries one.

Whose roles it asks for is checked here and nowhere else, each time it comes; see `COMMANDS` in `cards.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conversations import cards, privacy
from conversations.canned_moves import CannedMoves
from conversations.cards import number_of
from conversations.effects import (
    DropAlarm,
    Erase,
    FindAccount,
    FindAudit,
    FindComplaints,
    FindStaff,
    RecordRefusal,
    Redeem,
    Revoke,
    SendCopy,
    Withdraw,
)
from conversations.facts import Facts
from conversations.flow import Ask, Choose, Question, Review
from conversations.flows import INVITE, REGISTER, RENEWAL, TROUBLE
from conversations.moves import WAIT
from conversations.text import N_, Text

if TYPE_CHECKING:
    from datetime import datetime

    from conversations.session import Frame

_CANCELLED = N_(
    "The guide was cancelled and its answers are deleted. A request or a reminder that I noted before stays noted."
)
_ENDED = N_("Your role for this has ended, so I have closed it. It is open only to: {roles}.")

MINE = FindComplaints("mine", "status")
_LONGEST_SEARCH = 60  # letters


class Commands(CannedMoves):
    """A step in the making, the ways it can go, and whose step it is."""

    @property
    def going(self) -> bool:
        return self.session.top is not None

    def close_what_ended(self, *, aloud: bool) -> bool:
        """Leave the flow whose roles this person does not have (any more), and all above it; whether there was one."""
        flows = (self.flows[frame.flow] for frame in self.session.stack)
        ended = next((flow for flow in flows if not self.standing.may(flow.roles)), None)
        if ended is None:
            return False
        self.leave_flow(ended.name)
        if aloud:
            self.notices.append(cards.refusal(_ENDED, ended.roles))
            self.effects.append(RecordRefusal(ended.name))
        return True

    def command(self, name: str, argument: str, first_name: str) -> None:
        if not self.standing.may(roles := cards.roles_for(name)):
            self.effects.append(RecordRefusal(f"/{name}"))
            self.card(cards.refused(roles, going=self.going))
            return
        self.session = replace(self.session, misses=0)
        match name:
            case "perbarui":
                self.begin(RENEWAL)
            case "kendala":
                self.detour(TROUBLE)
            case "lanjut":
                self.go_on()
            case "kembali":
                self.back()
            case "batal":
                self.cancel(sure=argument == cards.sure(self.session.turn))
            case "status":
                self.status()
            case _:
                self.look(name, argument, first_name)

    def look(self, name: str, argument: str, first_name: str) -> None:
        """The commands that leave the guide where it is, or begin something above it."""
        match name:
            case "daftar":
                self.register(again=argument == "ulang")
            case "privasi":
                self.privacy(argument)
            case "aduan" | "tiket" | "antrean" | "gangguan" | "ekspor" | "contoh":
                self.about_complaints(name, argument)
            case "petugas":
                self.staff(argument)
            case "audit":
                self.effects.append(FindAudit(argument[:_LONGEST_SEARCH]))
            case "start" if argument:
                self.effects.append(Redeem(argument))
            case "bantuan":
                self.notices.extend(cards.manual(self.standing))
                self.go_on()
            case "bahasa" if (choice := cards.language(argument)) is not None:
                self.effects.append(choice)
                self.notices.append(Text(N_("From now on I write in English.")))
                self.go_on()
            case _:
                if name == "kontak":
                    self.in_place = False  # its button may stand under a question, which must stay
                self.card(cards.card(name, argument, first_name, self.facts, going=self.going))

    # What is under way

    def status(self) -> None:
        frame = next((frame for frame in self.session.stack if frame.flow == RENEWAL), None)
        if frame is None:
            self.effects += [cards.LOOK_UP, MINE]
            return
        flow = self.flows[frame.flow]
        facts = Facts(self.book, self.at, flow, frame)
        state = flow.by_name[frame.state]
        question = state if isinstance(state, Choose | Ask | Review) else None
        self.card(cards.status(facts, question, self.asks_at(frame, question)))
        self.effects.append(MINE)

    def asks_at(self, frame: Frame, question: Question | None) -> datetime | None:
        """When a waiting question comes again by itself; None if it does not any more."""
        if question is None or question.remind is None or frame.reminders >= question.remind.times:
            return None
        asked_at = frame.asked_at or self.at
        if frame.reminders:
            return max(self.book.calendar.next_morning(asked_at), self.at)
        then = Facts(self.book, asked_at, self.flows[frame.flow], frame)
        return self.book.moment(then[question.remind.at], asked_at)

    def cancel(self, *, sure: bool) -> None:
        if self.session.top is None:
            self.card(cards.menu(going=False, notice=N_("There is nothing to cancel.")))
        elif not sure:
            self.card(cards.cancel(self.session.turn))
        else:
            self.session = self.session.with_stack(())
            self.effects.append(DropAlarm(WAIT))
            self.card(cards.menu(going=False, notice=_CANCELLED))

    # Who somebody is, and what is kept of them

    def register(self, *, again: bool) -> None:
        """Begin the registration above whatever is under way; who is registered sees it first."""
        if self.standing.registered and not again:
            self.effects.append(FindAccount("daftar"))
        else:
            self.detour(REGISTER)

    def privacy(self, argument: str) -> None:
        what, _, word = argument.partition(" ")
        sure = word == cards.sure(self.session.turn)
        match what:
            case "salinan":
                self.in_place = False  # what is kept stays readable above the file
                self.card(privacy.copy_follows())
                self.effects.append(SendCopy(Text(privacy.COPY_CAPTION)))
            case "cabut" if not self.standing.registered:
                self.card(privacy.not_registered())
            case "cabut" if not sure:
                self.card(privacy.ask_withdrawal(self.session.turn))
            case "cabut":
                self.leave_flow(REGISTER)
                self.effects.append(Withdraw())
                self.card(privacy.withdrawn())
            case "hapus" if not sure:
                self.effects.append(FindComplaints("mine", privacy.ERASE))
            case "hapus":
                self.effects.append(Erase())
            case _:
                self.effects.append(FindAccount("privasi"))

    # Staff

    def staff(self, argument: str) -> None:
        """What is shown of the staff is looked up first: a card says what is true now, and names who is there now."""
        match argument.split():
            case ["undang"]:
                self.detour(INVITE)
            case [member, "cabut", "ya"] if (number := number_of(member)) is not None:
                self.effects.append(Revoke(number))
            case _:
                self.effects.append(FindStaff(argument))
