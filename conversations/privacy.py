"""What a person sees of what is kept of them: the registration, the data, and the ways to correct and erase them.

UU 27/2022 on personal data: access (article 32), correction (30), withdrawal of consent (22), erasure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from conversations.cards import MENU, Card, sure
from conversations.effects import Button, Keyboard
from conversations.screen import fill
from conversations.text import N_, Text, Value, bullets, period

if TYPE_CHECKING:
    from conversations.facts import Facts
    from conversations.people import Account, Stored

ERASE = "hapus"
"""What a list of complaints is asked for, when somebody wants everything erased."""

_NIP_DIGITS = 18
_SHOWN_FIRST, _SHOWN_LAST = 4, 3

_KEPT: Mapping[str, str] = {
    "people": N_("the number of this chat and the language"),
    "employees": N_("the registration: name, NIP, unit, e-mail"),
    "proofs": N_("a registration that waits for its code"),
    "sessions": N_("the answers of the guide that is under way"),
    "certificates": N_("the day on which the certificate expires"),
    "renewals": N_("when issuance was requested and done"),
    "alarms": N_("the reminders that are set"),
    "complaints": N_("your complaints, and what was said about them"),
    "happenings": N_("your complaints, and what was said about them"),
    "outbox": N_("my last messages to this chat"),
    "dead_letters": N_("messages that I could not handle, for the technician"),
    "staff": N_("the role in this service"),
}
"""What is kept, by the table that keeps it; several tables may be one thing to a person."""
_OTHER = N_("technical notes without content")

COPY_CAPTION = N_(
    "Everything that I keep about you, as a file that programs can read too. Please treat it like a letter: it holds "
    "your data."
)
_ERASED = N_(
    "Everything about you has been erased; this is my last message. What stays is counted without your name. If you "
    "write to me again, we begin anew: /start"
)

_CORRECT: Keyboard = ((Button(Text(N_("Correct my data")), "/daftar ulang"),),)
_REGISTER: Keyboard = ((Button(Text(N_("Register")), "/daftar"),),)
_DATA: Keyboard = ((Button(Text(N_("My data")), "/privasi"),),)
_KEEP: Keyboard = ((Button(Text(N_("No, keep it")), "/privasi"),),)


def registered(account: Account) -> Card:
    """The registration, with an NIP that nobody who looks over a shoulder can note down."""
    details = account.details
    lines: list[Value] = [Text(N_("Name: {name}"), {"name": details.name})]
    if details.nip:
        lines.append(Text(N_("NIP: {nip}"), {"nip": masked(details.nip)}))
    lines.append(Text(N_("Unit: {unit}"), {"unit": details.unit}))
    lines.append(Text(N_("E-mail: {email}"), {"email": details.email}))
    said = Text(N_("You are registered:\n{lines}"), {"lines": tuple(lines)})
    return Card((said,), (*_CORRECT, *_DATA, *MENU))


def masked(nip: str) -> str:
    """The first four and the last three digits."""
    hidden = "•" * max(len(nip) - _SHOWN_FIRST - _SHOWN_LAST, 0)
    return nip[:_SHOWN_FIRST] + hidden + nip[-_SHOWN_LAST:] if len(nip) == _NIP_DIGITS else "•" * len(nip)


def overview(account: Account | None, stored: Stored, facts: Facts) -> Card:
    """In words: what is kept, since when, how long, and who sees it."""
    kept = dict.fromkeys(_KEPT.get(table, _OTHER) for table, rows in stored.rows if rows)
    said = [Text(N_("<b>My data</b>"))]
    if kept:
        said.append(Text(N_("I keep about you:\n{lines}"), {"lines": bullets(Text(msgid) for msgid in kept)}))
    else:
        said.append(Text(N_("I keep nothing about you yet.")))
    if stored.since is not None and kept:
        said.append(Text(N_("Since: {moment}"), {"moment": stored.since}))
    said.append(Text(N_("How long:\n{lines}"), {"lines": _periods(facts)}))
    said.append(fill(_WHO, facts))
    erase = (Button(Text(N_("Erase everything")), "/privasi hapus"),)
    copy = (Button(Text(N_("Send me a copy")), "/privasi salinan"),)
    withdraw: Keyboard = ((Button(Text(N_("End my registration")), "/privasi cabut"),),)
    own = (copy, *_CORRECT, *withdraw) if account is not None else (copy, *_REGISTER)
    return Card(tuple(said), (*own, erase, *MENU))


_WHO = N_(
    "Only those see it who work on your request at {office}. What names you is stored encrypted; nothing is passed on. "
    "Telegram carries our messages and has its servers abroad."
)


def _periods(facts: Facts) -> Value:
    periods = facts.book.service.retention
    named = (
        (N_("an unfinished guide: {period}"), periods.session_days),
        (N_("my messages: {period}"), periods.sent_message_days),
        (N_("messages that I could not handle: {period}"), periods.dead_letter_days),
        (N_("finished renewals: {period}"), periods.renewal_days),
        (N_("complaints, after they have ended: {period}"), periods.complaint_days),
        (N_("everything, when I no longer hear from you: {period}"), periods.person_days),
    )
    lines = bullets(Text(msgid, {"period": period(days)}) for msgid, days in named)
    return lines if periods.confirmed else (lines, facts["unconfirmed"])


def ask_withdrawal(turn: int) -> Card:
    """Asks before it is done. Like the card that cancels the guide, its button is good until the next question."""
    said = N_(
        "Shall I end your registration? Your name, NIP, unit and e-mail are deleted at once. The guide stays open to "
        "you, and you can register again at any time."
    )
    yes = Button(Text(N_("Yes, end it")), f"/privasi cabut {sure(turn)}")
    return Card((Text(said),), ((yes,), *_KEEP))


def withdrawn() -> Card:
    return Card((Text(N_("Your registration has ended and its data are deleted. The guide stays open to you.")),), MENU)


def not_registered() -> Card:
    return Card((Text(N_("You are not registered, so there is nothing to end.")),), (*_DATA, *MENU))


def ask_erasure(turn: int, complaints: tuple[str, ...] = ()) -> Card:
    """Says what goes and what stays before it is done, and which open complaints end with it."""
    said = N_(
        "Shall I erase everything about you?\n\nErased: the registration, the guide with its answers, reminders, the "
        "dates of the certificate, what you wrote in complaints, and the messages that I keep.\nStays: that somebody "
        "had data erased, numbers and dates of complaints, and counts, all without your name; the law asks for "
        "that.\n\nYour certificate and your account in AMS are not touched. It cannot be undone."
    )
    yes = Button(Text(N_("Yes, erase everything")), f"/privasi hapus {sure(turn)}")
    parts = [Text(said)]
    if complaints:
        open_ones = N_("Your open complaints are withdrawn, and nobody answers them any more: {numbers}.")
        parts.insert(0, Text(open_ones, {"numbers": ", ".join(complaints)}))
    return Card(tuple(parts), ((yes,), *_KEEP))


def erased() -> Card:
    """The last that is said to this chat; it has no buttons, because nothing is known any more."""
    return Card((Text(_ERASED),))


def staff_first() -> Card:
    said = N_(
        "You have a role in this service, so I have not erased anything. Please ask an administrator to end the role "
        "first, then come back to /privasi."
    )
    return Card((Text(said),), MENU)


def copy_follows() -> Card:
    return Card((Text(N_("The file with your data follows. Nobody else gets it.")),), (*_DATA, *MENU))
