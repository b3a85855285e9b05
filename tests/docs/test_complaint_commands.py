"""`pandu complaint` and `pandu complaints` read beside a running Pandu, and give a spreadsheet nothing to run."""

from __future__ import annotations

import asyncio
import csv
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.catalogs import LANGUAGES, load
from bot.cli import main
from bot.complaints import told, whole
from bot.settings import Settings
from bot.spreadsheet import COLUMNS, lines
from conversations.complaint import Mark
from conversations.text import Text
from storage import Store
from storage.records import Memory
from tests.databases import RING, SECRET_KEY, fresh_url
from tests.mail.complaints import BOOK, ESCALATED, FILED, HISTORY, NUMBER

CHAT = 710_000_101
CATALOGS = load(BOOK.service.zone.tz)


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PANDU_{name.upper()}", raising=False)
    monkeypatch.setenv("PANDU_SECRET_KEY", SECRET_KEY)
    monkeypatch.chdir(tmp_path)


@asynccontextmanager
async def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    """A store that another process leads, which has two complaints; the second is confidential."""
    async with fresh_url("sqlite", tmp_path) as url, await Store.open(url, ring=RING) as store:
        monkeypatch.setenv("PANDU_DATABASE_URL", url)
        async with store.transaction() as tx:
            await tx.save([Memory(CHAT)], FILED)
            await tx.complaints.file(replace(ESCALATED, text="=SUM(A1)", name="@Siti"), 2026, *HISTORY)
            await tx.complaints.file(replace(ESCALATED, confidential=True, text="RAHASIA", name="RAHASIA"), 2026)
        yield store


async def pandu(*arguments: str) -> Result:
    """The command in a thread: it runs a loop of its own, beside the one that serves."""
    return await asyncio.to_thread(CliRunner().invoke, main, arguments)


async def test_the_history_is_printed_while_another_process_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(tmp_path, monkeypatch):
        result = await pandu("complaint", "ADU-2026-00001")
        assert (result.exit_code, result.stderr) == (0, "")
        for part in (
            "escalated, official",
            "@Siti, Dinas Kesehatan",
            "Due       2026-11-24 16:00",
            "note (internal)",
            "2026-11-23 11:00     120 min  escalate  by officer Budi, telegram",
            "[surat/../rekomendasi.pdf]",
        ):
            assert part in result.stdout
        missing = await pandu("complaint", "adu-2026-00009")
        assert (missing.exit_code, missing.stderr) == (1, "There is no complaint ADU-2026-00009.\n")


async def test_the_table_opens_in_a_spreadsheet_and_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(tmp_path, monkeypatch):
        (tmp_path / "all.csv").write_text("old")
        result = await pandu("complaints", "--csv", "all.csv")
        assert (result.exit_code, result.stderr) == (0, "")
    file = tmp_path / "all.csv"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert not (tmp_path / "all.csv.part").exists()
    with file.open(encoding="utf-8-sig", newline="") as opened:
        first, second = csv.DictReader(opened, delimiter=";")
    assert tuple(first) == tuple(CATALOGS["id"].plain(Text(title)) for title in COLUMNS)
    assert (first["Nomor"], first["Nama"], first["Isi"]) == ("ADU-2026-00001", "'@Siti", "'=SUM(A1)")
    moments = [first[title] for title in ("Diterima", "Diteruskan", "Jawaban pertama")]
    assert moments == ["2026-11-23 09:00", "2026-11-23 11:00", ""]
    assert (second["Rahasia"], second["Nama"], second["Unit kerja"], second["Isi"]) == ("ya", "", "", "")
    assert b"RAHASIA" not in file.read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_command_line_writes_what_the_chat_sends(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(tmp_path, monkeypatch) as store:
        assert (await pandu("complaints", "--csv", "all.csv", "--language", language)).exit_code == 0
        async with store.reading() as tx:
            sent = [line async for line in lines(tx.complaints.export(), BOOK, CATALOGS[language])]
    assert (tmp_path / "all.csv").read_bytes() == "".join(sent).encode()


async def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(tmp_path, monkeypatch):
        result = await pandu("complaints", "--csv", "tidak/ada.csv")
        assert result.exit_code == 1
        assert result.stderr.startswith("tidak/ada.csv.part: No such file")


@pytest.mark.parametrize(("typed", "number"), [
    ("17", NUMBER), ("#17", NUMBER), (" adu-2026-00017 ", NUMBER), ("ADU-2025-00001", "ADU-2025-00001"),
])  # fmt: skip
def test_a_number_may_be_short(typed: str, number: str) -> None:
    assert whole(typed, 2026) == number


def test_what_people_wrote_does_not_move_the_cursor() -> None:
    evil = replace(HISTORY[1], text="\x1b[2J\x07baris 1\nbaris 2\x9b1A")
    lines = "\n".join(told(replace(ESCALATED, text="\x1b]0;x\x07"), (evil,), BOOK))
    assert all(sign.isprintable() or sign == "\n" for sign in lines)
    assert "baris 1\n" in lines


def test_a_complaint_of_which_nothing_is_left_is_printed() -> None:
    bare = replace(ESCALATED, text="", name="", unit="", origin="", attachments=(), person=None)
    lines = told(bare, (replace(HISTORY[0], act=Mark.FILED, text=""),), BOOK)
    assert "somebody whose data were erased" in "\n".join(lines)
    unnamed = told(replace(bare, person="telegram:7"), (), BOOK)
    assert "somebody who is not registered" in "\n".join(unnamed)
