"""/ekspor on both databases: what the file holds, what it leaves behind, and for whom."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.commands.complaints import export
from conversations.complaint import Act
from conversations.effects import ExportComplaints
from conversations.events import ComplaintsExported
from conversations.people import Role
from conversations.period import Period
from storage import tables
from storage.records import Kind, Settled, State
from tests.bot.counter import AGUS, BUDI, Counter, at, counter_on
from tests.databases import KINDS

NOVEMBER, DECEMBER = Period(2026, 11), Period(2026, 12)


@pytest.fixture(params=KINDS)
async def counter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Counter]:
    async with counter_on(request.param, tmp_path, at(23)) as counter:
        await counter.appoint(AGUS, Role.ADMIN, "Agus")
        await counter.appoint(BUDI, Role.OFFICER, "Budi")
        yield counter


async def exported(counter: Counter, period: Period) -> ComplaintsExported:
    answer = await counter.do(AGUS, ExportComplaints(period))
    assert isinstance(answer, ComplaintsExported)
    return answer


def files(counter: Counter) -> list[dict[str, Any]]:
    return [dict(row.payload) for row in counter.handed if row.kind is Kind.FILE]


def numbers(file: dict[str, Any]) -> list[str]:
    content = str(file["params"]["document"]["content"]).removeprefix("\ufeff")
    return [row["Nomor"] for row in csv.DictReader(StringIO(content, newline=""), delimiter=";")]


def size(file: dict[str, Any]) -> int:
    return len(str(file["params"]["document"]["content"]).encode())


async def test_a_month_is_that_of_the_city_from_its_first_minute_to_its_last(counter: Counter) -> None:
    counter.clock.advance(at(30, 23, 59) - counter.clock.now())
    in_november = await counter.file()
    counter.clock.advance(60)
    in_december = await counter.file()

    for period in (NOVEMBER, DECEMBER, Period(2026), Period(2025), Period()):
        await exported(counter, period)

    first, second, year, everything = files(counter)
    assert numbers(first) == [in_november.number]
    assert numbers(second) == [in_december.number]
    assert numbers(year) == numbers(everything) == [in_november.number, in_december.number]
    names = [file["params"]["document"]["filename"] for file in files(counter)]
    assert names == ["aduan-2026-11.csv", "aduan-2026-12.csv", "aduan-2026.csv", "aduan-semua.csv"]


async def test_it_goes_to_who_asked_for_it_and_says_how_to_handle_it(counter: Counter) -> None:
    await counter.file()
    assert await exported(counter, NOVEMBER) == ComplaintsExported(counter.clock.now(), "sent", NOVEMBER, 1)
    (row,) = [row for row in counter.handed if row.kind is Kind.FILE]
    assert row.lane == f"telegram:{AGUS}"
    (file,) = files(counter)
    assert (file["method"], file["params"]["chat_id"]) == ("sendDocument", AGUS)
    assert "Pengaduan: 1" in file["params"]["caption"]
    assert "Mohon dijaga" in file["params"]["caption"]


async def test_it_holds_answers_and_keeps_confidences(counter: Counter) -> None:
    openly = await counter.file()
    await counter.file(confidential=True)
    await counter.handle(BUDI, openly.number, Act.ANSWER, "Sudah kami perbaiki.")
    await exported(counter, Period())
    content = str(files(counter)[0]["params"]["document"]["content"]).removeprefix("\ufeff")
    first, second = csv.DictReader(StringIO(content, newline=""), delimiter=";")
    assert (first["Isi"], first["Jawaban pertama"]) == (openly.text, "2026-11-23 09:00")
    assert (second["Rahasia"], second["Isi"], second["Tingkat"]) == ("ya", "", "Pejabat pengaduan")


async def test_the_audit_says_who_which_period_and_how_many(counter: Counter) -> None:
    await exported(counter, NOVEMBER)
    await counter.file()
    await counter.file()
    await exported(counter, NOVEMBER)
    async with counter.store.reading() as tx:
        lines = [row for row in await tx.audit.last(9) if row.action == "exported"]
    assert [(row.actor, row.details) for row in lines] == [("staff:1", {"period": "2026-11", "complaints": "2"})]


async def test_nothing_is_sent_where_there_is_nothing(counter: Counter) -> None:
    await counter.file()
    assert (await exported(counter, Period(2025))).outcome == "none"
    assert files(counter) == []


async def test_what_is_too_large_is_not_sent_but_a_shorter_period_is(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.clock.advance(at(30, 23, 59) - counter.clock.now())
    for _ in range(3):
        await counter.file()
        counter.clock.advance(60)
    assert (await exported(counter, NOVEMBER)).outcome == "sent"
    monkeypatch.setattr(export, "LARGEST_FILE", size(files(counter)[0]))
    assert (await exported(counter, Period())).outcome == "too_large"
    assert len(files(counter)) == 1
    assert (await exported(counter, NOVEMBER)).outcome == "sent"
    monkeypatch.setattr(export, "LARGEST_FILE", size(files(counter)[0]) - 1)
    assert (await exported(counter, NOVEMBER)).outcome == "too_large"


@pytest.mark.parametrize("ends", [State.SENT, State.DEAD, State.UNKNOWN])
async def test_nothing_of_the_file_stays_once_it_has_left_or_cannot(counter: Counter, ends: State) -> None:
    await counter.file()
    await exported(counter, NOVEMBER)
    (row,) = [row for row in counter.handed if row.kind is Kind.FILE]
    async with counter.store.transaction() as tx:
        await tx.settle([Settled(row.key, State.QUEUED, counter.clock.now(), 1, due_at=counter.clock.now())])
        assert "Tombol" in await held(counter, row.key)
        await tx.settle([Settled(row.key, ends, counter.clock.now(), 2)])
    assert await held(counter, row.key) == "{}"
    async with counter.store.reading() as tx:
        assert (await tx.about(AGUS))["outbox"]


async def held(counter: Counter, key: str) -> str:
    async with counter.store.reading() as tx:
        found = await tx._execute(sa.select(tables.outbox.c.payload).where(tables.outbox.c.key == key))
        return tx._vault.open(tables.outbox.c.payload, found.scalar_one())
