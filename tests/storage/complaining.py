"""Complaints that the tests of storage speak of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conversations.complaint import Act, Attachment, Complaint, Happening, Level, Side, Status
from tests.storage.rows import NOON, SITI, after

if TYPE_CHECKING:
    from storage import Store

PHOTO = Attachment("photo", "file “1”", size=2048)
TEXT = "Sertifikat tidak bisa diperbarui, kode galat 2031"


def complaint(chat: int = SITI, text: str = TEXT, **fields: Any) -> Complaint:
    new = Complaint(
        number="",
        status=Status.NEW,
        level=Level.OFFICER,
        category="help",
        text=text,
        filed_at=NOON,
        due_at=after(600),
        since=NOON,
        attachments=(PHOTO,),
        origin="langkah: masuk",
        person=f"telegram:{chat}",
        name="Siti Contoh",
        unit="Dinas Rekaan",
        next_at=after(120),
    )
    return replace(new, **fields)


def line(act: str, text: str = "", minutes: float = 0, side: Side = "officer", **fields: Any) -> Happening:
    actor = "Siti Contoh" if side == "employee" else "Ratna"
    return Happening(after(minutes), side, actor, "telegram", act, text, **fields)


async def file(store: Store, chat: int = SITI, text: str = TEXT, **fields: Any) -> Complaint:
    async with store.transaction() as tx:
        return await tx.complaints.file(complaint(chat, text, **fields), 2026, line("filed", side="employee"))


async def change(store: Store, before: Complaint, *happened: Happening, **fields: Any) -> Complaint:
    async with store.transaction() as tx:
        return await tx.complaints.save(before, replace(before, **fields), *happened)


async def solve(store: Store, filed: Complaint, answer: str, minutes: float = 60) -> Complaint:
    return await change(
        store,
        filed,
        line(Act.ANSWER, answer, minutes),
        line(Act.CONFIRM, minutes=minutes, side="employee"),
        status=Status.SOLVED,
        since=after(minutes),
        next_at=None,
    )
