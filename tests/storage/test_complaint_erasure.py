"""What an employee wrote in a complaint is shown to them, and goes with them; the number and its times stay."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conversations.complaint import Act, Complaint, Level, Status
from conversations.people import Role
from storage.records import Horizons
from tests.storage.complaining import PHOTO, TEXT, change, file, line, solve
from tests.storage.rows import BUDI, NOON, SITI, after, meet

if TYPE_CHECKING:
    from storage import Store


@pytest.fixture(autouse=True)
async def _people(store: Store) -> None:
    await meet(store, SITI, BUDI)


async def complain(store: Store, chat: int = SITI) -> Complaint:
    """Have something in each table that hangs on a complaint."""
    filed = await file(store, chat)
    async with store.transaction() as tx:
        official = await tx.staff.appoint(Role.OFFICIAL, "Wati", "wati@example.go.id", None, NOON)
        await tx.complaints.put_card(filed.number, BUDI, "card")
        await tx.links.make(f"link {filed.number}", filed.number, Act.TAKE, official, after(60))
    return await change(
        store,
        filed,
        line(Act.ASK, "Which browser, Bu Siti?", 2),
        line(Act.REPLY, "Firefox", 3, "employee", attachments=(PHOTO,)),
        line(Act.NOTE, "Siti asks often", 4, internal=True),
        line(Act.ESCALATE, "Too hard for me", 5),
        status=Status.ESCALATED,
        level=Level.OFFICIAL,
        since=after(5),
    )


async def test_an_employee_is_shown_what_they_may_see_of_it(store: Store) -> None:
    complained = await complain(store)
    await complain(store, BUDI)
    async with store.reading() as tx:
        about = json.loads(json.dumps(await tx.about(SITI)))
        counted = dict((await tx.counted(SITI)).rows)
    (shown,) = about["complaints"]
    assert (shown["number"], shown["text"], shown["unit"]) == (complained.number, TEXT, "Dinas Rekaan")
    assert shown["attachments"] == [{"kind": "photo", "file_id": PHOTO.file_id, "name": "", "size": 2048}]
    assert [(told["act"], told["text"]) for told in about["happenings"]] == [
        ("filed", ""), ("ask", "Which browser, Bu Siti?"), ("reply", "Firefox"), ("escalate", "")
    ]  # fmt: skip
    assert {told["number"] for told in about["happenings"]} == {complained.number}
    assert "Ratna" not in json.dumps(about)
    assert (counted["complaints"], counted["happenings"]) == (1, 4)


async def test_after_an_erasure_number_and_times_stay(store: Store) -> None:
    complained, other = await complain(store), await complain(store, BUDI)
    async with store.transaction() as tx:
        await tx.erase(SITI)
    async with store.reading() as tx:
        left, history = await tx.complaints.get(complained.number), await tx.complaints.history(complained.number)
        assert left == replace(
            complained,
            status=Status.WITHDRAWN,
            text="",
            attachments=(),
            origin="",
            name="",
            unit="",
            person=None,
            next_at=None,
            version=complained.version + 1,
        )
        assert [(told.act, told.at, told.actor) for told in history] == [
            ("filed", NOON, ""), ("ask", after(2), "Ratna"), ("reply", after(3), ""), ("note", after(4), "Ratna"),
            ("escalate", after(5), "Ratna"),
        ]  # fmt: skip
        assert {(told.text, told.attachments) for told in history} == {("", ())}
        assert await tx.complaints.card_keys(complained.number) == []
        assert await tx.links.look(f"link {complained.number}") is None
        assert await tx.complaints.get(other.number) == other
        assert (await tx.complaints.history(other.number))[1].text != ""
        assert await tx.links.look(f"link {other.number}") is not None
        assert "complaints" not in dict((await tx.counted(SITI)).rows)


async def test_one_that_had_ended_stays_as_it_ended(store: Store) -> None:
    solved = await solve(store, await file(store), "Reload.")
    async with store.transaction() as tx:
        await tx.erase(SITI)
        left = await tx.complaints.get(solved.number)
        assert left is not None
        assert (left.status, left.since, left.version) == (Status.SOLVED, after(60), solved.version)
        assert await tx.complaints.similar(TEXT) == ()
        assert [row.closed_at async for row in tx.complaints.export()] == [after(60)]


async def test_nothing_that_went_can_be_put_back(store: Store) -> None:
    complained = await complain(store)
    async with store._database.reader.connect() as connection:
        texts = await connection.exec_driver_sql("SELECT text FROM happenings WHERE text IS NOT NULL")
        sealed: bytes = texts.scalars().all()[0]
    async with store.transaction() as tx:
        await tx.erase(SITI)

    async def put_back() -> None:
        value = f"X'{sealed.hex()}'" if store._database.writer.dialect.name == "sqlite" else f"'\\x{sealed.hex()}'"
        async with store._database.writer.begin() as connection:
            await connection.exec_driver_sql(f"UPDATE happenings SET text = {value}")  # noqa: S608 - hex digits

    with pytest.raises(Exception, match="only added to"):
        await put_back()
    async with store.reading() as tx:
        assert {told.text for told in await tx.complaints.history(complained.number)} == {""}


async def test_texts_of_closed_ones_go_when_they_are_old_and_what_is_open_never(store: Store) -> None:
    early, late, goes_on = [await complain(store) for _ in range(3)]
    await solve(store, early, "Reload.", 60)
    await solve(store, late, "Reload.", 90)
    horizons = Horizons(complaints=after(80), links=after(60))
    async with store.reading() as tx:
        would = await tx.would_purge(horizons)
    assert would.rows == {"complaints": 1, "web_links": 0}
    async with store.transaction() as tx:
        assert await tx.purge(horizons, 100) == would
        assert (await tx.purge(horizons, 100)).rows == dict.fromkeys(would.rows, 0)
        texts = [found.text for found in await tx.complaints.by_person(SITI)]
        assert texts == [TEXT, TEXT]
        assert (await tx.complaints.history(goes_on.number))[1].text != ""
        blanked = await tx.complaints.get(early.number)
        assert blanked is not None
        assert (blanked.text, blanked.person, blanked.status) == ("", None, Status.SOLVED)
        assert (await tx.purge(Horizons(links=after(61)), 100)).rows == {"web_links": 2}
        gone = await tx.purge(Horizons(complaints=after(100)), 100)
        assert gone.rows == {"complaints": 1}


async def test_who_still_waits_for_an_answer_is_not_forgotten_for_being_silent(store: Store) -> None:
    waits, ended = await complain(store), await complain(store, BUDI)
    await solve(store, ended, "Reload.")
    horizons = Horizons(persons=after(9000))
    async with store.transaction() as tx:
        assert (await tx.would_purge(horizons)).rows == {"people": 1}
        assert (await tx.purge(horizons, 100)).rows["people"] == 1
        kept, blanked = await tx.complaints.get(waits.number), await tx.complaints.get(ended.number)
    assert kept == waits
    assert blanked is not None
    assert (blanked.person, blanked.status) == (None, Status.SOLVED)


async def test_no_more_are_blanked_at_once_than_was_said(store: Store) -> None:
    for _ in range(3):
        await solve(store, await file(store), "Reload.")
    async with store.transaction() as tx:
        horizons = Horizons(complaints=after(80))
        assert [(await tx.purge(horizons, 2)).rows["complaints"] for _ in range(3)] == [2, 1, 0]
