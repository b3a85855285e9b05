"""What administrators look at: the members of staff, one of them, and the audit.

    /petugas                 everybody, in pages
    /petugas 3               one member
    /petugas 3 cabut         asks whether the role shall end
    /petugas 3 wakil         who can stand in for them

Like every card these can be pressed any time later: they name a member by number and show what storage says then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Literal

from conversations.cards import MENU, ROLES, Card, turns
from conversations.complaint import Act
from conversations.complaint_words import DONE
from conversations.effects import Button, Keyboard
from conversations.people import Role
from conversations.period import Period
from conversations.text import N_, Text, Value, Words

if TYPE_CHECKING:
    from conversations.people import Entry, Member

MOST_AT_ONCE = 8  # members on one card without pages
_A_PAGE = 7
_WIDEST = 22  # letters of a name on a button, so that its number stays in sight

ACTIONS: Mapping[str, str] = {
    "registered": N_("registered"),
    "moved": N_("moved the registration to another account"),
    "nip_claimed": N_("gave an NIP that belongs to another address"),
    "code_guessed": N_("typed too many wrong codes"),
    "link_of_another": N_("opened a link that was made for somebody else"),
    "copied": N_("took a copy of their data"),
    "withdrawn": N_("withdrew the consent"),
    "erased": N_("had everything erased"),
    "invited": N_("invited"),
    "appointed": N_("gave a role to"),
    "forgotten": N_("forgot somebody unheard of for long"),
    "accepted": N_("accepted the invitation"),
    "revoked": N_("ended the role"),
    "leave": N_("set leave or deputy"),
    "refused": N_("was refused"),
    "audit_read": N_("read the audit"),
    "exported": N_("took a table of complaints"),
    "canned_kept": N_("kept a ready answer"),
    "canned_removed": N_("removed a ready answer"),
    "outage_declared": N_("declared that AMS does not work"),
    "outage_lifted": N_("declared that AMS works again"),
    "complaint_mailed": N_("answered by e-mail, for staff only"),
    **{f"complaint_{act}": DONE[act] for act in Act},
}
"""What the actions of the audit are called; one that is not here is shown by its own name."""

_REFERENCES: Mapping[str, str] = {
    "staff": N_("member {number}"),
    "employee": N_("employee {number}"),
    "person": N_("person {number}"),
    "canned": N_("ready answer {number}"),
}
_PROGRAM: Mapping[str, str] = {
    "cli": N_("the command line"),
    "bot": N_("this assistant"),
    "sandbox": N_("the sandbox"),
}

# ------------------------------------------------------------------------------------------------------------ members


def members(staff: tuple[Member, ...], page: int = 1) -> Card:
    """Everybody who has a role; more than fit on one card are shown in pages, counted from 1."""
    pages = 1 if len(staff) <= MOST_AT_ONCE else -(-len(staff) // _A_PAGE)
    page = min(max(page, 1), pages)
    first = 0 if pages == 1 else (page - 1) * _A_PAGE
    shown = staff if pages == 1 else staff[first : first + _A_PAGE]
    lines = tuple(
        Text("{number}. {member}", {"number": number, "member": _line(member, staff)})
        for number, member in enumerate(shown, first + 1)
    )
    said = (Text(N_("<b>Staff</b>\n{lines}"), {"lines": lines}),) if lines else (Text(N_("Nobody has a role yet.")),)
    rows = tuple((_named(member, f"/petugas {member.id}", number),) for number, member in enumerate(shown, first + 1))
    invite = (Button(Text(N_("Invite somebody")), "/petugas undang"),)
    return Card(said, (*rows, *turns("/petugas hal", page, pages), invite, *MENU))


def member(one: Member, staff: tuple[Member, ...], notice: Text | None = None) -> Card:
    """One member and what can be changed."""
    said: list[Text | Words] = [*((notice,) if notice else ()), Text(N_("<b>{name}</b>"), {"name": one.name})]
    said.append(Text("{lines}", {"lines": tuple(_about(one, staff))}))
    away = one.away_until is not None
    rows: Keyboard = (
        (Button(Text(N_("Back from leave")), f"/petugas {one.id} kembali"),) if away
        else (Button(Text(N_("Leave")), f"/petugas {one.id} cuti"),),
        (Button(Text(N_("Deputy")), f"/petugas {one.id} wakil"),),
        (Button(Text(N_("End the role")), f"/petugas {one.id} cabut"),),
        (Button(Text(N_("‹ Back")), "/petugas"),),
    )  # fmt: skip
    return Card(tuple(said), rows)


def revoke(one: Member) -> Card:
    """Asks before it is done."""
    ask = N_("Shall the role of {name} end? Role: {role}. It takes effect at once; a new invitation is possible later.")
    return Card(
        (Text(ask, {"name": one.name, "role": Text(ROLES[one.role])}),),
        (
            (Button(Text(N_("Yes, end the role")), f"/petugas {one.id} cabut ya"),),
            (Button(Text(N_("No, leave it")), f"/petugas {one.id}"),),
        ),
    )


def deputies(one: Member, staff: tuple[Member, ...]) -> Card:
    """Those who may stand in: the first ones who have the same role."""
    others = [other for other in staff if may_deputise(other, one)][:MOST_AT_ONCE]
    back = ((Button(Text(N_("‹ Back")), f"/petugas {one.id}"),),)
    if not others:
        nobody = N_("Nobody else has the same role, so nobody can stand in for {name} yet.")
        return Card((Text(nobody, {"name": one.name}),), back)
    rows = tuple(
        (_named(other, f"/petugas {one.id} wakil {other.id}", number),) for number, other in enumerate(others, 1)
    )
    return Card((Text(N_("Who stands in for {name}?"), {"name": one.name}),), (*rows, *back))


def may_deputise(other: Member, one: Member) -> bool:
    return other.role is one.role and other.id != one.id


def gone(staff: tuple[Member, ...]) -> Card:
    """The member that a card or a command named is not there any more."""
    shown = members(staff)
    return Card((Text(_GONE), *shown.parts), shown.keyboard)


_GONE = N_("There is no such member of staff any more.")
STAFF: Keyboard = ((Button(Text(N_("Staff")), "/petugas"),),)
_LAST = N_("{name} is the last administrator, so the role cannot end. Please invite another administrator first.")
_REVOKED = N_("Noted: the role of {name} has ended.")


def revoked(name: str, outcome: Literal["revoked", "last", "gone"]) -> Card:
    """What came of ending a role."""
    said = {"revoked": _REVOKED, "last": _LAST, "gone": _GONE}[outcome]
    return Card((Text(said, {"name": name}),), (*STAFF, *MENU))


_NOT_ACCEPTED = N_("The invitation has not been accepted in Telegram.")


def _named(one: Member, data: str, number: int) -> Button:
    name = one.name if len(one.name) <= _WIDEST else f"{one.name[: _WIDEST - 1]}…"
    return Button(Text("{number}. {name}", {"number": number, "name": name}), data)


def _line(one: Member, staff: tuple[Member, ...]) -> Text:
    said = Text("{name} – {role}", {"name": one.name, "role": Text(ROLES[one.role])})
    if one.away_until is not None:
        return Text("{member}, {state}", {"member": said, "state": _away(one, staff)})
    if one.reached:
        return said
    if one.email:
        return Text("{member}, {state}", {"member": said, "state": Text(N_("by e-mail only"))})
    return Text("{member}. {state}", {"member": said, "state": Text(_NOT_ACCEPTED)})


def _about(one: Member, staff: tuple[Member, ...]) -> list[Value]:
    lines: list[Value] = [Text(N_("Role: {role}"), {"role": Text(ROLES[one.role])})]
    if one.email:
        lines.append(Text(N_("E-mail: {email}"), {"email": one.email}))
    if not one.reached:
        lines.append(Text(_NOT_ACCEPTED))
    if one.away_until is not None:
        lines.append(_away(one, staff))
    elif (deputy := _deputy(one, staff)) is not None:
        lines.append(Text(N_("Deputy: {name}"), {"name": deputy.name}))
    return lines


def _away(one: Member, staff: tuple[Member, ...]) -> Text:
    until: Mapping[str, Value] = {"day": one.away_until or ""}
    if (deputy := _deputy(one, staff)) is None:
        return Text(N_("away until {day}"), until)
    return Text(N_("away until {day}, deputy: {name}"), {**until, "name": deputy.name})


def _deputy(one: Member, staff: tuple[Member, ...]) -> Member | None:
    return next((other for other in staff if other.id == one.deputy), None)


# -------------------------------------------------------------------------------------------------------------- audit

ENTRIES = 10


def audit(entries: tuple[Entry, ...], words: str) -> Card:
    """The last entries in words, the newest first."""
    title = Text(N_("<b>Audit</b>: {words}"), {"words": words}) if words else Text(N_("<b>Audit</b>"))
    lines = tuple(_entry(entry) for entry in entries[:ENTRIES])
    said = Text("{lines}", {"lines": lines}) if lines else Text(N_("No entry was found."))
    return Card((title, said, Text(N_("To search, write a word after the command, for example: /audit Budi"))), MENU)


def _entry(entry: Entry) -> Text:
    who: dict[str, Value] = {
        "number": str(entry.number),
        "moment": entry.at,
        "actor": _reference(entry.actor),
        "action": Text(ACTIONS[entry.action]) if entry.action in ACTIONS else entry.action,
    }
    said = Text("{number}. {moment}\n{actor}: {action}", who)
    if entry.subject:
        said = Text("{entry} → {subject}", {"entry": said, "subject": _reference(entry.subject)})
    for name, value in entry.details:
        said = Text("{entry} ({detail})", {"entry": said, "detail": _detail(name, value)})
    return said


def _detail(name: str, value: str) -> Value:
    """What the audit keeps beside an action, as far as there are words for it."""
    match name:
        case "role" if value in set(Role):
            return Text(N_("Role: {role}"), {"role": Text(ROLES[Role(value)])})
        case "until":
            return Text(N_("until {day}"), {"day": date.fromisoformat(value)})
        case "deputy":
            return Text(N_("Deputy: {name}"), {"name": _reference(f"staff:{value}")})
        case "period" if (period := Period.read(value)) is not None:
            return Text(N_("Period: {period}"), {"period": period.name})
        case "complaints":
            return Text(N_("Complaints: {count}"), {"count": value})
        case "by" if value == "link":
            return Text(N_("by a link in an e-mail"))
        case _:
            return value


def _reference(reference: str) -> Value:
    """Who is meant, in words; a name that storage put in its place stays as it is."""
    if reference in _PROGRAM:
        return Text(_PROGRAM[reference])
    kind, _, number = reference.partition(":")
    return Text(_REFERENCES[kind], {"number": number}) if number and kind in _REFERENCES else reference
