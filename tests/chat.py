"""A chat with the real turn on a real database, written down as people read it.

Nothing is sent: what the turn hands over is what the phone of the person shows. Lines of a transcript:

    # staff: Agus admin           who has a role from the beginning
    # staff: Ratna official by mail   the same without a chat: only mail reaches her
    # employee: Siti             who is registered from the beginning
    # mail is read               the letters say so
    @ 2026-11-23 09.00            the clock of the city; alarms that are due ring
    > Siti: Sudah                 she types
    > Siti presses [Sudah]        the newest button with that label
    > Siti presses old [Sudah]    the oldest one: a button that may be stale
    > Budi, Ratna press [Ambil]   both at once: their updates come in one batch
    > Siti sends photo            something that is not a text
    > Siti replies: Baik          to the newest message that names a complaint
    > Siti replies with photo
    > Siti blocks the bot         and `unblocks`
    > Siti blocks the bot unheard nobody knows until a message to her is refused
    > The mail of Siti is refused   from now on, by the server that has her mailbox
    > Ratna answers by mail: Baik   the newest letter to her
    > Ratna is out of office until Senin   her mailbox answers it by itself
    > The mail of Ratna comes back  the newest letter to her; `is delayed`: the servers still try
    > Siti opens the link         the newest one that stands in a mail or a message
    > Ratna follows link 2: Baik  of the newest mail with links to act; what she writes in the form
    < Silakan buka AMS …          a new message; [its] [buttons], a row a line; (Agus) before it if it is not for Siti
    ~ Silakan buka AMS …          a message changed in place
    = mail, deleted, commands     what else left; files that go with a mail begin with +
    x to Siti: Silakan buka AMS   what left and did not arrive, its first line
    ! alarm wait 2026-11-24 16.00 what the turn stored
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from html import unescape
from typing import Any

import sqlalchemy as sa

from bot.by_mail import MailDesk
from bot.commands import Commands, Office
from bot.telegram.decode import decode
from bot.turn import Turn
from conversations.people import Details, Role
from storage import Store, tables
from storage.records import Channel, Memory, Outgoing, Settled, State
from tests.clocks import FakeClock
from tests.databases import RING
from tests.mail.mails import Sent, answer, automatic, returned
from tests.outlet import Tray
from tests.shipped import CATALOGS, GUIDE

WIB = timezone(timedelta(hours=7))
SITI = 710_000_101
PEOPLE = {"Siti": SITI, "Budi": 710_000_102, "Ratna": 710_000_103, "Agus": 710_000_104, "Dewi": 710_000_105}
_PSEUDONYM = re.compile(r"\b(orang|person) [0-9a-f]{8}\b")  # another one in each database
_NUMBER = re.compile(r"\bADU-\d{4}-\d{5}\b")
_WEB_LINK = re.compile(r"/aduan/(\w+)")
_LINK = re.compile(r"\?start=(\S+)")
_TAG = re.compile(r"<[^>]+>")


@dataclass
class Message:
    """A bubble of the bot: its text, and the rows of its buttons as (label, data)."""

    text: str
    rows: list[list[tuple[str, str]]] = field(default_factory=list)

    def lines(self, sign: str) -> list[str]:
        first, *rest = self.text.splitlines() or [""]
        shown = [f"{sign} {first}", *(f"  {line}".rstrip() for line in rest)]
        return [*shown, *("  " + " ".join(f"[{label}]" for label, _ in row) for row in self.rows)]


class CountedTokens:
    """Tokens and codes that come out the same each time."""

    def __init__(self) -> None:
        self._made = 0

    def token(self) -> str:
        self._made += 1
        return f"token{self._made}"

    def code(self) -> str:
        return f"{100_000 + self._made}"


@dataclass
class Phone:
    """What one person sees."""

    name: str
    number: int
    messages: dict[int, Message] = field(default_factory=dict)


class Chat:
    """People and the bot. `log` grows as they talk; who is not named otherwise is Siti."""

    def __init__(self, store: Store, clock: FakeClock, *, language: str = "id") -> None:
        self.store, self.clock, self.language = store, clock, language
        self.office = Office(
            sends_mail=True, username="pandu_bot", public_url="https://pandu.example.go.id", tokens=CountedTokens()
        )
        self.turn = Turn(store, GUIDE, CATALOGS, clock, decode, Commands(self.office), Tray(clock, self._arrive))
        self.log: list[str] = []
        self.phones = {name: Phone(name, number) for name, number in PEOPLE.items()}
        self._ids: dict[str, int] = {}
        self._sent = 1000
        self._update_id = 100
        self._stored: list[str] = []
        self._link = ""
        self._web_links: list[str] = []
        self._letters: dict[str, Sent] = {}
        self._files = self._mails = 0
        self._refusing: set[str] = set()  # lanes and addresses
        self._refused: list[Outgoing] = []

    # What people do

    async def says(self, name: str, text: str) -> None:
        self.log.append(f"> {name}: {text}")
        await self._update(message=self._message(name, text=text))

    async def opens_the_link(self, name: str) -> None:
        self.log.append(f"> {name} opens the link")
        await self._update(message=self._message(name, text=f"/start {self._link}"))

    async def sends(self, name: str, kind: str) -> None:
        self.log.append(f"> {name} sends {kind}")
        if kind == "edited":
            await self._update(edited_message=self._message(name, text="diubah"))
        else:
            await self._update(message=self._message(name, **self._content(kind)))

    async def replies(self, name: str, text: str) -> None:
        self.log.append(f"> {name} replies: {text}")
        await self._update(message=self._message(name, text=text, **self._replied(name)))

    async def replies_with(self, name: str, kind: str) -> None:
        self.log.append(f"> {name} replies with {kind}")
        await self._update(message=self._message(name, **self._content(kind), **self._replied(name)))

    async def blocks(self, name: str, *, back: bool = False) -> None:
        """Block the bot, or let it write again."""
        self.log.append(f"> {name} {'unblocks' if back else 'blocks'} the bot")
        if back:
            self._refusing.discard(f"telegram:{self.phones[name].number}")
        old, new = ({"status": status} for status in (("kicked", "member") if back else ("member", "kicked")))
        change = self._message(name, old_chat_member=old, new_chat_member=new)
        await self._update(my_chat_member=change)

    def blocks_unheard(self, name: str) -> None:
        """Block the bot while Telegram tells nobody: the next message finds out."""
        self.log.append(f"> {name} blocks the bot unheard")
        self._refusing.add(f"telegram:{self.phones[name].number}")

    def refuses_mail(self, name: str) -> None:
        """Let the mailbox of somebody be gone."""
        self.log.append(f"> The mail of {name} is refused")
        self._refusing.add(f"{name.lower()}@example.go.id")

    async def answers_by_mail(self, name: str, text: str) -> None:
        self.log.append(f"> {name} answers by mail: {text}")
        await self._mail(answer(self._letter_to(name), text))

    async def is_out_of_office(self, name: str, until: str) -> None:
        self.log.append(f"> {name} is out of office until {until}")
        await self._mail(automatic(self._letter_to(name), until))

    async def mail_comes_back(self, name: str, *, late: bool = False) -> None:
        """A mail server reports that a letter did not arrive, or not yet."""
        self.log.append(f"> The mail of {name} {'is delayed' if late else 'comes back'}")
        await self._mail(returned(self._letter_to(name), "delayed" if late else "failed", status="4.4.1"))

    async def _mail(self, raw: bytes) -> None:
        self._mails += 1
        if why := await MailDesk(self.store, self.turn).take(f"mail:1:{self._mails}", raw):
            self.log.append(f"= nothing: {why}")
        await self._settle()
        await self._write_stored()

    def _letter_to(self, name: str) -> Sent:
        return self._letters[f"{name.lower()}@example.go.id"]

    async def follows_link(self, name: str, place: int, text: str) -> None:
        """Open a link of the newest mail with links to act, counted from 1, and send the form."""
        self.log.append(f"> {name} follows link {place}{f': {text}' if text else ''}")
        done = await self.turn.act_by_link(self._web_links[place - 1], text, self.clock.now())
        self.log.append(f"= the page says {done.what}")
        await self._write_stored()

    def _replied(self, name: str) -> Mapping[str, object]:
        messages = reversed(self.phones[name].messages.values())
        last = next(message for message in messages if _NUMBER.search(message.text))
        bot = {"id": 1, "is_bot": True, "first_name": "Pandu"}
        rows = [[{"text": label, "callback_data": data} for label, data in row] for row in last.rows]
        markup = {"reply_markup": {"inline_keyboard": rows}}
        return {"reply_to_message": {"message_id": 1, "date": 1, "from": bot, "text": last.text, **markup}}

    def _content(self, kind: str) -> Mapping[str, object]:
        self._files += 1
        file = {"file_id": f"{kind}{self._files}", "file_unique_id": "x", "file_size": 81_000}
        kinds: dict[str, dict[str, object]] = {
            "photo": {"photo": [{**file, "width": 1, "height": 1}]},
            "KTP": {"photo": [{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}], "caption": "KTP saya"},
            "document": {"document": {**file, "file_name": "surat.pdf"}},
            "voice": {"voice": {**file, "duration": 1}},
            "sticker": {"sticker": {"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}},
            "location": {"location": {"latitude": -6.9, "longitude": 109.7}},
            "contact": {"contact": {"phone_number": "081", "first_name": "Contoh"}},
            "forwarded": {"text": "diteruskan", "forward_origin": {"type": "hidden_user", "sender_user_name": "X"}},
            "long": {"text": "panjang " * 600},
        }
        return kinds.get(kind, {"dice": {"emoji": "🎲", "value": 1}})

    async def presses(self, name: str, label: str, *, oldest: bool = False) -> None:
        self.log.append(f"> {name} presses {'old ' if oldest else ''}[{label}]")
        await self._update(callback_query=self._press(name, label, oldest=oldest))

    async def press(self, names: Sequence[str], label: str) -> None:
        """Several people press a button at once."""
        self.log.append(f"> {', '.join(names)} press [{label}]")
        await self._updates([{"callback_query": self._press(name, label)} for name in names])

    def _press(self, name: str, label: str, *, oldest: bool = False) -> Mapping[str, object]:
        phone = self.phones[name]
        for number, shown in sorted(phone.messages.items(), reverse=not oldest):
            for row in shown.rows:
                for text, data in row:
                    if text == label:
                        message = {"message_id": number, "date": 1, "chat": {"id": phone.number, "type": "private"}}
                        query = {"id": "1", "from": self._from(name), "chat_instance": "1", "message": message}
                        return {**query, "data": data}
        raise AssertionError(f"no button [{label}] in:\n" + "\n".join(self.log))

    async def waits_until(self, moment: str) -> None:
        """Move the clock to a moment of the city, `2026-11-23 09.00`; alarms on the way ring at their time."""
        self.log.append(f"@ {moment}")
        target = datetime.strptime(moment, "%Y-%m-%d %H.%M").replace(tzinfo=WIB).astimezone(UTC)
        while (due := await self.turn.next_ring()) is not None and due <= target:
            self.clock.advance(max(timedelta(), due - self.clock.now()))
            await self.turn.ring()
            await self._settle()
            await self._write_stored()
        self.clock.advance(target - self.clock.now())

    async def appoint(self, name: str, role: str, *, by_mail: bool = False) -> None:
        """Give a role without an invitation; `by_mail` to somebody without a chat."""
        chat, at = self.phones[name].number, self.clock.now()
        async with self.store.transaction() as tx:
            if by_mail:
                await tx.staff.appoint(Role(role), name, f"{name.lower()}@example.go.id", None, at)
                return
            await tx.save([Memory(chat, language=self.language)], at)
            await tx.staff.appoint(Role(role), name, "", chat, at)

    async def register(self, name: str) -> None:
        """Tie an employee to the chat without a proof."""
        chat, at = self.phones[name].number, self.clock.now()
        async with self.store.transaction() as tx:
            await tx.save([Memory(chat, language=self.language)], at)
            details = Details(name, "Dinas Rekaan", f"{name.lower()}@example.go.id")
            await tx.employees.register(chat, details, at, at)

    # What comes of it

    async def _update(self, **content: object) -> None:
        await self._updates([content])

    async def _updates(self, contents: Sequence[Mapping[str, object]]) -> None:
        updates = [{"update_id": self._update_id + n, **content} for n, content in enumerate(contents, 1)]
        self._update_id += len(updates)
        await self.turn.take(updates, self._update_id + 1)
        await self._settle()
        await self._write_stored()

    async def _settle(self) -> None:
        """Store what was refused, as the relay does, and let the turn look at it."""
        while refused := self._refused:
            self._refused = []
            at = self.clock.now()
            async with self.store.transaction() as tx:
                await tx.settle([Settled(row.key, State.DEAD, at, 1, "refused") for row in refused])
                lanes = {row.lane for row in refused}
                chats = [one.number for one in self.phones.values() if f"telegram:{one.number}" in lanes]
                await tx.mark_unreachable(chats, at)
            await self.turn.ring()

    def _message(self, name: str, **content: object) -> Mapping[str, object]:
        chat = {"id": self.phones[name].number, "type": "private"}
        return {"message_id": self._update_id, "date": 1, "chat": chat, "from": self._from(name), **content}

    def _from(self, name: str) -> Mapping[str, object]:
        number = self.phones[name].number
        return {"id": number, "is_bot": False, "first_name": name, "language_code": self.language}

    def _arrive(self, rows: Sequence[Outgoing]) -> None:
        for row in rows:
            if self._is_refused(row):
                continue
            if row.channel is Channel.MAIL:
                self._take_mail(row.payload)
                continue
            phone = next(p for p in self.phones.values() if row.lane == f"telegram:{p.number}")
            params = row.payload["params"]
            assert isinstance(params, dict)
            match row.payload["method"]:
                case "sendMessage" | "editMessageText":
                    self._show(phone, row, params)
                case "sendDocument":
                    said = unescape(_TAG.sub("", params["caption"]))
                    file = params["document"]
                    name = file if isinstance(file, str) else file["filename"]
                    self.log += Message(said, [[(name, "")]]).lines(self._sign("<", phone))
                case "sendPhoto" | "sendVoice" | "sendVideo" as method:
                    kind = method.removeprefix("send").lower()
                    self.log += Message(params["caption"], [[(params[kind], "")]]).lines(self._sign("<", phone))
                case "deleteMessage":
                    self.log.append(f"= the last message of {phone.name} is deleted")
                case "setMyCommands":
                    names = " ".join(f"/{one['command']}" for one in params["commands"])
                    self.log.append(f"= commands of {phone.name}: {names}")
                case method:
                    self.log.append(f"= {method} for {phone.name}")

    def _is_refused(self, row: Outgoing) -> bool:
        params: Any = row.payload.get("params", row.payload)
        wanted = self._refusing & {row.lane, *params.get("to", ())}
        if not wanted:
            return False
        self._refused.append(row)
        first = unescape(_TAG.sub("", params.get("text") or params.get("caption") or "")).partition("\n")[0]
        name = next((one.name for one in self.phones.values() if f"telegram:{one.number}" == row.lane), min(wanted))
        self.log.append(f"x to {name}: {first}")
        return True

    def _show(self, phone: Phone, row: Outgoing, params: Mapping[str, Any]) -> None:
        markup = params.get("reply_markup", {"inline_keyboard": []})
        buttons = [[(b["text"], b.get("callback_data", "")) for b in line] for line in markup["inline_keyboard"]]
        message = Message(_PSEUDONYM.sub(r"\1 …", unescape(_TAG.sub("", params["text"]))), buttons)
        new = row.payload["method"] == "sendMessage"
        if new:
            self._sent += 1
        number = self._sent if new else params.get("message_id") or self._ids[row.edits or ""]
        self._ids[row.key] = number
        phone.messages[number] = message
        self._note_link(message.text)
        self.log += message.lines(self._sign("<" if new else "~", phone))

    def _take_mail(self, letter: Mapping[str, Any]) -> None:
        self._note_link(letter["text"])
        self._letters[letter["to"][0]] = Sent.of(letter)
        self.log.append(f"= mail to {', '.join(letter['to'])}: {letter['subject']}")
        self.log += [f"  {line}".rstrip() for line in letter["text"].splitlines()]
        self.log += [f"  + {file['name']}" for file in letter["attachments"]]
        if links := _WEB_LINK.findall(letter["text"]):
            self._web_links = links

    def _note_link(self, text: str) -> None:
        if found := _LINK.search(text):
            self._link = found[1]

    def _sign(self, sign: str, phone: Phone) -> str:
        return sign if phone.number == SITI else f"{sign} ({phone.name})"

    async def _write_stored(self) -> None:
        stored = await stored_lines(self.store)
        self.log += [f"! {line}" for line in stored if line not in self._stored]
        replaced = ("renewal", "complaint")
        self.log += [f"! no {line}" for line in self._stored if line not in stored and not line.startswith(replaced)]
        self._stored = stored


async def stored_lines(store: Store) -> list[str]:
    """The alarms, renewals and certificates that are stored, in words."""

    def when(moment: datetime | None) -> str:
        return f"{moment.astimezone(WIB):%Y-%m-%d %H.%M}" if moment else "-"

    async with store.reading() as tx:
        alarms = (await tx._execute(sa.select(tables.alarms))).mappings().all()
        renewals = (await tx._execute(sa.select(tables.renewals))).mappings().all()
        certificates = (await tx._execute(sa.select(tables.certificates))).mappings().all()
        audit = await tx.audit.last(100)
        complaints = [each.complaint async for each in tx.complaints.export()]
        employees = (await tx._execute(sa.select(tables.employees.c.id, tables.employees.c.chat_id))).mappings().all()
    names = {number: name for name, number in PEOPLE.items()}
    return [
        *(f"alarm {row['name']} {when(row['due_at'])}" for row in alarms),
        *(
            f"renewal: submitted {when(row['submitted_at'])}, due {when(row['due_at'])}, "
            f"issued {when(row['issued_at'])}"
            for row in renewals
        ),
        *(f"certificate until {row['expires_on']}" for row in certificates),
        *(
            f"complaint {one.number}: {one.status}, {one.level}, due {when(one.due_at)}, rings {when(one.next_at)}"
            for one in complaints
        ),
        *(f"employee {row['id']} is {names[row['chat_id']]}" for row in employees),
        *(f"audit {row.id}: {_actor(row.actor)} {row.action} {row.subject}".rstrip() for row in reversed(audit)),
    ]


def _actor(reference: str) -> str:
    """A pseudonym is another one in each database."""
    return "person" if reference.startswith("person:") else reference


@asynccontextmanager
async def chat_on(url: str, clock: FakeClock, *, language: str = "id") -> AsyncIterator[Chat]:
    store = await Store.open(url, ring=RING)
    try:
        yield Chat(store, clock, language=language)
    finally:
        await store.close()
