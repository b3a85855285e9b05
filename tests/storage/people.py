"""Employees and proofs that the tests of storage speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conversations.people import Details
from storage.packing import pack
from storage.records import Proof, Registered
from tests.storage.rows import NOON, SITI, after

if TYPE_CHECKING:
    from storage import Store

NIP, OTHER_NIP = "198501012010011001", "199002022015022002"
SITI_SAYS = Details("Siti Contoh", "Dinas Rekaan", "siti@example.go.id", NIP)
BUDI_SAYS = Details("Budi Misal", "Badan Khayal", "budi@example.go.id", OTHER_NIP)


def proof(chat: int = SITI, *, token: str = "token", minutes: float = 30, details: Details = SITI_SAYS) -> Proof:
    told = pack({"name": details.name, "unit": details.unit, "email": details.email, "nip": details.nip})
    return Proof(chat, f"{token} looked up", "code looked up", told, NOON, after(minutes), 5)


async def register(store: Store, chat: int, details: Details, minutes: float = 0) -> Registered | None:
    async with store.transaction() as tx:
        return await tx.employees.register(chat, details, NOON, after(minutes))
