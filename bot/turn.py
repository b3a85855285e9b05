"""One batch of updates, one transaction.

Seen keys are dropped, the sessions of all chats are loaded at once, each event is advanced in order, and sessions,
inbox keys, alarms, domain rows and messages are committed together with the place where Telegram's queue continues.
Nothing is sent before the commit, and no network is used inside it: a crash at any moment loses nothing and does
nothing twice.

A batch that fails is rolled back and served one by one; what fails on its own three times is buried as a dead letter,
the person is told so with a reference, and the rest goes on.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.bell import Bell
from bot.burial import Burial, nameless
from bot.catalogs import Catalog, language_for
from bot.commands.complaints import correspondence, handling
from bot.compose import compose
from bot.envelope import Envelope, Group, Ignored, Malformed
from bot.meaning import meaning
from bot.scene import Outcome, Scene, chat_of, lane_of, row_key
from bot.web.links import Outcome as LinkOutcome
from conversations import session as sessions
from conversations.effects import DropAlarm, Effect, Revise, Say, SetAlarm, Settle, Tell
from conversations.events import Commanded, Elapsed, Event, Said, Shared, Withheld
from conversations.guard import identity_in, secret_in
from conversations.people import Colleague, Role
from conversations.text import N_, Text
from storage import Overtaken, Unavailable, WrongSchema
from storage.records import Alarm, Memory

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.commands import Commands
    from bot.mail.incoming import Known
    from bot.outlet import Outlet
    from conversations.advance import Guide
    from conversations.events import Secret
    from storage import Store, Transaction

log = logging.getLogger(__name__)

ATTEMPTS = 3
"""How often an update that fails is tried before it is buried."""

ESCAPES = (Unavailable, Overtaken, WrongSchema)
"""What no single update is to blame for: the caller has to wait, or to end."""

ALARMS_AT_ONCE = 100
TOKEN = re.compile(r"(?!\d+$)[A-Za-z0-9_-]{5,64}")
"""What a start link of ours carries; digits alone are none."""
_COMMANDS_A_TURN = 20  # far more than any flow gives; ends a loop that a wrong table could make

_PRIVATELY = N_("Please write to me in a private chat. I do not read or store anything in groups.")

Decode = Callable[[object, datetime, str], Envelope | Group | Ignored]
"""Raw update, moment of receipt, username of the bot (a mention of it in a group is for us)."""


class Turn:
    """Takes raw updates and due alarms; what is to be said because of them is given to the outlet once it is stored."""

    def __init__(  # the parts that the composition root joins
        self,
        store: Store,
        guide: Guide,
        catalogs: Mapping[str, Catalog],
        clock: Clock,
        decode: Decode,
        commands: Commands,
        outlet: Outlet,
    ) -> None:
        self._store, self._guide, self._catalogs, self._clock, self._decode = store, guide, catalogs, clock, decode
        self._commands, self._outlet = commands, outlet
        self._lock = asyncio.Lock()  # one batch after the other: the order of updates is the order of turns
        self.alarms_set = asyncio.Event()  # somebody has to look when the next alarm is due
        self.erased = asyncio.Event()  # somebody has to see that the file holds nothing of it either
        self.ignored: dict[str, int] = {}
        self._burial = Burial(store, catalogs, outlet)
        self._bell = Bell(store, guide.book, catalogs, commands.office, self._burial, outlet)

    @property
    def buried(self) -> int:
        """Updates that were buried since the start."""
        return self._burial.count

    async def take(self, updates: Sequence[object], next_offset: int | None = None) -> list[Envelope]:
        """Handle a batch of raw updates and confirm it; answers what was handled.

        Raises StorageError, having done nothing, when storage cannot take it now: the same batch is to be given again.
        """
        async with self._lock:
            at = self._clock.now()
            envelopes: list[Envelope | Group] = []
            raw: dict[str, object] = {}
            for update in updates:
                try:
                    decoded = self._decode(update, at, self._commands.office.username)
                except Malformed as wrong:
                    await self._burial.bury(wrong.key or nameless(update), wrong.chat_id, update, wrong, at)
                    continue
                if isinstance(decoded, Ignored):
                    self.ignored[decoded.reason] = self.ignored.get(decoded.reason, 0) + 1
                else:
                    envelopes.append(decoded)
                    raw[decoded.key] = update
            return await self._serve(envelopes, raw, at, next_offset)

    async def ring(self) -> datetime | None:
        """Ring the alarms that are due, those of complaints too; answers when the next one is."""
        async with self._lock:
            at = self._clock.now()
            async with self._store.reading() as tx:
                due = await tx.due_alarms(at, ALARMS_AT_ONCE)
            if due:
                # What makes an alarm ring once is its row, which the same transaction removes. So the key says nothing:
                # keys are logged, and numbers of people are not.
                envelopes = [
                    Envelope(f"alarm:{secrets.token_hex(12)}", alarm.chat_id, Elapsed(at, alarm.name)) for alarm in due
                ]
                await self._serve(envelopes, {}, at, None)
            await self._bell.ring(at)
            return await self.next_ring()

    async def next_ring(self) -> datetime | None:
        """When `ring` has something to do next."""
        async with self._store.reading() as tx:
            moments = (await tx.next_alarm(), await self._bell.next_at(tx, self._clock.now()))
        return min((moment for moment in moments if moment is not None), default=None)

    async def act_by_link(self, token: str, text: str, at: datetime) -> LinkOutcome:
        """Do to a complaint what a one-time link of a mail is for. Raises StorageError, having done nothing."""
        async with self._lock, self._bell.matter(f"link:{secrets.token_hex(12)}", at, "web") as matter:
            done = await handling.handle_by_link(matter, token, text)
        self.alarms_set.set()
        return done

    async def take_mail(self, keys: Sequence[str], mail: Known) -> None:
        """Do to a complaint what a mail brings, once for each of its keys. What fails is raised, with nothing done."""
        async with self._lock, self._bell.matter(keys[0], self._clock.now(), "mail") as matter:
            if not await matter.tx.seen(keys):
                await matter.tx.remember(keys, matter.at + correspondence.KEPT)
                await correspondence.receive(matter, mail)
        self.alarms_set.set()

    async def bury_mail(self, key: str, error: Exception) -> None:
        """Keep that a mail could not be handled. It stays in its mailbox, where its key says."""
        async with self._lock:
            await self._burial.bury(key, None, {"mail": key}, error, self._clock.now())

    async def _serve(
        self,
        envelopes: Sequence[Envelope | Group],
        raw: Mapping[str, object],
        at: datetime,
        next_offset: int | None,
    ) -> list[Envelope]:
        try:
            return await self._commit(envelopes, at, next_offset)
        except ESCAPES:
            raise
        except Exception as error:  # noqa: BLE001 - the last resort: one bad update must not hold up the others
            log.warning("a batch of %d failed (%s), serving it one by one", len(envelopes), type(error).__name__)
        handled: list[Envelope] = []
        for envelope in envelopes:
            handled += await self._alone(envelope, raw.get(envelope.key), at)
        if next_offset is not None:
            await self._commit((), at, next_offset)
        return handled

    async def _alone(self, envelope: Envelope | Group, raw: object, at: datetime) -> list[Envelope]:
        failure: Exception = RuntimeError("never tried")
        for _ in range(ATTEMPTS):
            try:
                return await self._commit((envelope,), at, None)
            except ESCAPES:
                raise
            except Exception as error:  # noqa: BLE001 - the last resort, as above
                failure = error
        await self._burial.bury(envelope.key, envelope.chat_id, raw, failure, at, alarm=_alarm(envelope))
        return []

    async def _commit(
        self, envelopes: Sequence[Envelope | Group], at: datetime, next_offset: int | None
    ) -> list[Envelope]:
        try:
            with self._outlet.results() as write_results:
                async with self._store.transaction() as tx:
                    await tx.confirm(self._store.epoch, next_offset)
                    fresh = await self._fresh(tx, envelopes)
                    outcome = await self._handled(tx, fresh, at)
                    await write_results(tx)
        except BaseException:
            self._outlet.look()  # it may have been committed all the same, and only the word of it got lost
            raise
        if outcome.dropped:
            self._outlet.forget(outcome.dropped)
        self._outlet.take(outcome.rows)
        if outcome.alarms or outcome.rings:
            self.alarms_set.set()
        if outcome.erased:
            self.erased.set()
        return [envelope for envelope in fresh if isinstance(envelope, Envelope)]

    async def _handled(self, tx: Transaction, fresh: Sequence[Envelope | Group], at: datetime) -> Outcome:
        chats = sorted({envelope.chat_id for envelope in fresh if isinstance(envelope, Envelope)})
        known = await tx.memories(chats) if chats else {}
        outcome = Outcome(dict(known), self._outlet.claim(), outage=await tx.outage() if chats else "")
        for envelope in fresh:
            if isinstance(envelope, Group):
                self._answer_group(envelope, outcome, at)
            else:
                await self._handle(tx, envelope, outcome)
        updates = [envelope.key for envelope in fresh if _alarm(envelope) is None]
        if updates:
            await tx.remember(updates, at)
        await self._write(tx, outcome, chats, at)
        return outcome

    async def _fresh(self, tx: Transaction, envelopes: Sequence[Envelope | Group]) -> list[Envelope | Group]:
        """Each update once: not one that was handled before, nor one that came twice in this batch."""
        once = {envelope.key: envelope for envelope in envelopes}
        seen = await tx.seen(list(once)) if once else set()
        return [envelope for key, envelope in once.items() if key not in seen]

    async def _write(self, tx: Transaction, outcome: Outcome, chats: Sequence[int], at: datetime) -> None:
        if chats:
            await tx.save([outcome.memories[chat] for chat in chats if chat in outcome.memories], at)
        dropped = [key for key, due_at in outcome.alarms.items() if due_at is None]
        if dropped:
            await tx.drop_alarms(dropped)
        kept = [Alarm(chat, name, due_at) for (chat, name), due_at in outcome.alarms.items() if due_at is not None]
        if kept:
            await tx.set_alarms(kept)
        if outcome.rows:
            await tx.enqueue(outcome.rows)
        if outcome.hit:
            await tx.outages.note_hit(outcome.hit)

    async def _handle(self, tx: Transaction, envelope: Envelope, outcome: Outcome) -> None:
        """Advance one event and the events that answer its commands, until none is pending."""
        memory = outcome.memories.get(envelope.chat_id) or Memory(
            envelope.chat_id, language=language_for(envelope.language_code)
        )
        if (alarm := _alarm(envelope)) is not None:
            outcome.alarms[envelope.chat_id, alarm] = None
            if memory.unreachable_since is not None:
                # Asked when nobody hears it, the question would be used up: it waits for a sign of life.
                outcome.alarms[envelope.chat_id, alarm] = self._guide.book.calendar.next_morning(envelope.event.at)
                outcome.memories[envelope.chat_id] = memory
                return
        await self._play(tx, Scene(envelope, memory, self._catalogs, outcome), envelope)

    async def _play(self, tx: Transaction, scene: Scene, envelope: Envelope) -> None:
        """One event and those that answer its commands, and what the chat is remembered as after them."""
        before, session = scene.memory, sessions.load(scene.memory.session)
        pending = [self._understood(self._guarded(envelope, session, scene), session, scene)]
        settled: list[Settle] = []  # shown last: whoever waits for the next question waits for one request, not for two
        for _ in range(_COMMANDS_A_TURN):
            if not pending:
                break
            step = self._guide.advance(session, pending.pop(0), scene.standing)
            session = step.session
            for effect in step.effects:
                if isinstance(effect, Settle):
                    settled.append(effect)
                elif (answer := await self._carry_out(tx, scene, effect, scene.at)) is not None:
                    pending.append(answer)
        if scene.erased:
            scene.outcome.forget(scene.chat_id)
            return
        for effect in settled:
            scene.show(effect)
        for number, key in scene.cards.items():
            await tx.complaints.put_card(number, scene.chat_id, key)
        now = scene.remembered(sessions.dump(session))
        if now.roles != before.roles or (now.roles and now.language != before.language):
            scene.offer_commands(scene.chat_id, now.language, now.roles)
        scene.outcome.memories[scene.chat_id] = now

    def _guarded(self, envelope: Envelope, session: sessions.Session, scene: Scene) -> Event:
        """What was sent, or that it was something secret: then it is taken back in the chat and goes no further."""
        secret = _secret(envelope, expects_code=self._guide.expects_code(session))
        if secret is None:
            return envelope.event
        scene.delete_said()
        return Withheld(scene.at, secret)

    def _understood(self, event: Event, session: sessions.Session, scene: Scene) -> Event:
        """A text with what it means, as far as it plainly names one of the buttons."""
        if not isinstance(event, Said):
            return event
        offers = self._guide.offers(session, event.at, scene.standing)
        return replace(event, meant=meaning(event.text, [(scene.catalog.plain(b.label), b.data) for b in offers]))

    async def _carry_out(self, tx: Transaction, scene: Scene, effect: Effect, at: datetime) -> Event | None:
        match effect:
            case Say() | Revise() | Settle():
                scene.show(effect)
            case Tell():
                await self._tell(tx, scene, effect)
            case SetAlarm(name, due_at):
                scene.outcome.alarms[scene.chat_id, name] = due_at
            case DropAlarm(name):
                scene.outcome.alarms[scene.chat_id, name] = None
            case _:
                return await self._commands.carry_out(tx, scene, effect, self._guide.book, at)
        return None

    async def _tell(self, tx: Transaction, scene: Scene, effect: Tell) -> None:
        match effect.to:
            case Role() as role:
                told = await tx.staff.chats(role)
            case Colleague(member):
                row = await tx.staff.get(member)
                told = list((await tx.languages([row.chat_id])).items()) if row is not None and row.chat_id else []
            case person:
                told = list((await tx.languages([chat_of(person)])).items())
        for chat, language in told:
            scene.tell(chat, language, effect.parts, effect.keyboard)

    def _answer_group(self, group: Group, outcome: Outcome, at: datetime) -> None:
        if group.reply:
            said = compose(Say((Text(_PRIVATELY),)), group.chat_id, None, self._catalogs["id"])
            if said is not None:
                payload = {**said.payload, "public": True}
                outcome.add(row_key(group.key, 0, at), lane_of(group.chat_id), payload, at)


def _secret(envelope: Envelope, *, expects_code: bool) -> Secret | None:
    """What somebody sent that nobody may keep, if they did: in a text, a caption, the name of a file."""
    match envelope.event:
        case Commanded(name="start", argument=token) if TOKEN.fullmatch(token):
            return None
        case Said():
            return secret_in(envelope.written, expects_code=expects_code)
        case _ if envelope.written:
            identity = isinstance(envelope.event, Shared) and identity_in(envelope.written)
            return "identity" if identity else secret_in(envelope.written, expects_code=False)
        case _:
            return None


def _alarm(envelope: Envelope | Group) -> str | None:
    """The name of the alarm that this envelope rings, if it does."""
    event = envelope.event if isinstance(envelope, Envelope) else None
    return event.alarm if isinstance(event, Elapsed) else None
