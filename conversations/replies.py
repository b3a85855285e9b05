"""What is said when a command was carried out: where it was given in a flow, that goes on; else a card shows it.

Some of it concerns others as well: administrators hear of a new member and of a registration that did not match, and
whoever lost an account or a role is told so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from conversations import canned_cards, cards, desk, export, privacy, screen
from conversations.cards import number_of
from conversations.commands import Commands
from conversations.effects import Button, GrantLeave, HandOver, Keyboard, Settle, Tell
from conversations.events import (
    AccountFound,
    Answered,
    AuditFound,
    CannedFound,
    CannedKept,
    CertificateFound,
    ComplaintFiled,
    ComplaintFound,
    ComplaintHandled,
    ComplaintsExported,
    ComplaintsFound,
    Erased,
    Invited,
    ProofBegun,
    ProofChecked,
    Recorded,
    Redeemed,
    Revoked,
    StaffFound,
)
from conversations.flow import Do, End
from conversations.flows import LEAVE, REGISTER
from conversations.people import Member, Role
from conversations.session import Answer, Session
from conversations.text import N_, Text, Value

_SIGNED_OUT = N_(
    "Your registration was moved to another Telegram account, because somebody opened the link in your official "
    "e-mail there. This account is not registered any more. If that was not you, please tell the office at once: "
    "{phones}."
)
_MISMATCH = N_(
    "A registration did not match: {claimant} gave the NIP of {holder}. Nothing was changed. Please clarify it with "
    "both; whoever typed it wrongly can correct it with /daftar."
)
_ACCEPTED = N_("{name} has accepted the invitation. Role: {role}.")
_ROLE_ENDED = N_("Your role in this service has ended. The guide stays open to you. If that is wrong, ask the office.")
_SPENT = N_(
    "This link has been used already, is too old, or was made for another Telegram account. For a registration, open "
    "it where you registered, or get a new one with /daftar; for an invitation please ask the administrator who sent "
    "it."
)
_WELCOME = N_("Welcome, {name}. You have a role now: <b>{role}</b>.\n{duty}")
_DUTIES = {
    Role.OFFICER: N_("You answer employees who need a person."),
    Role.OFFICIAL: N_("You take the complaints that the officers cannot solve."),
    Role.ADMIN: N_("You invite and revoke members of staff and read the audit: /petugas, /audit"),
    Role.LEADER: N_("You read the reports of this service."),
}
_INVITED = N_(
    "The invitation is ready:\n\n{link}\n\nPlease pass it on yourself, to nobody else: whoever opens it first gets the "
    "role. It is valid until {until}."
)
_TAKEN = N_("There is a ready answer with this title already. Please choose another one.")
_PROOF_ENDS = {"proved": "registered", "claimed": "claimed"}
"""The end of the registration that says what came of the proof, however it came."""

_TO_AUDIT: Keyboard = ((Button(Text(N_("Open the audit")), "/audit"),),)


class Replies(Commands):
    """A step that goes on from the answer to a command."""

    def done(self, event: Answered) -> None:
        """A command was carried out: go on where it was given, or show what was asked for."""
        self.tell(event)
        if isinstance(event, ComplaintFiled | ComplaintHandled):
            self.closing = self.came_in(event) if isinstance(event, ComplaintFiled) else self.came_of(event)
        if isinstance(event, CannedKept) and event.outcome != "taken":
            self.closing = canned_cards.kept(event.outcome)
        frame = self.session.top
        state = self.state_of(frame)
        if frame is not None and isinstance(state, Do) and event.outcome in state.then:
            self.enter(self.found(frame, event.kept, state.then[event.outcome]))
        else:
            self.show(event)

    def tell(self, event: Answered) -> None:
        """Say it to those whom it concerns beside the person in the chat."""
        match event:
            case ProofChecked() | Redeemed():
                if event.signed_out is not None:
                    self.effects.append(Tell(event.signed_out, (screen.fill(_SIGNED_OUT, self.facts),)))
                if event.claim is not None:
                    both = {"claimant": event.claim.claimant, "holder": event.claim.holder}
                    self.effects.append(Tell(Role.ADMIN, (Text(_MISMATCH, both),), _TO_AUDIT))
                if isinstance(event, Redeemed) and event.role is not None:
                    who: dict[str, Value] = {"name": event.name, "role": Text(cards.ROLES[event.role])}
                    self.effects.append(Tell(Role.ADMIN, (Text(_ACCEPTED, who),), desk.STAFF))
            case Revoked(revoked=str() as revoked):
                self.effects.append(Tell(revoked, (Text(_ROLE_ENDED),)))
            case Invited():
                self.notices.append(Text(_INVITED, {"link": event.link, "until": event.until}))
            case CannedKept(outcome="taken"):
                self.notices.append(Text(_TAKEN))
            case _:
                pass

    def show(self, event: Answered) -> None:
        """The card for what was asked outside a flow."""
        match event:
            case CertificateFound():
                self.card(cards.idle(event.expires_on))
            case AccountFound():
                self.show_account(event)
            case StaffFound() | AuditFound() | ComplaintsExported():
                self.show_office(event)
            case Redeemed():
                self.show_redeemed(event)
            case ComplaintFound() | ComplaintsFound() | ComplaintFiled() | ComplaintHandled() | CannedFound():
                self.show_complaint(event)
            case Revoked():
                self.card(desk.revoked(event.name, event.outcome))
            case Erased():
                self.show_erased(event)
            case Invited():
                self.go_on()
            case Recorded() | ProofBegun() | ProofChecked() | CannedKept():
                pass  # what came of it was said when the command was given
            case _:
                assert_never(event)

    def show_complaint(
        self, event: ComplaintFound | ComplaintsFound | ComplaintFiled | ComplaintHandled | CannedFound
    ) -> None:
        match event:
            case CannedFound():
                self.canned_found(event)
            case ComplaintFound():
                self.complaint_found(event)
            case ComplaintsFound():
                self.complaints_found(event)
            case ComplaintFiled() | ComplaintHandled():
                self.card(self.closing or cards.menu(going=self.going))

    def show_account(self, event: AccountFound) -> None:
        if event.about != "daftar":
            self.card(privacy.overview(event.account, event.stored, self.facts))
        elif event.account is not None:
            self.card(privacy.registered(event.account))
        else:
            self.detour(REGISTER)

    def show_erased(self, event: Erased) -> None:
        if event.outcome == "staff":
            self.card(privacy.staff_first())
        else:
            self.session = Session(self.session.turn)  # the buttons of before must not come to life
            self.card(privacy.erased())

    def show_redeemed(self, event: Redeemed) -> None:
        """What came of a link. A registration ends with it, and what lay below goes on."""
        question, top, depth = self.question, self.session.top, len(self.session.stack)
        stood = self.shown(question, top) if question is not None and top is not None else ()
        if event.outcome in _PROOF_ENDS:
            self.leave_flow(REGISTER)
            end = self.flows[REGISTER].by_name[_PROOF_ENDS[event.outcome]]
            if isinstance(end, End):
                self.notices.append(screen.fill(end.text, self.facts, dict(end.values)))
        elif event.role is not None:
            role, duty = Text(cards.ROLES[event.role]), Text(_DUTIES[event.role])
            self.notices.append(Text(_WELCOME, {"name": event.name, "role": role, "duty": duty}))
        else:
            self.notices.append(Text(_SPENT))
        self.go_on()
        if event.role is Role.OFFICIAL:
            self.effects.append(HandOver())  # after the welcome
        if stood and len(self.session.stack) < depth:
            self.effects.append(Settle(stood))  # the question of the registration, which is not asked any more

    def show_office(self, event: StaffFound | AuditFound | ComplaintsExported) -> None:
        """What only administrators see, asked once more: the role may have ended since it was looked up."""
        if not self.standing.may(cards.ADMINS):
            return
        match event:
            case StaffFound():
                self.show_staff(event)
            case AuditFound():
                self.card(desk.audit(event.entries, event.about))
            case ComplaintsExported(outcome="sent"):
                pass  # the file itself is the answer
            case ComplaintsExported(outcome="none" | "too_large" as why):
                self.card(export.refused(why, event.period))

    def show_staff(self, event: StaffFound) -> None:
        """A card about the staff, or what was asked of one member, who was looked up for it."""
        match event.about.split():
            case ["hal", page]:
                self.card(desk.members(event.members, number_of(page) or 1))
            case [number, *asked] if (member := number_of(number)) is not None:
                one = next((one for one in event.members if one.id == member), None)
                if one is None:
                    self.card(desk.gone(event.members))
                else:
                    self.show_member(one, event.members, asked)
            case _:
                self.card(desk.members(event.members))

    def show_member(self, one: Member, staff: tuple[Member, ...], asked: list[str]) -> None:
        match asked:
            case ["cabut", *_]:
                self.card(desk.revoke(one))
            case ["cuti"]:
                self.ask_leave(one)
            case ["kembali"]:
                self.effects.append(GrantLeave(one.id))
                back = replace(one, away_until=None, deputy=None)
                self.card(desk.member(back, staff, Text(N_("Noted: back from leave."))))
            case ["wakil"]:
                self.card(desk.deputies(one, staff))
            case ["wakil", number]:
                self.depute(one, staff, number_of(number))
            case _:
                self.card(desk.member(one, staff))

    def depute(self, one: Member, staff: tuple[Member, ...], number: int | None) -> None:
        deputy = next((other for other in staff if other.id == number and desk.may_deputise(other, one)), None)
        if deputy is None:
            self.card(desk.deputies(one, staff))
            return
        self.effects.append(GrantLeave(one.id, one.away_until, deputy.id))
        noted = Text(N_("Noted: {deputy} stands in for {name}."), {"deputy": deputy.name, "name": one.name})
        self.card(desk.member(replace(one, deputy=deputy.id), staff, noted))

    def ask_leave(self, one: Member) -> None:
        """Ask until when, above whatever is under way; whom it is about stands in the trail from the beginning."""
        about = (Answer("member", str(one.id)), Answer("name", one.name), Answer("deputy", str(one.deputy or "")))
        frame = replace(self.fresh(LEAVE), trail=about)
        below = tuple(frame for frame in self.session.stack if frame.flow != LEAVE)
        self.session = self.session.with_stack((*below, frame))
        self.enter(frame)
