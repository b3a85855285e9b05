"""Who is tied to a chat by proof, on both databases: one employee, one chat, and nobody takes another's NIP."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from storage import Conflict
from storage.records import Alarm, Employee, Memory, Registered
from tests.storage.people import BUDI_SAYS, NIP, SITI_SAYS, proof, register
from tests.storage.rows import BUDI, NOON, SITI, after, meet

if TYPE_CHECKING:
    from storage import Store

NEW_PHONE = 815


async def _of(store: Store, chat: int) -> Employee | None:
    async with store.reading() as tx:
        return await tx.employees.of(chat)


async def test_an_employee_is_registered_and_found(store: Store) -> None:
    await meet(store, SITI, BUDI)
    assert await _of(store, SITI) is None
    registered = await register(store, SITI, SITI_SAYS, 5)
    assert registered == Registered(await _of(store, SITI) or registered)  # type: ignore[arg-type] # never None here
    employee = await _of(store, SITI)
    assert employee is not None
    said = (employee.name, employee.unit, employee.email, employee.nip)
    assert said == (SITI_SAYS.name, SITI_SAYS.unit, SITI_SAYS.email, NIP)
    assert (employee.consented_at, employee.verified_at) == (NOON, after(5))
    assert await _of(store, BUDI) is None


async def test_who_has_no_nip_is_known_by_the_address(store: Store) -> None:
    await meet(store, SITI, BUDI)
    for chat, details in ((SITI, SITI_SAYS), (BUDI, BUDI_SAYS)):
        assert await register(store, chat, replace(details, nip="")) is not None
    assert [employee.nip for chat in (SITI, BUDI) if (employee := await _of(store, chat))] == [None, None]


async def test_a_correction_changes_the_same_row(store: Store) -> None:
    await meet(store, SITI)
    first = await register(store, SITI, SITI_SAYS)
    moved = await register(store, SITI, replace(SITI_SAYS, unit="Badan Khayal"), 9)
    assert first is not None
    assert moved == Registered(replace(first.employee, unit="Badan Khayal", verified_at=after(9)))


async def test_another_address_of_the_same_chat_takes_its_place(store: Store) -> None:
    await meet(store, SITI)
    first = await register(store, SITI, SITI_SAYS)
    second = await register(store, SITI, replace(SITI_SAYS, email="siti.baru@example.go.id"))
    assert first is not None
    assert second is not None
    assert second.moved_from is None
    assert second.employee.id > first.employee.id  # the audit speaks of numbers: none is given twice
    assert await _of(store, SITI) == second.employee


async def test_a_new_phone_signs_the_old_one_out(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.save([Memory(SITI, "id", session="{}", screen="k"), Memory(NEW_PHONE, "id", session="{}")], NOON)
        await tx.set_alarms([Alarm(SITI, "expiry", NOON), Alarm(NEW_PHONE, "expiry", NOON)])
        await tx.proofs.begin(proof(SITI))
    first = await register(store, SITI, SITI_SAYS)
    moved = await register(store, NEW_PHONE, SITI_SAYS, 3)
    assert first is not None
    assert moved == Registered(replace(first.employee, chat_id=NEW_PHONE, verified_at=after(3)), moved_from=SITI)
    async with store.reading() as tx:
        memories = await tx.memories([SITI, NEW_PHONE])
        assert memories[SITI] == Memory(SITI, "id")
        assert memories[NEW_PHONE] == Memory(NEW_PHONE, "id", session="{}", registered=True)
        assert [alarm.chat_id for alarm in await tx.due_alarms(NOON, 9)] == [NEW_PHONE]
        assert await tx.proofs.of(SITI) is None


async def test_the_nip_of_another_address_is_not_taken(store: Store) -> None:
    await meet(store, SITI, BUDI)
    await register(store, SITI, SITI_SAYS)
    budi = await register(store, BUDI, BUDI_SAYS)
    assert budi is not None
    assert await register(store, BUDI, replace(BUDI_SAYS, nip=NIP)) is None
    assert await register(store, BUDI, replace(SITI_SAYS, email="else@example.go.id")) is None
    assert await _of(store, BUDI) == budi.employee
    siti = await _of(store, SITI)
    assert siti is not None
    assert siti.nip == NIP


async def test_signing_off_leaves_the_guide(store: Store) -> None:
    await meet(store, SITI)
    await register(store, SITI, SITI_SAYS)
    async with store.transaction() as tx:
        await tx.proofs.begin(proof(SITI))
        assert await tx.employees.sign_off(SITI)
        assert not await tx.employees.sign_off(SITI)
        assert await tx.proofs.of(SITI) is None
        assert await tx.memories([SITI]) == {SITI: Memory(SITI, "id")}


async def test_chats_that_race_for_one_address_leave_one(store: Store) -> None:
    chats = [*range(100, 110)]
    await meet(store, *chats)
    ends = await asyncio.gather(*(register(store, chat, SITI_SAYS) for chat in chats), return_exceptions=True)
    # Who comes at the same moment is told to try again, and then it is a move.
    assert {type(end) for end in ends} <= {Registered, Conflict}
    assert [await _of(store, chat) for chat in chats].count(None) == 9


# Proofs


async def test_a_proof_is_kept_counted_down_and_ended(store: Store) -> None:
    await meet(store, SITI, BUDI)
    async with store.transaction() as tx:
        await tx.proofs.begin(proof(SITI, token="first"))
        await tx.proofs.begin(proof(SITI, token="second"))
        await tx.proofs.begin(proof(BUDI, token="other"))
        assert await tx.proofs.by_token("first looked up") is None
        assert await tx.proofs.by_token("second looked up") == await tx.proofs.of(SITI) == proof(SITI, token="second")
        assert [await tx.proofs.miss(SITI) for _ in range(6)] == [4, 3, 2, 1, 0, 0]
        assert await tx.proofs.miss(999) == 0
        assert await tx.proofs.end(SITI)
        assert not await tx.proofs.end(SITI)
        assert (await tx.proofs.of(BUDI)) == proof(BUDI, token="other")


async def test_mails_are_counted_by_chat_and_by_address(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.proofs.count_mail(["chat", "address"], NOON)
        await tx.proofs.count_mail(["chat", "elsewhere"], after(10))
    async with store.reading() as tx:
        assert await tx.proofs.mails(["chat", "address", "nobody"], after(-1)) == {"chat": 2, "address": 1}
        assert await tx.proofs.mails(["chat", "address"], NOON) == {"chat": 1}


async def test_a_proof_that_two_redeem_serves_once(store: Store) -> None:
    await meet(store, SITI)
    async with store.transaction() as tx:
        await tx.proofs.begin(proof(SITI))

    async def redeem() -> bool:
        async with store.transaction() as tx:
            return await tx.proofs.by_token("token looked up") is not None and await tx.proofs.end(SITI)

    assert sum(await asyncio.gather(*(redeem() for _ in range(10)))) == 1


# Fingerprints


async def test_a_fingerprint_is_of_one_purpose_and_one_database(store: Store) -> None:
    fingerprint = store.fingerprint("nip", NIP)
    assert (len(fingerprint), int(fingerprint, 16) > 0) == (32, True)
    assert fingerprint != store.fingerprint("email", NIP)
    async with store.reading() as tx:
        assert tx.fingerprint("nip", NIP) == fingerprint


@pytest.mark.parametrize("value", ["", "\ud83d", "x" * 1000])
async def test_any_value_has_a_fingerprint(store: Store, value: str) -> None:
    assert len(store.fingerprint("token", value)) == 32
