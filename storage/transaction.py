"""Everything that one transaction can read and write.

Lists are written with one statement for all their rows, just before the next answer of the database that somebody waits
for, or before the commit: that spares trips, and what they meet is raised there. A transaction in which a statement
failed is lost on both databases alike: it cannot be gone on with, and it is not committed even if the error was caught.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar

from storage import outbox, people, tables, upkeep
from storage.audit import Audit
from storage.belongings import Belongings
from storage.binding import bound
from storage.canned import CannedAnswers
from storage.complaints import Complaints
from storage.employees import Employees
from storage.errors import Overtaken
from storage.failures import OTHER_PROCESS, plainly
from storage.forgetting import Forgetting
from storage.links import Links
from storage.outages import Outages
from storage.part import Part
from storage.proofs import Proofs
from storage.records import Alarm, Channel, Counts, DeadLetter, Horizons, Lost, Memory, Outgoing, Settled, State
from storage.renewals import Renewals
from storage.rotation import Rotation
from storage.shielding import to_the_end
from storage.staff import Staff

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence
    from datetime import datetime
    from typing import Any

    import sqlalchemy as sa
    from sqlalchemy.ext.asyncio import AsyncConnection

    from conversations.people import Stored
    from storage.tables import Row
    from storage.vault import Vault

P = TypeVar("P", bound=Part)
T = TypeVar("T")


class Transaction:
    """One transaction, as `Store.transaction` and `Store.reading` give it."""

    def __init__(self, connection: AsyncConnection, vault: Vault, *, writes: bool) -> None:
        self._connection = connection
        self._vault = vault
        self._dialect = connection.dialect.name
        self._writes = writes
        self._known: dict[int, Memory] = {}
        self._unwritten: list[tuple[str, list[tuple[object, ...]]]] = []
        self._failure: Exception | None = None

    # The inbox and the intake

    async def seen(self, keys: Sequence[str]) -> set[str]:
        """Which of these updates were handled already."""
        return set((await self._execute(upkeep.SEEN, {"keys": keys})).scalars())

    async def remember(self, keys: Sequence[str], at: datetime) -> None:
        """Note these updates as handled. `Conflict`: one of them was already."""
        self._write(upkeep.REMEMBER, [{"key": key, "at": at} for key in keys])

    async def confirm(self, epoch: int, next_offset: int | None = None) -> None:
        """Check that this process still leads, and note where Telegram's queue continues. `Overtaken`: it does not.

        Until this transaction ends, nobody else can take the lead.
        """
        if next_offset is None:
            ours = (await self._execute(upkeep.FENCE)).scalar_one() == epoch
        else:
            ours = (await self._execute(upkeep.ADVANCE, {"our_epoch": epoch, "offset": next_offset})).rowcount == 1
        if not ours:
            self._failure = Overtaken(OTHER_PROCESS)
            raise self._failure

    async def next_offset(self) -> int | None:
        """Where Telegram's queue continues; None if it was never read."""
        offset: int | None = (await self._execute(upkeep.NEXT_OFFSET)).scalar_one()
        return offset

    async def take_lead(self) -> int:
        """Raise the epoch; whoever led before fails at its next `confirm`."""
        epoch: int = (await self._execute(upkeep.LEAD)).scalar_one() + 1
        await self._execute(upkeep.TAKE_LEAD, {"new_epoch": epoch})
        return epoch

    # People and their sessions

    async def memories(self, chats: Sequence[int]) -> dict[int, Memory]:
        """What is remembered of these chats; one that never wrote is not in the answer.

        In a transaction that writes, no other can load them until this one ends.
        """
        statement = people.MEMORIES_TO_CHANGE if self._writes else people.MEMORIES
        rows = (await self._execute(statement, {"chats": chats})).mappings()
        found = {row["chat_id"]: people.to_memory(row, self._vault) for row in rows}
        self._known |= found
        return found

    async def languages(self, chats: Sequence[int]) -> dict[int, str | None]:
        """The languages that are read in these chats; one that never wrote is not in the answer. Opens no seal."""
        return {row.chat_id: row.language for row in await self._execute(people.LANGUAGES, {"chats": chats})}

    async def unreachable(self, chats: Sequence[int]) -> set[int]:
        """Which of these chats cannot be written to."""
        return set((await self._execute(people.UNREACHABLE, {"chats": chats})).scalars())

    async def save(self, memories: Sequence[Memory], at: datetime) -> None:
        """Store people, sessions and certificates, each if it is new or was changed since `memories` loaded it."""
        pairs = [(memory, self._known.get(memory.chat_id)) for memory in memories]
        persons = [people.to_person(memory, at) for memory, known in pairs if not people.same_person(memory, known)]
        moved = [memory for memory, known in pairs if not people.same_session(memory, known)]
        bodies = [people.to_session(memory, at, self._vault) for memory in moved]
        told = [memory for memory, known in pairs if not people.same_certificate(memory, known)]
        days = [people.to_certificate(memory, at) for memory in told]
        self._write(people.upsert(self._dialect, tables.people, *people.CHANGING), persons)
        self._write(people.upsert(self._dialect, tables.sessions, "body", "screen", "updated_at"), bodies)
        self._write(people.upsert(self._dialect, tables.certificates, "expires_on", "recorded_at"), days)
        self._known |= {memory.chat_id: memory for memory in memories}

    async def mark_unreachable(self, chats: Sequence[int], at: datetime) -> None:
        """Note that nothing reaches these people since `at`; an earlier moment stays."""
        self._write(people.MARK_UNREACHABLE, [{"chat": chat, "at": at} for chat in sorted(chats)])

    async def record_submission(self, chat_id: int, submitted_at: datetime, due_at: datetime, at: datetime) -> None:
        """Remember a request for issuance, and until when the certificate should be issued.

        As long as nothing was issued, it takes the place of an earlier one: the person corrected it, or asked again.
        """
        told = {"chat": chat_id, "submitted": submitted_at, "due": due_at}
        if (await self._execute(people.RESUBMIT, told)).rowcount == 0:
            row = {"chat_id": chat_id, "submitted_at": submitted_at, "due_at": due_at, "recorded_at": at}
            self._write(people.SUBMIT, [row])

    async def record_issue(self, chat_id: int, at: datetime) -> None:
        """Close the person's open renewal; if none is open, it was closed before."""
        await self._execute(people.ISSUE, {"chat": chat_id, "at": at})

    @cached_property
    def employees(self) -> Employees:
        """Who is tied to which chat."""
        return self._part(Employees)

    @cached_property
    def proofs(self) -> Proofs:
        """Proofs that were asked for."""
        return self._part(Proofs)

    @cached_property
    def staff(self) -> Staff:
        """Who has which role."""
        return self._part(Staff)

    @cached_property
    def renewals(self) -> Renewals:
        """How far somebody is with the renewal."""
        return self._part(Renewals)

    @cached_property
    def complaints(self) -> Complaints:
        """What employees complained of."""
        return self._part(Complaints)

    @cached_property
    def canned(self) -> CannedAnswers:
        """What staff keep to answer with again."""
        return self._part(CannedAnswers)

    @cached_property
    def links(self) -> Links:
        """One-time links to act on a complaint."""
        return self._part(Links)

    @cached_property
    def outages(self) -> Outages:
        """When AMS did not work."""
        return self._part(Outages)

    @cached_property
    def audit(self) -> Audit:
        """Who did what."""
        return self._part(Audit)

    @cached_property
    def rotation(self) -> Rotation:
        """What is sealed with an older key."""
        return self._part(Rotation)

    async def outage(self) -> str:
        """What is declared about AMS at this moment; empty while it works."""
        lasting = await self.outages.current()
        return lasting.text if lasting else ""

    def fingerprint(self, purpose: str, value: str) -> str:
        """What a value is stored and looked up as; see `Store.fingerprint`."""
        return self._vault.fingerprint(purpose, value)

    async def about(self, chat_id: int) -> dict[str, object]:
        """Everything that is kept of this chat, ready for JSON: lists of rows by table, times in UTC."""
        return await self._part(Belongings).about(chat_id)

    async def counted(self, chat_id: int) -> Stored:
        """How much is kept of this chat, and since when."""
        return await self._part(Belongings).counted(chat_id)

    def mail_lane(self, chat_id: int) -> str:
        """The lane of the mails that this chat asked for."""
        return outbox.mail_lane(chat_id, self._vault)

    async def erase(self, chat_id: int) -> None:
        """Forget this chat, messages that wait included; roles that it has stay, and lose their chat.

        Of its complaints number and times stay, and one that was open counts as withdrawn.

        What is written of it after this, stays: a last word is of `Kind.PARTING`. See `Store.scrub` as well.
        """
        await self._part(Belongings).erase(chat_id)
        self._known.pop(chat_id, None)

    # Alarms

    async def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """Set alarms; one of the same chat and name is replaced."""
        self._write(people.upsert(self._dialect, tables.alarms, "due_at"), [people.to_alarm(a) for a in alarms])

    async def drop_alarms(self, names: Sequence[tuple[int, str]]) -> None:
        """Remove alarms by chat and name; one that is not there is not missed."""
        self._write(people.DROP_ALARM, [{"chat": chat, "alarm": name} for chat, name in names])

    async def due_alarms(self, now: datetime, limit: int) -> list[Alarm]:
        """Alarms whose moment has come, the oldest first."""
        rows = (await self._execute(people.DUE_ALARMS, {"now": now, "rows": limit})).mappings()
        return [Alarm(**row) for row in rows]

    async def next_alarm(self) -> datetime | None:
        """When the next alarm is due."""
        due_at: datetime | None = (await self._execute(people.NEXT_ALARM)).scalar_one()
        return due_at

    # The outbox

    async def enqueue(self, rows: Sequence[Outgoing]) -> None:
        """Put messages into the outbox, in this order. `Conflict`: one of their keys is there already."""
        self._write(outbox.ENQUEUE, [outbox.to_row(message, self._vault) for message in rows])

    async def claim(self, now: datetime, until: datetime, limit: int, by: str) -> list[Outgoing]:
        """Take messages to send, at most one of each lane: due, and held by nobody or no longer.

        One that does not open any more is dead, with an error that says so.
        They are `by`'s until `until`; conversations come before campaigns, then the older before the newer.
        """
        rows = (await self._execute(outbox.CLAIMABLE, {"now": now, "rows": limit})).mappings().all()
        if rows:
            await self._execute(outbox.CLAIM, {"ids": [row["id"] for row in rows], "until": until, "by": by})
        messages, broken = outbox.opened(rows, now, until, by, self._vault)
        if broken:
            await self.settle(broken)  # and others take their places, so that few is still a sign of all
            messages += await self.claim(now, until, len(broken), by)
        return messages

    async def settle(self, rows: Sequence[Settled]) -> None:
        """Write down what became of messages. One that is `queued` again is free for the next claim when it is due.

        A `PARTING` that has ended is gone, and so is what a mail said and what a `FILE` held.
        """
        nothing = self._vault.seal(tables.outbox.c.payload, "{}") if rows else b""
        self._write(outbox.SETTLE, [outbox.to_outcome(settled, nothing, self._vault) for settled in rows])

    async def next_due(self, now: datetime) -> datetime | None:
        """When to claim again: `now` if something can be sent already, None while nothing waits."""
        due_at: datetime | None = (await self._execute(outbox.NEXT_DUE)).scalar_one()
        return due_at and max(due_at, now)

    async def release(self, by: str | None = None) -> int:
        """Void the claims of `by`, or of everybody; answers how many."""
        statement = outbox.RELEASE if by is None else outbox.RELEASE.where(tables.outbox.c.claimed_by == by)
        return (await self._execute(statement)).rowcount

    async def message_ids(self, keys: Sequence[str]) -> dict[str, int]:
        """Telegram's ids of messages that were sent, by key."""
        rows = (await self._execute(outbox.MESSAGE_IDS, {"keys": keys})).mappings()
        return {row["key"]: row["message_id"] for row in rows}

    async def count_states(self, channel: Channel | None = None) -> dict[State, int]:
        """How many messages of the outbox, of one channel or of all, are in each state."""
        query = outbox.STATES if channel is None else outbox.STATES_OF
        rows = (await self._execute(query, {} if channel is None else {"channel": channel.value})).mappings()
        counted = {row["state"]: row["rows"] for row in rows}
        return {state: counted.get(state.value, 0) for state in State}

    async def lost(self, limit: int) -> list[str]:
        """What is lost, by the word of who wants to know of it; the oldest first."""
        return list((await self._execute(outbox.LOST_ABOUT, {"rows": limit})).scalars())

    async def take_lost(self, about: str) -> list[Lost]:
        """What was lost of this, in the order in which it was to arrive. It is not lost a second time."""
        rows = (await self._execute(outbox.TAKE_LOST, {"lost_about": about})).mappings().all()
        return [outbox.to_lost(row, self._vault) for row in sorted(rows, key=itemgetter("id"))]

    async def parts(self) -> bool:
        """Tell whether a last word to somebody who was erased has not left yet."""
        waits: bool = (await self._execute(outbox.PARTING)).scalar_one()
        return bool(waits)

    # Upkeep

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Keep updates that could not be handled. `Conflict`: one of their references is taken."""
        self._write(upkeep.BURY, [upkeep.from_letter(letter, self._vault) for letter in letters])

    async def dead_letters(self, limit: int) -> list[DeadLetter]:
        """Updates that could not be handled, the newest first."""
        rows = (await self._execute(upkeep.DEAD_LETTERS, {"rows": limit})).mappings()
        return [upkeep.to_letter(row, self._vault) for row in rows]

    async def purge(self, horizons: Horizons, limit: int) -> Counts:
        """Forget at most `limit` rows behind the horizons; answers how many of each table.

        What waits is never forgotten. Fewer than `limit` in all: nothing more lies behind them.
        """
        gone = await self._part(Forgetting).purge(horizons, limit)
        self._known.clear()
        return gone

    async def would_purge(self, horizons: Horizons) -> Counts:
        """How many rows of each table `purge` would forget in all; of people only themselves are counted."""
        return await self._part(Forgetting).would_purge(horizons)

    async def counts(self) -> Counts:
        """How many rows there are in each table."""
        return Counts(dict((await self._execute(upkeep.COUNTS)).mappings().one()))

    # What all of them stand on

    async def finish(self) -> None:
        """Write what was put off. Raises again what a statement of this transaction raised, if somebody caught it."""
        await self._perform(self._catch_up)

    def _part(self, part: type[P]) -> P:
        return part(self._execute, self._vault, dialect=self._dialect, writes=self._writes)

    def _write(self, statement: sa.Executable, rows: Sequence[Row]) -> None:
        if rows:
            with self._failing():
                many = bound(statement, self._connection.dialect, tuple(rows[0]))
                self._unwritten.append((many.text, many.rows(rows)))

    async def _execute(
        self,
        statement: sa.Executable,
        parameters: Row | Sequence[Row] | None = None,
    ) -> sa.CursorResult[Any]:
        async def execute() -> sa.CursorResult[Any]:
            await self._catch_up()
            return await self._connection.execute(statement, parameters)

        return await self._perform(execute)

    async def _catch_up(self) -> None:
        unwritten, self._unwritten = self._unwritten, []
        for text, rows in unwritten:
            await self._connection.exec_driver_sql(text, rows)

    async def _perform(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        with self._failing():
            return await to_the_end(work())

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Do nothing more once something failed."""
        if self._failure is not None:
            raise self._failure
        try:
            with plainly():
                yield
        except Exception as error:
            self._failure = error
            raise
