"""A stolen file shows nothing of what people wrote or who they are; after an erasure it holds nothing of it at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conversations.complaint import Attachment, Happening
from conversations.people import Details, Role
from storage import Store
from storage.packing import pack
from storage.records import DeadLetter, Kind, Memory, Outgoing, Settled, State
from tests.databases import RING, fresh_url
from tests.storage.complaining import change, file, line
from tests.storage.people import proof
from tests.storage.rows import NOON, after

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CHAT = 7_123_456_789
DETAILS = Details("Agus Kenari", "Dinas Burung Kenari", "agus.kenari@example.go.id", "197203031998031003")
TEXT = "Kenari saya terbang " * 50
SOME = (
    "SELECT body FROM sessions UNION SELECT email FROM employees UNION SELECT text FROM complaints"
    " UNION SELECT text FROM happenings WHERE text IS NOT NULL UNION SELECT attachments FROM happenings"
    " WHERE attachments IS NOT NULL"
)
CANARIES = (DETAILS.name, DETAILS.unit, DETAILS.email, DETAILS.nip, "Kenari")


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    async with fresh_url("sqlite", tmp_path) as address:
        yield address


async def _live(store: Store) -> None:
    lane = f"telegram:{CHAT}"
    details = pack({"name": DETAILS.name, "email": DETAILS.email})
    async with store.transaction() as tx:
        await tx.save([Memory(CHAT, "id", session=pack({"said": TEXT}))], NOON)
        await tx.proofs.begin(proof(CHAT, details=DETAILS))
        await tx.employees.register(CHAT, DETAILS, NOON, NOON)
        await tx.enqueue([Outgoing(f"k{n}", lane, {"text": TEXT, "to": details}, NOON) for n in range(50)])
        await tx.settle([Settled("k0", State.DEAD, NOON, 1, f"refused: {DETAILS.email}")])
        await tx.bury([DeadLetter("R-1", "k", CHAT, TEXT, DETAILS.name, NOON)])
        await tx.audit.append("employee:1", "registered", "employee:1", {}, NOON)
    names = {"name": DETAILS.name, "unit": DETAILS.unit, "origin": TEXT}
    sent = Attachment("document", f"file {CHAT}", "Kenari.pdf")
    filed = await file(store, CHAT, TEXT, **names, attachments=(sent,))
    told = Happening(NOON, "employee", DETAILS.name, "telegram", "add", TEXT, (sent,))
    await change(store, filed, told, line("ask", f"{DETAILS.name}?"))


def _bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))


async def test_neither_file_nor_log_nor_backup_shows_a_person(store: Store, tmp_path: Path) -> None:
    await _live(store)
    async with store.transaction() as tx:
        member = await tx.staff.appoint(Role.OFFICER, DETAILS.name, DETAILS.email, CHAT, NOON)
        assert await tx.canned.keep("Kenari", TEXT, member, NOON)
        await tx.outages.declare(TEXT, NOON)
    await store.backup(tmp_path / "copy.db")
    content = _bytes(tmp_path)
    assert [canary for canary in CANARIES if canary.encode() in content] == []
    assert [canary for canary in CANARIES if canary.encode("utf-16-le") in content] == []
    assert str(CHAT).encode() in content  # so the search finds what is there


async def test_after_an_erasure_the_file_holds_nothing_of_the_person(store: Store, url: str, tmp_path: Path) -> None:
    await _live(store)
    sealed = await _some_of_it(store)
    assert all(part in _bytes(tmp_path) for part in sealed)
    async with store.transaction() as tx:
        await tx.erase(CHAT)
        await tx.enqueue([Outgoing("last", f"telegram:{CHAT}", {"text": "erased"}, NOON, kind=Kind.PARTING)])
    async with store.transaction() as tx:
        await tx.settle([Settled("last", State.SENT, after(1), 1)])
    assert await store.scrub()
    await store.backup(tmp_path / "copy.db")
    for part in (*(canary.encode() for canary in CANARIES), str(CHAT).encode(), *sealed):
        assert part not in _bytes(tmp_path)
    await store.close()
    async with await Store.open(url, ring=RING) as opened, opened.reading() as tx:
        assert (await tx.audit.verify()).count == 1


async def _some_of_it(store: Store) -> list[bytes]:
    """Sealed values as they lie in the file: they have to go as well, since the key stays."""
    async with store._database.reader.connect() as connection:
        rows = await connection.exec_driver_sql(SOME)
        return [bytes(row[0])[:60] for row in rows]


async def test_a_scrub_waits_for_who_still_reads(store: Store) -> None:
    await _live(store)
    async with store.reading() as tx:
        assert await tx.memories([CHAT])
        async with store.transaction() as writing:
            await writing.erase(CHAT)
        assert not await store.scrub()
    assert await store.scrub()
    async with store.transaction() as tx:
        await tx.remember(["goes on"], NOON)
