"""What is kept of a chat is shown, and goes when it is erased or too old; nothing stays, and nobody else's goes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from conversations.people import NOTHING, Role
from storage import tables
from storage.records import Alarm, Channel, DeadLetter, Horizons, Kind, Memory, Outgoing, Settled, State
from tests.storage.people import BUDI_SAYS, NIP, SITI_SAYS, proof
from tests.storage.rows import BUDI, NOON, SITI, after, claimed, message

if TYPE_CHECKING:
    from storage import Store, Transaction

SITI_HAS = {
    "people": 1, "sessions": 1, "certificates": 1, "renewals": 1, "alarms": 1, "employees": 1, "proofs": 1,
    "dead_letters": 1, "outbox": 2, "proof_mails": 1,
}  # fmt: skip
EVERYBODY_HAS = {"intake": 1, "vault": 2}


async def live(store: Store, chat: int = SITI) -> None:
    """Have something in each table that speaks of a person."""
    details = SITI_SAYS if chat == SITI else BUDI_SAYS
    mailed = [store.fingerprint("mail from", str(chat)), store.fingerprint("mail to", details.email)]
    async with store.transaction() as tx:
        session = f'{{"name":"{details.name}"}}'
        await tx.save([Memory(chat, "id", session=session, expires_on=date(2028, 12, 1))], NOON)
        await tx.record_submission(chat, NOON, after(60), NOON)
        await tx.record_issue(chat, after(30))
        await tx.set_alarms([Alarm(chat, "expiry", after(60))])
        await tx.employees.register(chat, details, NOON, NOON)
        await tx.proofs.begin(proof(chat, token=f"token {chat}", details=details))
        await tx.proofs.count_mail(mailed, NOON)
        await tx.bury([DeadLetter(f"R-{chat}", f"telegram:{chat}", chat, f'"{details.nip}"', "KeyError", NOON)])
        mail = replace(message(f"{chat} mail", tx.mail_lane(chat)), channel=Channel.MAIL)
        await tx.enqueue([message(f"{chat} telegram", f"telegram:{chat}"), mail])


async def rows(store: Store) -> dict[str, int]:
    """How many of each table; the count of mails outlives an erasure."""
    async with store.reading() as tx:
        return {name: n for name, n in (await tx.counts()).rows.items() if n and name != "proof_mails"}


async def _erase(store: Store, chat: int) -> None:
    async with store.transaction() as tx:
        await tx.erase(chat)


async def test_everything_is_counted_and_shown_opened(store: Store) -> None:
    await live(store)
    await live(store, BUDI)
    async with store.reading() as tx:
        counted = await tx.counted(SITI)
        assert (dict(counted.rows), counted.since) == (SITI_HAS, NOON)
        about = json.loads(json.dumps(await tx.about(SITI)))
        assert await tx.counted(999) == NOTHING
        assert await tx.about(999) == {"chat_id": 999}
    assert {name: len(shown) for name, shown in about.items() if name != "chat_id"} == SITI_HAS
    assert about["sessions"][0]["body"] == {"name": SITI_SAYS.name}
    assert (about["employees"][0]["nip"], about["employees"][0]["email"]) == (NIP, SITI_SAYS.email)
    assert about["proofs"][0]["details"]["unit"] == SITI_SAYS.unit
    assert about["outbox"][0]["payload"]["method"] == "sendMessage"
    assert about["outbox"][1] == {"mail": "to the own address", "due_at": NOON.isoformat(), "sent_at": None}
    assert about["people"][0]["first_seen_at"] == "2026-11-23T05:00:00.123456+00:00"
    assert BUDI_SAYS.email not in json.dumps(about)
    assert "lookup" not in json.dumps([list(row) for shown in about.values() if shown != SITI for row in shown])


async def test_erasing_leaves_nothing_and_nobody_else_is_touched(store: Store) -> None:
    await live(store, BUDI)
    before = await rows(store)
    await live(store)
    await _erase(store, SITI)
    assert await rows(store) == before
    async with store.transaction() as tx:
        assert await tx.memories([SITI]) == {}
        assert await tx.employees.of(BUDI) is not None
    await live(store)
    await _erase(store, SITI)
    await _erase(store, BUDI)
    await _erase(store, BUDI)
    assert await rows(store) == EVERYBODY_HAS


async def test_an_erasure_does_not_reset_the_limit_of_mails(store: Store) -> None:
    await live(store)
    mailed = [store.fingerprint("mail from", str(SITI)), store.fingerprint("mail to", SITI_SAYS.email)]
    await _erase(store, SITI)
    async with store.transaction() as tx:
        assert await tx.proofs.mails(mailed, after(-60)) == dict.fromkeys(mailed, 1)
        assert (await tx.purge(Horizons(proof_mails=after(60)), 9)).rows == {"proof_mails": 2}


async def test_what_is_damaged_can_be_erased(store: Store) -> None:
    await live(store)
    async with store.transaction() as tx:
        await tx._execute(sa.update(tables.employees).values(email=b"damaged"))
        await tx._execute(sa.update(tables.proofs).values(details=b"damaged"))
    await _erase(store, SITI)
    assert await rows(store) == EVERYBODY_HAS


async def test_a_copy_holds_no_earlier_copy(store: Store) -> None:
    params = {"document": {"filename": "data.json", "content": "everything so far"}}
    row = Outgoing("k", f"telegram:{SITI}", {"method": "sendDocument", "params": params}, NOON)
    async with store.transaction() as tx:
        await tx.enqueue([row])
        about = json.loads(json.dumps(await tx.about(SITI)))
    assert about["outbox"][0]["payload"] == {"method": "sendDocument", "document": "data.json"}


@pytest.mark.parametrize("ends", [State.SENT, State.DEAD, State.UNKNOWN])
async def test_what_a_mail_said_is_gone_when_it_has_ended(store: Store, ends: State) -> None:
    async with store.transaction() as tx:
        await tx.enqueue([replace(message("mail", "mail:1"), channel=Channel.MAIL), message("chat", "telegram:1")])
        await tx.settle([Settled("mail", State.QUEUED, NOON, 1, due_at=NOON)])
        assert "sendMessage" in await _said(tx, "mail")
        await tx.settle([Settled(key, ends, NOON, 1) for key in ("mail", "chat")])
        assert await _said(tx, "mail") == "{}"
        assert "sendMessage" in await _said(tx, "chat")


async def _said(tx: Transaction, key: str) -> str:
    found = await tx._execute(sa.select(tables.outbox.c.payload).where(tables.outbox.c.key == key))
    return tx._vault.open(tables.outbox.c.payload, found.scalar_one())


@pytest.mark.parametrize("moves", [True, False])
async def test_what_was_said_goes_with_the_registration(store: Store, *, moves: bool) -> None:
    await live(store)
    async with store.transaction() as tx:
        await tx.settle([Settled(f"{SITI} telegram", State.SENT, NOON, 1)])
        await tx.enqueue([message("waits", f"telegram:{SITI}"), message("budi", f"telegram:{BUDI}")])
        if moves:
            await tx.save([Memory(BUDI, "id")], NOON)
            assert await tx.employees.register(BUDI, SITI_SAYS, NOON, NOON)
        else:
            assert await tx.employees.sign_off(SITI)
    assert set(await claimed(store)) == {"waits", "budi"}
    assert (await rows(store))["outbox"] == 2


async def test_a_mail_to_an_address_that_is_not_proved_goes_as_well(store: Store) -> None:
    async with store.transaction() as tx:
        lane = tx.mail_lane(SITI)
        await tx.save([Memory(SITI)], NOON)
        await tx.proofs.begin(proof(SITI, details=BUDI_SAYS))
        await tx.enqueue([replace(message("mail", lane), channel=Channel.MAIL)])
    await _erase(store, SITI)
    assert await rows(store) == EVERYBODY_HAS


async def test_of_former_staff_a_number_stays(store: Store) -> None:
    await live(store)
    async with store.transaction() as tx:
        former = await tx.staff.appoint(Role.OFFICER, "Siti Contoh", SITI_SAYS.email, SITI, NOON)
        await tx.staff.revoke(former, NOON)
        other = await tx.staff.appoint(Role.OFFICER, "Ratna", "", None, NOON)
        await tx.erase(SITI)
        row, kept = await tx.staff.get(former), await tx.staff.get(other)
    assert row is not None
    assert kept is not None
    assert (row.name, row.email, row.chat_id, kept.name) == ("", None, None, "Ratna")


async def test_what_staff_is_told_about_itself_names_nobody_else(store: Store) -> None:
    await live(store)
    async with store.transaction() as tx:
        deputy = await tx.staff.appoint(Role.OFFICER, "Ratna", "", None, NOON)
        number = await tx.staff.appoint(Role.OFFICER, "Siti Contoh", "", SITI, NOON)
        await tx.staff.leave(number, date(2026, 12, 31), deputy)
        about = await tx.about(SITI)
    (row,) = json.loads(json.dumps(about["staff"]))
    assert (row["name"], row["role"], row["away_until"]) == ("Siti Contoh", "officer", "2026-12-31")
    assert "deputy_id" not in row


# The last word


@pytest.mark.parametrize("state", [State.SENT, State.DEAD, State.UNKNOWN])
async def test_a_last_word_is_gone_when_it_has_ended(store: Store, state: State) -> None:
    last = Outgoing("last", f"telegram:{SITI}", {"text": "erased"}, NOON, kind=Kind.PARTING)
    async with store.transaction() as tx:
        await tx.enqueue([last, message("other", "other")])
    assert await claimed(store) == ["last", "other"]
    async with store.transaction() as tx:
        await tx.settle([Settled("last", State.QUEUED, NOON, 1, due_at=NOON)])
    assert await claimed(store) == ["last"]
    async with store.transaction() as tx:
        await tx.settle([Settled("last", state, NOON, 1), Settled("other", state, NOON, 1)])
        assert (await tx.count_states())[state] == 1
        assert await tx.counted(SITI) == NOTHING


# Retention


async def test_each_horizon_is_counted_first_and_kept_then(store: Store) -> None:
    await live(store)
    await live(store, BUDI)
    async with store.transaction() as tx:
        await tx.record_submission(BUDI, after(40), after(90), after(40))  # a renewal that goes on
        await tx.proofs.begin(proof(BUDI, token="later", minutes=90))
        await tx.proofs.count_mail(["later"], after(70))
    horizons = Horizons(proofs=after(60), proof_mails=after(60), renewals=after(60))
    async with store.reading() as tx:
        would = await tx.would_purge(horizons)
        assert (await tx.would_purge(Horizons())).rows == {}
    async with store.transaction() as tx:
        assert await tx.purge(horizons, 100) == would
        assert (await tx.purge(horizons, 100)).rows == dict.fromkeys(would.rows, 0)
        assert dict((await tx.counted(BUDI)).rows)["renewals"] == 1
        assert await tx.proofs.of(BUDI) is not None
    assert would.rows == {"proofs": 1, "proof_mails": 4, "renewals": 2}


async def test_names_of_staff_go_some_time_after_the_role(store: Store) -> None:
    async with store.transaction() as tx:
        stays = await tx.staff.appoint(Role.ADMIN, "Agus", "", None, NOON)
        ended = await tx.staff.appoint(Role.OFFICER, "Ratna", "ratna@example.go.id", None, NOON)
        late = await tx.staff.appoint(Role.OFFICER, "Budi", "", None, NOON)
        invited = await tx.staff.invite(Role.LEADER, "Dewi", "dewi@example.go.id", "token", after(10), NOON)
        by_mail = await tx.staff.invite(Role.OFFICIAL, "Tono", "tono@example.go.id", "other", after(10), NOON)
        await tx.staff.revoke(ended, after(10))
        await tx.staff.revoke(late, after(90))
    horizons = Horizons(staff=after(60))
    async with store.transaction() as tx:
        assert (await tx.would_purge(horizons)).rows == {"staff": 2}
        assert [(await tx.purge(horizons, 9)).rows for _ in range(2)] == [{"staff": 2}, {"staff": 0}]
        found = [await tx.staff.get(number) for number in (stays, ended, late, invited, by_mail)]
        assert [row and (row.name, row.email is None) for row in found] == [
            ("Agus", True), ("", True), ("Budi", True), ("", True), ("Tono", False)
        ]  # fmt: skip
        assert [row.id for row in await tx.staff.members()] == [stays, by_mail]


async def test_people_whom_nobody_heard_of_go_whole_but_not_staff(store: Store) -> None:
    for chat in (SITI, BUDI):
        await live(store, chat)
    async with store.transaction() as tx:
        await tx.save([Memory(chat, "id", session="{}") for chat in (5, 6)], NOON)
        await tx.staff.appoint(Role.ADMIN, "Ratna", "", BUDI, NOON)
        # The session tells nothing: it changes when an alarm rings, and not when somebody looks at a menu.
        await tx.save([replace((await tx.memories([5]))[5], session="[]")], after(9000))
        await tx.save([replace((await tx.memories([6]))[6], heard_at=after(3000))], after(3000))
    horizons = Horizons(persons=after(2000))
    async with store.reading() as tx:
        assert (await tx.would_purge(horizons)).rows == {"people": 2}
    async with store.transaction() as tx:
        assert [(await tx.purge(horizons, 1)).rows["people"] for _ in range(3)] == [1, 1, 0]
        assert set(await tx.memories([SITI, BUDI, 5, 6])) == {BUDI, 6}
        assert (await tx.counted(SITI)).rows == (("proof_mails", 1),)
