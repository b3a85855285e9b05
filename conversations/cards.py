"""What anyone can look at, any time and at any depth: menu, help, status, information, language, contacts.

A card does not move the conversation. Its buttons carry commands, so they never grow stale, and what a command asks
for (`COMMANDS`) is asked when the button is pressed, not when it is shown. What is kept of a person is shown by
`privacy.py`, what staff see by `desk.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conversations.effects import Button, ChooseLanguage, FindCertificate, Keyboard, Parts
from conversations.flow import STEPS, Question
from conversations.people import Role
from conversations.screen import fill
from conversations.text import N_, Text, Value, Words

if TYPE_CHECKING:
    from datetime import date, datetime

    from conversations.events import Kind, Secret
    from conversations.facts import Facts
    from conversations.people import Standing
    from conversations.service import Service

LOOK_UP = FindCertificate()

LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}

ADMINS = frozenset({Role.ADMIN})
STAFF = frozenset({Role.OFFICER, Role.OFFICIAL, Role.ADMIN})
"""Who sees complaints: those who work on them, and administrators, who only read."""


@dataclass(frozen=True, slots=True)
class Command:
    """What can be typed: how Telegram describes it beside the text field, and whose roles it asks for (any of them)."""

    description: str
    roles: frozenset[Role] = frozenset()


COMMANDS: Mapping[str, Command] = {
    "menu": Command(N_("Main menu")),
    "perbarui": Command(N_("Renew an expired certificate")),
    "status": Command(N_("Where I am and what comes next")),
    "lanjut": Command(N_("Go on with the guide")),
    "kembali": Command(N_("Back to the last question")),
    "batal": Command(N_("Cancel the guide")),
    "kendala": Command(N_("I have a problem with AMS")),
    "aduan": Command(N_("Send a complaint, or see mine")),
    "info": Command(N_("Service standard and contacts")),
    "daftar": Command(N_("Register as an employee")),
    "privasi": Command(N_("What is kept about me")),
    "bahasa": Command(N_("Change the language")),
    "bantuan": Command(N_("How this assistant works")),
    "antrean": Command(N_("Staff: complaints by due date"), STAFF),
    "tiket": Command(N_("Staff: one complaint, for example /tiket 17"), STAFF),
    "contoh": Command(N_("Staff: our own ready answers"), STAFF),
    "ekspor": Command(N_("Staff: complaints as a table for Excel"), ADMINS),
    "gangguan": Command(N_("Staff: AMS does not work, or works again"), ADMINS),
    "petugas": Command(N_("Staff: invite, revoke, leave"), ADMINS),
    "audit": Command(N_("The last entries of the audit"), ADMINS),
}
"""What Telegram shows beside the text field, in this order."""


def commands_for(standing: Standing) -> Mapping[str, str]:
    """The commands that are open to somebody, each with its description (a msgid), in the order of the menu."""
    return {name: command.description for name, command in COMMANDS.items() if standing.may(command.roles)}


def roles_for(name: str) -> frozenset[Role]:
    """Whose roles a command asks for; one that is not in the table is open to everybody."""
    return COMMANDS[name].roles if name in COMMANDS else frozenset()


ROLES: Mapping[Role, str] = {
    Role.OFFICER: N_("Officer"),
    Role.OFFICIAL: N_("Complaints official"),
    Role.ADMIN: N_("Administrator"),
    Role.LEADER: N_("Leadership"),
}
"""What the roles are called."""

_HELP = N_(
    "I ask one question at a time; you answer with a button or in your own words.\n\n"
    "/menu – main menu\n/status – where you are\n/kembali – the question before\n/batal – cancel\n"
    "/aduan – send a complaint\n/info – service standard and contacts\n/daftar – register as an employee\n"
    "/privasi – what is kept about you\n"
    "/bahasa – language\n\n"
    "I am an automatic assistant. I cannot look into AMS, and I never ask for passphrases, passwords, one-time codes, "
    "NIK, KTP or selfies. To speak with a person: /kontak"
)
_HELP_STAFF = N_(
    "For staff:\n/antrean – complaints by due date\n/tiket 17 – one complaint\n/contoh – our own ready answers"
)
_HELP_ADMIN = N_(
    "For administrators:\n/petugas – staff\n/audit – who did what\n/gangguan – AMS does not work\n"
    "/ekspor – complaints as a table"
)

_STEPS = (
    N_("the notification"),
    N_("logging in to AMS"),
    N_("checking the data"),
    N_("the change of data"),
    N_("the request for issuance"),
    N_("the issue of the certificate"),
)
"""What the six steps of the service standard are called."""


def place_of(step: int) -> dict[str, Value]:
    """The values of a text that says which step it is, counted from 1: `{step}`, `{steps}` and `{name}`."""
    return {"step": step, "steps": STEPS, "name": Text(_STEPS[step - 1])}


_SHARED: Mapping[Kind, str] = {
    "photo": N_("I cannot look at pictures. Documents are uploaded in AMS, not here."),
    "document": N_("I cannot open files. Documents are uploaded in AMS, not here."),
    "voice": N_("I cannot listen to voice messages. Please press a button or write to me."),
    "video": N_("I cannot watch videos. Please press a button or write to me."),
    "sticker": N_("Thank you for the sticker. Please press a button or write to me."),
    "contact": N_("A contact is not needed here, and I do not keep it."),
    "location": N_("A location is not needed here, and I do not keep it."),
    "forwarded": N_("I do not read forwarded messages. Please write it in your own words."),
    "edited": N_("I do not read a message again when it is changed. Please send it as a new one."),
    "long": N_("That message is too long for me. Please say it in a few words."),
    "other": N_("I cannot read that kind of message. Please press a button or write to me."),
}

_WITHHELD: Mapping[Secret, str] = {
    "passphrase": N_(
        "That looked like a passphrase or password. I have kept nothing of it, and deleted your message as far as "
        "Telegram lets me. Please change it now in AMS. Nobody may know it but you; we never ask for it."
    ),
    "code": N_(
        "That looked like a one-time code. I have kept nothing of it, and deleted your message as far as Telegram "
        "lets me. Please enter such codes only where you are logging in yourself, and give them to nobody."
    ),
    "nik": N_(
        "That looked like an NIK or the number of a card (16 digits). I have kept nothing of it, and deleted your "
        "message as far as Telegram lets me. It is not needed here; please do not send it."
    ),
    "identity": N_(
        "That looked like a photo of an identity document. I have not opened it, kept nothing of it, and deleted your "
        "message as far as Telegram lets me. Please upload it only in AMS, never in a chat."
    ),
}
"""What is taught to somebody who sent what must not be sent here."""

CONTACT_ROW: Keyboard = ((Button(Text(N_("Contact the office")), "/kontak"),),)
ON: Keyboard = ((Button(Text(N_("Go on with the guide")), "/lanjut"),),)
MENU: Keyboard = ((Button(Text(N_("Main menu")), "/menu"),),)


@dataclass(frozen=True, slots=True)
class Card:
    parts: Parts
    keyboard: Keyboard = ()


def menu(*, going: bool, notice: str = "", contact: bool = False, welcome: bool = False) -> Card:
    """Six choices. `welcome`: at the first meeting the language is offered, which later is known."""
    first = ON if going else ((Button(Text(N_("Renew my certificate")), "/perbarui"),),)
    rows: Keyboard = (
        *first,
        (Button(Text(N_("I have a problem")), "/kendala"),),
        (Button(Text(N_("Send a complaint")), "/aduan"),),
        (Button(Text(N_("My status")), "/status"),),
        (Button(Text(N_("About the service")), "/info"),),
        (Button(Text(N_("Bahasa / Language")), "/bahasa") if welcome else Button(Text(N_("Help")), "/bantuan"),),
        *(CONTACT_ROW if contact else ()),
    )
    said = (Text(notice),) if notice else ()
    return Card((*said, Text(N_("What can I do for you?"))), rows)


def number_of(word: str) -> int | None:
    """A number as the cards write it."""
    return int(word) if word.isascii() and word.isdecimal() and len(word) <= 9 else None  # noqa: PLR2004 - fits any database


def turns(command: str, page: int, pages: int) -> Keyboard:
    """The row that leads to the page before and the one after, if there are any; `command` takes their number."""
    sides = (("‹ {page}", page - 1), ("{page} ›", page + 1))
    row = tuple(
        Button(Text(label, {"page": str(other)}), f"{command} {other}") for label, other in sides if 1 <= other <= pages
    )
    return (row,) if row else ()


def cancel(turn: int) -> Card:
    """Asks before it is done. Its button is for the guide as it stands: a later one it does not cancel."""
    return Card(
        (Text(N_("Shall I cancel the guide? Your answers so far will be deleted.")),),
        (
            (Button(Text(N_("Yes, cancel")), f"/batal {sure(turn)}"),),
            (Button(Text(N_("No, go on")), "/lanjut"),),
        ),
    )


def sure(turn: int) -> str:
    return f"ya {turn}"


def card(name: str, argument: str, first_name: str, facts: Facts, *, going: bool) -> Card:
    """The card that a command shows; an unknown one is answered kindly."""
    match name:
        case "start":
            return _start(first_name, facts, going=going)
        case "menu":
            return menu(going=going)
        case "info":
            return _info(argument, facts.book.service, facts, going=going)
        case "bahasa":
            return _languages(going=going)
        case "kontak":
            return _contacts(argument, facts, going=going)
        case _:
            return menu(going=going, notice=N_("I do not know that command."))


def manual(standing: Standing) -> tuple[Text, ...]:
    """How the assistant works, with what is open to this person beyond what is open to everybody."""
    staff = (Text(_HELP_STAFF),) if standing.may(STAFF) else ()
    return (Text(_HELP), *staff, *((Text(_HELP_ADMIN),) if Role.ADMIN in standing.roles else ()))


def refused(roles: frozenset[Role], *, going: bool) -> Card:
    """Says kindly that something is for these roles only."""
    return Card((refusal(N_("I am sorry, that is open only to: {roles}."), roles),), ON if going else MENU)


def refusal(msgid: str, roles: frozenset[Role]) -> Text:
    """A message that names `{roles}`, in the order in which they are declared."""
    first, *others = (Text(ROLES[role]) for role in Role if role in roles)
    named: Text = first
    for other in others:
        named = Text("{some}, {one}", {"some": named, "one": other})
    return Text(msgid, {"roles": named})


def withheld(what: Secret) -> Text:
    return Text(_WITHHELD[what])


def shared(kind: Kind, *, going: bool) -> Card:
    """A sentence about what was sent; the question above it still stands."""
    return Card((Text(_SHARED[kind]),), ON if going else MENU)


def language(argument: str) -> ChooseLanguage | None:
    return ChooseLanguage(argument) if argument in LANGUAGES else None


def idle(certificate: date | None) -> Card:
    """The status of somebody without a renewal under way."""
    if certificate is None:
        said = Text(N_("No renewal is under way."))
    else:
        said = Text(N_("No renewal is under way. Your certificate is valid until {day}."), {"day": certificate})
    return Card((said,), menu(going=False).keyboard)


def status(facts: Facts, question: Question | None, asks_at: datetime | None) -> Card:
    """Where the renewal stands, what comes next and until when; `asks_at` is when the guide asks again by itself."""
    parts: list[Text | Words] = [Text(N_("<b>Your renewal</b>"))]
    if question is not None and question.step:
        parts.append(Text(N_("You are at step {step} of {steps}: {name}."), place_of(question.step)))
    if "submitted" in facts.answers:
        parts.append(fill(N_("Request sent: {submitted}\nDue at the latest: {due}"), facts))
    if question is not None and question.remind is not None:
        if asks_at is None:
            parts.append(Text(N_("I am waiting to hear from you. When there is news, press the button below.")))
        else:
            parts.append(Text(N_("We are waiting. I will ask again {moment}."), {"moment": asks_at}))
    return Card(tuple(parts), (*ON, *MENU))


def _start(first_name: str, facts: Facts, *, going: bool) -> Card:
    hello = Text(N_("Welcome, {name}."), {"name": first_name}) if first_name else Text(N_("Welcome, Bapak/Ibu."))
    who = fill(
        N_(
            "I am Pandu, the automatic assistant of {office} for expired electronic certificates (BSrE). I am not a "
            "person and not a channel of BSSN.\n\nI guide you through the renewal step by step, help when something "
            "goes wrong, and remind you of dates."
        ),
        facts,
    )
    return Card((hello, who), menu(going=going, welcome=True).keyboard)


def _languages(*, going: bool) -> Card:
    rows: Keyboard = tuple((Button(Words(name, name), f"/bahasa {code}"),) for code, name in LANGUAGES.items())
    return Card((Text(N_("Which language would you like to read?")),), (*rows, *(ON if going else MENU)))


def outage(text: str) -> Card:
    """What is declared about AMS, for the administrator who can lift it."""
    said = Text(N_("Declared: {text}"), {"text": text})
    return Card((said,), ((Button(Text(N_("AMS works again")), "/gangguan selesai"),), *MENU))


def _contacts(argument: str, facts: Facts, *, going: bool) -> Card:
    if argument == "kanal":
        said = fill(N_("You can also complain in another way:\n{channels}\n\n{hours_now}"), facts)
        return Card((said,), ON if going else MENU)
    said = fill(N_("{unit}\n\nTelephone: {phones}\nE-mail: {email}\nWebsite: {website}\n\n{hours_now}"), facts)
    every = (Button(Text(N_("Other ways to complain")), "/kontak kanal"),)
    return Card((said,), (every, *(ON if going else MENU)))


def _info(argument: str, service: Service, facts: Facts, *, going: bool) -> Card:
    """Groups, then the entries of a group, then one entry."""
    end = ON if going else MENU
    entry = next((info for info in service.info if info.id == argument), None)
    if entry is not None:
        lines: list[Text | Words] = [Text(N_("<b>{title}</b>"), {"title": entry.label}), *entry.lines]
        if entry.component == "time":
            lines.append(fill("{hours_now}", facts))
        lines.extend(Text(N_("Note of {day}: {note}"), {"day": note.dated, "note": note.text}) for note in entry.notes)
        if not entry.confirmed:
            lines.append(fill("{unconfirmed}", facts))
        return Card((Text("{lines}", {"lines": tuple(lines)}),), (_back(entry.group), *end))
    group = next((group for group in service.info_groups if group.id == argument), None)
    if group is not None:
        rows = tuple((Button(info.label, f"/info {info.id}"),) for info in service.info_of(group.id))
        return Card((Text(N_("{title}: what would you like to know?"), {"title": group.label}),), (*rows, _back("")))
    rows = tuple((Button(group.label, f"/info {group.id}"),) for group in service.info_groups)
    said = fill(N_("<b>{service}</b>\n\nWhat would you like to know about this service?"), facts)
    return Card((said,), (*rows, *end))


def _back(argument: str) -> tuple[Button, ...]:
    return (Button(Text(N_("‹ Back")), f"/info {argument}".strip()),)
