"""Who an employee is, as it is typed: NIP, name, official e-mail address, and the code that proves the address.

Each refusal names what is odd. Nothing here asks whether a person is known: that is found out by proof alone.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from conversations.flow import Accepted, Refused
from conversations.text import N_, Text, Value

if TYPE_CHECKING:
    from datetime import datetime

    from conversations.facts import Facts

AGREE = "agree"
"""The option that says yes to the privacy notice."""

NIP_DIGITS, NIK_DIGITS, CODE_DIGITS = 18, 16, 6
YOUNGEST, OLDEST = 15, 80
"""Years of age between which somebody may have an NIP."""

FIRST_CONTRACTS = 2014
"""UU 5/2014 made the PPPK: no contract is older."""

SHORTEST_NAME, LONGEST_NAME = 2, 80
LONGEST_ADDRESS, LONGEST_LOCAL = 254, 64  # RFC 5321, 4.5.3.1

_WORD = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_ADDRESS = re.compile(rf"(?P<local>[a-z0-9]+(?:[._+-]+[a-z0-9]+)*)@(?P<domain>{_WORD}(?:\.{_WORD})+)")

_COMMANDING = frozenset({
    "menu", "batal", "batalkan", "cancel", "kembali", "back", "bantuan", "help", "status", "lanjut", "info", "bahasa",
    "language", "stop", "ya", "tidak", "yes", "no", "ok", "oke",
})  # fmt: skip
"""Words that people type to steer the conversation: none of them is a name."""


@dataclass(frozen=True, slots=True)
class Consent:
    """The moment at which somebody agreed to the notice. Pressed, not typed; a new version asks anew."""

    branches = ("",)

    def read(self, text: str, at: datetime, facts: Facts) -> Accepted | Refused:  # noqa: ARG002 - the shape of Accept
        if text == AGREE:
            return Accepted(at.isoformat())
        return Refused(Text(N_("Please press one of the buttons: I may go on only if you agree.")))

    def show(self, value: str) -> Value:  # noqa: ARG002 - the shape of Accept
        return Text(N_("I agree"))


@dataclass(frozen=True, slots=True)
class Nip:
    """The 18 digits of a PNS or PPPK: birth (8), appointment (6), sex (1), serial number (3).

    The appointment of a PNS is a year and a month; that of a PPPK a year and the number of contracts, which begins
    above the months.
    """

    branches = ("",)

    def read(self, text: str, at: datetime, facts: Facts) -> Accepted | Refused:  # noqa: ARG002 - the shape of Accept
        digits = _digits(re.sub(r"^\s*NIP\b[\s.:]*", "", text, flags=re.IGNORECASE))
        odd = _odd_length(digits) or _odd_birth(digits, facts.today) or _odd_appointment(digits, facts.today)
        odd = odd or _odd_ending(digits)
        return Refused(odd) if odd is not None else Accepted(digits)

    def show(self, value: str) -> Value:
        """In groups, as it is printed: `19850101 201001 1 001`."""
        return f"{value[:8]} {value[8:14]} {value[14]} {value[15:]}" if len(value) == NIP_DIGITS else value


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name as people write it, with titles or without."""

    branches = ("",)

    def read(self, text: str, at: datetime, facts: Facts) -> Accepted | Refused:  # noqa: ARG002 - the shape of Accept
        name = " ".join(unicodedata.normalize("NFC", text).split())
        if any(letter.isnumeric() for letter in name):
            return Refused(Text(N_("A name has no digits. Please type your name in letters.")))
        if not all(letter in " .,'’-" or unicodedata.category(letter)[0] in "LM" for letter in name):
            return Refused(Text(N_("A name has only letters, spaces and the signs . , ' -. Please type it again.")))
        letters = sum(letter.isalpha() for letter in name)
        if letters < SHORTEST_NAME or not name[0].isalpha() or name.casefold() in _COMMANDING:
            return Refused(Text(N_("Please type your full name.")))
        if len(name) > LONGEST_NAME:
            why = N_("That is longer than {most} characters. Please shorten it, for example without titles.")
            return Refused(Text(why, {"most": LONGEST_NAME}))
        return Accepted(name)

    def show(self, value: str) -> Value:
        return value


def _address(text: str) -> re.Match[str] | None:
    """An e-mail address in lower case, with its `local` part and its `domain`; None if the text is none."""
    match = _ADDRESS.fullmatch(text.strip(" \t\n").lower()) if text.isascii() else None
    fits = match is not None and len(match[0]) <= LONGEST_ADDRESS and len(match["local"]) <= LONGEST_LOCAL
    return match if fits else None


@dataclass(frozen=True, slots=True)
class OfficialEmail:
    """An address in one of the domains of the service file, or below one. It is kept in lower case."""

    branches = ("",)

    def read(self, text: str, at: datetime, facts: Facts) -> Accepted | Refused:  # noqa: ARG002 - the shape of Accept
        match = _address(text)
        if match is None:
            why = N_("I could not read that as an e-mail address. Please type it like this: name@{domain}.")
            return Refused(Text(why, {"domain": facts.book.service.email_domains[0]}))
        if "+" in match["local"]:  # one mailbox must not be many employees
            return Refused(Text(N_("Please type the address without the plus sign and what follows it.")))
        domains = facts.book.service.email_domains
        if not any(match["domain"] == domain or match["domain"].endswith(f".{domain}") for domain in domains):
            why = N_("Only an official address can be used, one that ends in {domains}.")
            return Refused(Text(why, {"domains": ", ".join(domains)}))
        return Accepted(match[0])

    def show(self, value: str) -> Value:
        return value


@dataclass(frozen=True, slots=True)
class AnyEmail:
    """An address in any domain. It is kept in lower case."""

    branches = ("",)

    def read(self, text: str, at: datetime, facts: Facts) -> Accepted | Refused:  # noqa: ARG002 - the shape of Accept
        match = _address(text)
        if match is None:
            return Refused(Text(N_("I could not read that as an e-mail address. Please check it and type it again.")))
        return Accepted(match[0])

    def show(self, value: str) -> Value:
        return value


@dataclass(frozen=True, slots=True)
class SixDigits:
    """The code of the e-mail. It is not shown again."""

    branches = ("",)

    def read(self, text: str, at: datetime, facts: Facts) -> Accepted | Refused:  # noqa: ARG002 - the shape of Accept
        digits = _digits(text)
        if re.fullmatch(rf"[0-9]{{{CODE_DIGITS}}}", digits):
            return Accepted(digits)
        return Refused(
            Text(
                N_("The code has {count} digits. Please type them as they stand in the e-mail."),
                {
                    "count": CODE_DIGITS,
                },
            )
        )

    def show(self, value: str) -> Value:  # noqa: ARG002 - the shape of Accept
        return Text(N_("The code was typed"))


def _digits(text: str) -> str:
    """The text without what people put between digits."""
    return re.sub(r"[\s.\-–]", "", text)


def _odd_length(digits: str) -> Text | None:
    if not re.fullmatch(r"[0-9]+", digits):
        return Text(N_("An NIP has only digits. Please type its {count} digits."), {"count": NIP_DIGITS})
    if len(digits) == NIK_DIGITS:
        why = N_(
            "Those are 16 digits, as an NIK has. Please never send your NIK here, and delete that message. An NIP has "
            "18 digits."
        )
        return Text(why)
    if len(digits) != NIP_DIGITS:
        why = N_("An NIP has {count} digits, and that has {typed}. Please check it and type it again.")
        return Text(why, {"count": NIP_DIGITS, "typed": len(digits)})
    return None


def _odd_birth(digits: str, today: date) -> Text | None:
    part = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"
    try:
        born = date.fromisoformat(part)
    except ValueError:
        why = N_("An NIP begins with the date of birth (year, month, day), and {part} is no date. Please check it.")
        return Text(why, {"part": part})
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if not YOUNGEST <= age <= OLDEST:
        why = N_("An NIP begins with the date of birth, and {day} cannot be yours. Please check it.")
        return Text(why, {"day": born})
    return None


def _odd_appointment(digits: str, today: date) -> Text | None:
    year, number = int(digits[8:12]), int(digits[12:14])
    appointed = {"year": digits[8:12], "number": digits[12:14]}
    months = 12
    if number == 0 or (number > months and year < FIRST_CONTRACTS):
        why = N_("Digits 13 and 14 of an NIP are the month of the appointment, and {number} is none. Please check it.")
        return Text(why, appointed)
    latest = (today.year, today.month if number <= months else number)
    if (year, number) > latest:
        why = N_("By digits 9 to 14 of the NIP the appointment ({year}, {number}) is still to come. Please check it.")
        return Text(why, appointed)
    if (year, min(number, months)) <= (int(digits[:4]), int(digits[4:6])):
        why = N_("By digits 9 to 14 of the NIP the appointment ({year}, {number}) was before birth. Please check it.")
        return Text(why, appointed)
    return None


def _odd_ending(digits: str) -> Text | None:
    if digits[14] not in "12":
        why = N_("Digit 15 of an NIP is 1 or 2, and here it is {digit}. Please check it.")
        return Text(why, {"digit": digits[14]})
    if digits[15:] == "000":
        return Text(N_("The last three digits of an NIP are a number from 001 on. Please check them."))
    return None
