"""What commands and replies do to complaints, and what is said when that was done.

Everything but looking is asked of storage: whether it is possible as the complaint stands is decided there, in the same
transaction. Where words are needed, it is looked up first, so that nobody writes an answer to what has ended.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from conversations import cards, case, complaint_cards, export, privacy, queue
from conversations.cards import Card
from conversations.complaint import BACK, ENDED, Act, Complaint, Status
from conversations.complaint_cards import OWN_VERBS, STAFF_VERBS
from conversations.draft import LONG, Draft
from conversations.effects import DeclareOutage, ExportComplaints, FindComplaint, FindComplaints, HandleComplaint
from conversations.filters import filter_in, page_in
from conversations.flow import Ask, Choose, Review
from conversations.flows import COMPLAIN, HANDLE, OUTAGE, RENEWAL, REPLY, TROUBLE
from conversations.moves import Moves
from conversations.people import Role, Standing
from conversations.period import Period
from conversations.ready import offered
from conversations.session import Answer
from conversations.text import N_, Text
from conversations.timing import reopens_until

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from conversations.events import ComplaintFiled, ComplaintFound, ComplaintHandled, ComplaintsFound
    from conversations.facts import Book
    from conversations.flow import Flow
    from conversations.session import Session

WORKERS = frozenset({Role.OFFICER, Role.OFFICIAL})
_REPLY = "balasan"  # what a lookup was for: a reply of staff, which comes back with it
_ASIDE = "balasan-lain"  # the same to a message that only told them something
HELP = "help"
"""The category of who is stuck in the guide, if the service file has it."""

_LIFTED = N_("Noted: AMS works again. The time of the complaints goes on, and those who waited are told.")
_NO_OUTAGE = N_("No outage of AMS is declared.")
_OUTAGE = N_("⚠️ AMS does not work at the moment. The office says: {text}")


class ComplaintMoves(Moves):
    """A step in the making that may concern a complaint, and whose step it is."""

    def __init__(
        self, book: Book, flows: Mapping[str, Flow], session: Session, at: datetime, standing: Standing
    ) -> None:
        super().__init__(book, flows, session, at)
        self.standing = standing
        if standing.outage:
            self.outage = Text(_OUTAGE, {"text": standing.outage})

    def about_complaints(self, name: str, argument: str) -> None:
        match name:
            case "aduan":
                self.aduan(argument)
            case "tiket":
                self.tiket(argument)
            case "antrean":
                self.antrean(argument)
            case "ekspor":
                self.ekspor(argument)
            case _:
                self.gangguan(argument)

    # What employees command

    def aduan(self, argument: str) -> None:
        match argument.split():
            case []:
                self.complain()
            case ["daftar", *_]:
                self.effects.append(FindComplaints("mine", argument))
            case [number]:
                self.effects.append(FindComplaint(number, "aduan"))
            case [number, "selesai"]:
                self.effects.append(HandleComplaint(number, Act.CONFIRM))
            case [number, "tarik", "ya"]:
                self.effects.append(HandleComplaint(number, Act.WITHDRAW))
            case [number, verb, *_]:
                self.effects.append(FindComplaint(number, f"aduan {verb}"))

    def detour(self, name: str) -> None:
        """As any other, but a complaint begins with what is known of where the guide stands."""
        if name == COMPLAIN and all(frame.flow != COMPLAIN for frame in self.session.stack):
            self.complain()
        else:
            super().detour(name)

    def complain(self) -> None:
        """Begin a complaint above whatever is under way; from where in the guide comes along by itself."""
        if any(frame.flow == COMPLAIN for frame in self.session.stack):
            self.detour(COMPLAIN)
            return
        origin, known = self.origin(), [each.id for each in self.book.service.complaint_categories]
        frame = self.fresh(COMPLAIN)
        trail = [Answer("origin", origin)] if origin else []
        if "symptom=" in origin and HELP in known:  # the way back leads to the other categories
            state = self.flows[COMPLAIN].by_name[frame.state]
            option = next((o for o in state.options if o.id == HELP), None) if isinstance(state, Choose) else None
            if option is not None:
                trail.append(Answer(frame.state, HELP))
                frame = replace(frame, state=option.then)
        self.enter_above(replace(frame, trail=tuple(trail)))

    def origin(self) -> str:
        """Where the guide stands and what was tried, as `complaint_words.origin_of` reads it."""
        kept: list[str] = []
        for frame in self.session.stack:
            state = self.flows[frame.flow].by_name[frame.state]
            if frame.flow == RENEWAL and isinstance(state, Choose | Ask | Review) and state.step:
                kept.append(f"step={state.step}")
            if frame.flow == TROUBLE:
                seen = [answer.state for answer in frame.trail] + [frame.state]
                kept += [f"symptom={name.removeprefix('s_')}" for name in seen if name.startswith("s_")][-1:]
        return " ".join(kept)

    # What staff command

    def tiket(self, argument: str) -> None:
        match argument.split():
            case []:
                self.antrean("")
            case [number]:
                self.effects.append(FindComplaint(number, "tiket"))
            case [number, "ambil"]:
                self.effects.append(HandleComplaint(number, Act.TAKE))
            case [number, "pindah", category]:
                self.effects.append(HandleComplaint(number, Act.MOVE, category=category))
            case [number, verb, *words]:
                self.effects.append(FindComplaint(number, " ".join(["tiket", verb, *words[:1]])))

    def antrean(self, argument: str) -> None:
        words = argument.split()
        self.effects.append(FindComplaints("queue", "antrean", filter_in(words), page_in(words)))

    def ekspor(self, argument: str) -> None:
        """Ask for the period of a table, or have it sent."""
        period = Period.read(argument.strip())
        if period is None:
            self.card(export.ask(self.book.calendar.today(self.at)))
        else:
            self.effects.append(ExportComplaints(period))

    def gangguan(self, argument: str) -> None:
        """Declare that AMS does not work, or that it works again."""
        if not self.standing.outage:
            if argument:
                self.card(Card((Text(_NO_OUTAGE),), cards.MENU))
            else:
                self.detour(OUTAGE)
        elif argument == "selesai":
            self.effects.append(DeclareOutage())
            self.card(Card((Text(_LIFTED),), cards.MENU))
        else:
            self.card(cards.outage(self.standing.outage))

    # A reply to one of our messages about a complaint

    def replied(self, about: str) -> bool:
        """Whether something is about a complaint, and not the answer to what is being asked about it."""
        top = self.session.top
        return bool(about) and not (
            top is not None and top.flow in {HANDLE, REPLY} and top.answers.get("number") == about
        )

    def reply(self, number: str, draft: Draft, *, aside: bool) -> None:
        """To the other side. Whether a member of staff is the other side or filed it themselves is looked up first."""
        if self.standing.roles & WORKERS:
            self.effects.append(FindComplaint(number, f"{_ASIDE if aside else _REPLY} {draft.write()}"))
        else:
            self.effects.append(HandleComplaint(number, Act.REPLY, draft.text, draft.files))

    def staff_reply(self, complaint: Complaint, draft: Draft, *, mine: bool, aside: bool) -> None:
        """What staff send with attachments, at length, or perhaps to somebody else they read once more before."""
        if not mine and (aside or draft.files or len(draft.text) > LONG):
            seeds = (Answer("number", complaint.number), Answer("act", Act.ANSWER), Answer("text", draft.write()))
            self.enter_above(replace(self.fresh(HANDLE), state="review", trail=seeds))
        else:
            act = Act.REPLY if mine else Act.ANSWER
            self.effects.append(HandleComplaint(complaint.number, act, draft.text, draft.files))

    # What storage answered

    def complaint_found(self, event: ComplaintFound) -> None:
        command, _, rest = event.about.partition(" ")
        verb, word = (*rest.split(), "", "")[:2]
        staff = command == "tiket"
        if staff and not self.standing.may(cards.STAFF):
            return  # the role has ended since it was looked up
        complaint = event.complaint
        if complaint is None:
            self.card(complaint_cards.gone())
        elif command in {_REPLY, _ASIDE}:
            self.staff_reply(complaint, Draft.read(rest), mine=event.mine, aside=command == _ASIDE)
        elif staff and event.mine:
            self.card(complaint_cards.own_of_staff(complaint, event.history, self.book))
        elif staff and not case.reads_all(complaint, self.standing, mine=False):
            self.card(complaint_cards.outline(complaint, self.book))
        elif staff:
            self.for_staff(complaint, event, verb, word)
        else:
            self.for_employee(complaint, event, verb)

    def for_employee(self, complaint: Complaint, event: ComplaintFound, verb: str) -> None:
        act = OWN_VERBS.get(verb)
        if act is Act.ADD and complaint.status is Status.WAITING:
            act = Act.REPLY  # whatever comes now is the answer that is waited for
        if verb == "tarik" and case.may(complaint, "employee", Act.WITHDRAW):
            self.card(complaint_cards.ask_withdrawal(complaint))
        elif verb == "tarik":
            self.card(complaint_cards.handled(complaint, Act.WITHDRAW, "employee", done=False))
        elif act is None:
            self.card(complaint_cards.card(complaint, event.history, "employee", self.book))
        elif not case.may(complaint, "employee", act) or self.too_late(complaint, act):
            self.card(complaint_cards.handled(complaint, act, "employee", done=False))
        else:
            self.ask_words(REPLY, complaint, act)

    def too_late(self, complaint: Complaint, act: Act) -> bool:
        return act is Act.REOPEN and self.at > reopens_until(complaint, self.book)

    def for_staff(self, complaint: Complaint, event: ComplaintFound, verb: str, word: str) -> None:
        act = Act.MOVE if verb == "pindah" else STAFF_VERBS.get(verb)
        view = complaint_cards.view_of(complaint, self.standing.roles)
        if verb == "riwayat":
            self.card(complaint_cards.past(complaint, event.history, page_in([word])))
        elif act is None:
            seen = event.similar, event.progress
            self.card(complaint_cards.card(complaint, event.history, view, self.book, *seen, alone=event.alone))
        elif view == "reader" or not case.may(complaint, view, act):
            self.card(complaint_cards.handled(complaint, act, "staff", done=False))
        elif act in BACK and event.alone:
            self.card(complaint_cards.handled(complaint, act, "staff", done=False, why="no_officer"))
        elif act is Act.MOVE:
            self.card(complaint_cards.categories(complaint, self.book))
        else:
            self.ask_words(HANDLE, complaint, act, offered(event.canned, event.similar) if act is Act.ANSWER else ())

    def ask_words(self, flow: str, complaint: Complaint, act: Act, ready: tuple[Answer, ...] = ()) -> None:
        """Ask for the words of an act, above whatever is under way."""
        seeds = (Answer("number", complaint.number), Answer("act", act.value), *ready)
        self.in_place = False  # the card stays where it is
        self.enter_above(replace(self.fresh(flow), trail=seeds))

    def complaints_found(self, event: ComplaintsFound) -> None:
        words = event.about.split()
        page = page_in(words)
        if words[:1] == ["status"]:
            if going := going_on(event.complaints):
                self.card(queue.mine(going, page, self.book))
        elif words[:1] == [privacy.ERASE]:
            open_ones = tuple(each.number for each in going_on(event.complaints))
            self.card(privacy.ask_erasure(self.session.turn, open_ones))
        elif words[:1] == ["daftar"]:
            self.card(queue.mine(event.complaints, page, self.book))
        elif self.standing.may(cards.STAFF):
            self.card(queue.queue(event.complaints, event.only, event.page, event.count, self.book))

    def came_of(self, event: ComplaintHandled) -> Card:
        """What is said when somebody has acted; the side is that of the act."""
        if event.complaint is None:
            return complaint_cards.gone()
        own = event.act in {*OWN_VERBS.values(), Act.CONFIRM, Act.WITHDRAW} or event.why == "own"
        view: Literal["employee", "staff"] = "employee" if own else "staff"
        top, done = self.session.top, event.outcome == "done"
        canned = top is not None and Draft.read(top.answers.get("text", "")).canned > 0
        return complaint_cards.handled(event.complaint, event.act, view, done=done, why=event.why, canned=canned)

    def came_in(self, event: ComplaintFiled) -> Card:
        standing = self.standing
        card = complaint_cards.filed(event.complaint, self.book, standing, vacant=event.vacant)
        return replace(card, parts=(self.outage, *card.parts)) if self.outage is not None else card


def going_on(complaints: tuple[Complaint, ...]) -> tuple[Complaint, ...]:
    """Those that have not ended."""
    return tuple(each for each in complaints if each.status not in ENDED)
