"""Somebody who registers in the sandbox, and reads the mail that comes of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.sandbox import Bubble, Mail, People, Person
from conversations.text import N_, Text
from tests.shipped import CATALOGS
from tests.whole.program import eventually

WORDS = CATALOGS["id"]
NIP = "198503152009032001"
EMAIL = "siti.contoh@pekalongankota.go.id"
NAME = "Siti Contoh"

REGISTERED = N_(
    "Thank you, you are registered. From now on the office knows that it is you who writes.\n\nWith "
    "/privasi you can see and erase what is kept of you, with /daftar correct it."
)
SPENT_LINK = N_(
    "This link has been used already, is too old, or was made for another Telegram account. For a registration, open "
    "it where you registered, or get a new one with /daftar; for an invitation please ask the administrator who sent "
    "it."
)
SPENT_CODE = N_("That code cannot be used any more. Shall I send you a new e-mail?")


def says(msgid: str) -> str:
    """The first line of a message as people read it, without markup."""
    said = re.sub("<[^>]+>", "", WORDS.plain(Text(msgid))).partition("{")[0]
    return said.splitlines()[0].strip()


@dataclass(frozen=True, slots=True)
class Proof:
    """What stands in the mail."""

    token: str
    code: str


@dataclass(slots=True)
class Applicant:
    """A person in front of the registration."""

    person: Person
    people: People
    email: str = EMAIL
    nip: str = NIP
    name: str = NAME

    async def fills_in(self) -> Bubble:
        """From /daftar to the review, and the e-mail is sent; answers what the bot says then."""
        person = self.person
        await person.start()
        await person.says("/daftar")
        await person.presses(says("I agree"))
        await person.hears("NIP")
        await person.says(self.nip)
        await person.hears(says("What is your full name?"))
        await person.says(self.name)
        await person.hears(
            says("In which unit do you work? Please type its name or a part of it, for example: Dinkes.")
        )
        await person.says("Dinkes")
        await person.hears("@pekalongankota.go.id")
        await person.says(self.email)
        await person.presses(says("Right, send the e-mail"))
        return await person.waits(lambda chat: chat[-1] if says("Send a new e-mail") in chat[-1].labels else None)

    async def mails(self) -> list[Mail]:
        return [mail for mail in await self.people.mails() if mail.to == (self.email,)]

    async def reads(self, number: int = 1) -> Proof:
        """Wait for so many mails, and read the newest."""

        async def come() -> bool:
            return len(await self.mails()) >= number

        await eventually(come, lambda: f"{number} mails")
        text = (await self.mails())[-1].text
        token, code = re.search(r"start=(\S+)", text), re.search(r"\b(\d{6})\b", text)
        assert token is not None, text
        assert code is not None, text
        return Proof(token[1], code[1])
