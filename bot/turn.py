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
import json
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, assert_never

from bot.catalogs import Catalog, language_for
from bot.compose import compose
from bot.envelope import Envelope, Group, Ignored, Malformed
from bot.meaning import meaning
from bot.scene import Claim, Outcome, Scene, lane_of, row_key
from conversations import session as sessions
from conversations.effects import (
    ChooseLanguage,
    Command,
    DropAlarm,
    Effect,
    FindCertificate,
    RecordCertificate,
    RecordIssue,
    RecordSubmission,
    Revise,
    Say,
    SetAlarm,
    Settle,
)
from conversations.events import CertificateFound, Elapsed, Event, Left, Recorded, Said
from conversations.text import N_, Text
from storage import Conflict, Overtaken, Unavailable, WrongSchema
from storage.records import Alarm, DeadLetter, Memory, Outgoing

if TYPE_CHECKING:
    from bot.clock import Clock
    from conversations.advance import Guide
    from storage import Store, Transaction

log = logging.getLogger(__name__)

ATTEMPTS = 3
"""How often an update that fails is tried before it is buried."""

ESCAPES = (Unavailable, Overtaken, WrongSchema)
"""What no single update is to blame for: the caller has to wait, or to end."""

ALARMS_AT_ONCE = 100
_COMMANDS_A_TURN = 20  # far more than any flow gives; ends a loop that a wrong table could make

_APOLOGY = N_(
    "I am sorry, something went wrong on our side with your last message. It has been noted under the number "
    "<b>{reference}</b>. Please go on with the guide, or try again with /menu."
)
_PRIVATELY = N_("Please write to me in a private chat. I do not read or store anything in groups.")

Decode = Callable[[object, datetime, str], Envelope | Group | Ignored]
"""Raw update, moment of receipt, username of the bot (a mention of it in a group is for us)."""


class Turn:
    """Takes raw updates and due alarms.

    `hand_over` is given what was committed and is to be sent by this process, claimed as `claim` says; `look` is called
    when nobody knows whether a commit took place: then the messages have to be looked for.
    """

    def __init__(  # the parts that the composition root joins
        self,
        store: Store,
        guide: Guide,
        catalogs: Mapping[str, Catalog],
        clock: Clock,
        decode: Decode,
        *,
        hand_over: Callable[[Sequence[Outgoing]], None],
        look: Callable[[], None],
        claim: Callable[[], Claim],
    ) -> None:
        self._store, self._guide, self._catalogs, self._clock, self._decode = store, guide, catalogs, clock, decode
        self._hand_over, self._look, self._claim = hand_over, look, claim
        self._lock = asyncio.Lock()  # one batch after the other: the order of updates is the order of turns
        self.username = ""
        self.alarms_set = asyncio.Event()  # somebody has to look when the next alarm is due
        self.ignored: dict[str, int] = {}
        self.buried = 0

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
                    decoded = self._decode(update, at, self.username)
                except Malformed as wrong:
                    await self._bury(wrong.key or _nameless(update), wrong.chat_id, update, wrong, at)
                    continue
                if isinstance(decoded, Ignored):
                    self.ignored[decoded.reason] = self.ignored.get(decoded.reason, 0) + 1
                else:
                    envelopes.append(decoded)
                    raw[decoded.key] = update
            return await self._serve(envelopes, raw, at, next_offset)

    async def ring(self) -> datetime | None:
        """Ring the alarms that are due; answers when the next one is."""
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
            async with self._store.reading() as tx:
                return await tx.next_alarm()

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
        await self._bury(envelope.key, envelope.chat_id, raw, failure, at, alarm=_alarm(envelope))
        return []

    async def _commit(
        self, envelopes: Sequence[Envelope | Group], at: datetime, next_offset: int | None
    ) -> list[Envelope]:
        try:
            async with self._store.transaction() as tx:
                await tx.confirm(self._store.epoch, next_offset)
                fresh = await self._fresh(tx, envelopes)
                outcome = await self._handled(tx, fresh, at)
        except BaseException:
            self._look()  # it may have been committed all the same, and only the word of it got lost
            raise
        self._hand_over(outcome.rows)
        if outcome.alarms:
            self.alarms_set.set()
        return [envelope for envelope in fresh if isinstance(envelope, Envelope)]

    async def _handled(self, tx: Transaction, fresh: Sequence[Envelope | Group], at: datetime) -> Outcome:
        chats = sorted({envelope.chat_id for envelope in fresh if isinstance(envelope, Envelope)})
        known = await tx.memories(chats) if chats else {}
        outcome = Outcome(dict(known), [], {}, self._claim())
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
            await tx.save([outcome.memories[chat] for chat in chats], at)
        dropped = [key for key, due_at in outcome.alarms.items() if due_at is None]
        if dropped:
            await tx.drop_alarms(dropped)
        kept = [Alarm(chat, name, due_at) for (chat, name), due_at in outcome.alarms.items() if due_at is not None]
        if kept:
            await tx.set_alarms(kept)
        if outcome.rows:
            await tx.enqueue(outcome.rows)

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
        else:
            memory = replace(memory, unreachable_since=envelope.event.at if isinstance(envelope.event, Left) else None)
        scene = Scene(envelope, memory, self._catalogs, outcome)
        session = sessions.load(memory.session)
        pending: list[Event] = [self._understood(envelope.event, session, scene.catalog)]
        for _ in range(_COMMANDS_A_TURN):
            if not pending:
                break
            step = self._guide.advance(session, pending.pop(0))
            session = step.session
            for effect in step.effects:
                answer = await self._carry_out(tx, scene, effect, envelope.event.at)
                if answer is not None:
                    pending.append(answer)
        outcome.memories[envelope.chat_id] = replace(scene.memory, session=sessions.dump(session))

    def _understood(self, event: Event, session: sessions.Session, catalog: Catalog) -> Event:
        """A text with what it means, as far as it plainly names one of the buttons."""
        if not isinstance(event, Said):
            return event
        offers = [(catalog.plain(b.label), b.data) for b in self._guide.offers(session, event.at)]
        return replace(event, meant=meaning(event.text, offers))

    async def _carry_out(self, tx: Transaction, scene: Scene, effect: Effect, at: datetime) -> Event | None:
        match effect:
            case Say() | Revise() | Settle():
                scene.show(effect)
            case SetAlarm(name, due_at):
                scene.outcome.alarms[scene.chat_id, name] = due_at
            case DropAlarm(name):
                scene.outcome.alarms[scene.chat_id, name] = None
            case ChooseLanguage(language):
                scene.memory = replace(scene.memory, language=language)
                return Recorded(at)
            case _:
                return await _store(tx, scene.chat_id, effect, at)
        return None

    def _answer_group(self, group: Group, outcome: Outcome, at: datetime) -> None:
        if group.reply:
            said = compose(Say((Text(_PRIVATELY),)), group.chat_id, None, self._catalogs["id"])
            if said is not None:
                outcome.add(row_key(group.key, 0, at), group.chat_id, said.payload, at)

    async def _bury(
        self, key: str, chat_id: int | None, raw: object, error: Exception, at: datetime, *,
        alarm: str | None = None,
    ) -> None:  # fmt: skip
        """Keep what could not be handled with its error, and tell the person, if there is one, with a reference."""
        for last in (False, False, True):
            try:
                await self._bury_as(secrets.token_hex(3).upper(), key, chat_id, raw, error, at, alarm)
            except Conflict:  # a reference is short, to be read out on the telephone: some day one comes twice
                if last:
                    raise
            else:
                return

    async def _bury_as(
        self, reference: str, key: str, chat_id: int | None, raw: object, error: Exception, at: datetime,
        alarm: str | None,
    ) -> None:  # fmt: skip
        log.error("an update was buried as %s (%s): see `pandu doctor`", reference, type(error).__name__)
        letter = DeadLetter(
            reference, key, chat_id, json.dumps(raw, default=str), f"{type(error).__name__}: {error}", at
        )
        rows: list[Outgoing] = []
        async with self._store.transaction() as tx:
            await tx.confirm(self._store.epoch)
            if alarm is not None and chat_id is not None:
                await tx.drop_alarms([(chat_id, alarm)])
            if await tx.seen([key]):
                return
            await tx.remember([key], at)
            await tx.bury([letter])
            if chat_id is not None and chat_id > 0:
                known = (await tx.memories([chat_id])).get(chat_id)
                catalog = self._catalogs[known.language if known and known.language else "id"]
                said = compose(Say((Text(_APOLOGY, {"reference": reference}),)), chat_id, None, catalog)
                if said is not None:
                    claim = self._claim()
                    rows = [Outgoing(row_key(key, "sorry", at), lane_of(chat_id), said.payload, at,
                                     claimed_by=claim.by, claimed_until=claim.until)]  # fmt: skip
                    await tx.enqueue(rows)
        self.buried += 1
        self._hand_over(rows)


def _alarm(envelope: Envelope | Group) -> str | None:
    """The name of the alarm that this envelope rings, if it does."""
    event = envelope.event if isinstance(envelope, Envelope) else None
    return event.alarm if isinstance(event, Elapsed) else None


def _nameless(update: object) -> str:
    """The key of an update without a number: the same one that comes again is the same letter."""
    return f"malformed:{_hashed(json.dumps(update, sort_keys=True, default=str))}"


def _hashed(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


async def _store(tx: Transaction, chat_id: int, command: Command, at: datetime) -> Event:
    """Do a command inside the transaction and answer with what happened."""
    match command:
        case FindCertificate():
            return CertificateFound(at, await tx.certificate(chat_id))
        case RecordCertificate(expires_on):
            await tx.record_certificate(chat_id, expires_on, at)
        case RecordSubmission(submitted_at, due_at):
            await tx.record_submission(chat_id, submitted_at, due_at, at)
        case RecordIssue():
            await tx.record_issue(chat_id, at)
        case ChooseLanguage():
            raise AssertionError("the language belongs to the scene")
        case _:
            assert_never(command)
    return Recorded(at)
