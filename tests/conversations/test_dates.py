from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.dates import read_date

TODAY = date(2026, 11, 22)
MARCH_12 = date(2026, 3, 12)
THIS_CENTURY = st.dates(date(2000, 1, 1), date(2099, 12, 31))
UNHURRIED = settings(deadline=None)  # a busy machine may pause for longer than any rule takes
MONTHS = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember"
INDONESIAN = MONTHS.split()


@pytest.mark.parametrize(
    "text",
    [
        "12-03-2026",
        "12/3/26",
        "12.03.2026",
        "12 03 2026",
        "12 / 3 / 2026",
        "12032026",
        "2026-03-12",
        "2026/3/12",
        "20260312",
        "12 Maret 2026",
        "12 MARET 2026",
        "12 mar 2026",
        "12mar2026",
        "12-Mar-26",
        "12 Maret '26",
        "Maret 12, 2026",
        "March 12th, 2026",
        "the 12th of March 2026",
        "2026 Maret 12",
        "Kamis, 12 Maret 2026",
        "Jum'at 12-03-2026",
        "tgl 12 maret 2026",
        "tanggal 12 bulan 3 tahun 2026",
        "sertifikat saya habis tanggal 12/03/2026",
        "sepertinya berakhir sekitar 12 Maret 2026, Pak",
        "12-03-2026 23:59:59",
        "12 Maret 2026 pukul 08.00 WIB",
        "12 Maret 2026 08.00 WIB",
        "12 mart 2026",
        "12 marett 2026",
        "12 Mraet 2026",
        "１２／０３／２０２６",
        "١٢-٠٣-٢٠٢٦",
        "12 Ｍａｒｅｔ 2026",
        "12 Märet 2026",
        "  12-03-2026.  ",
    ],
)
def test_the_same_day_as_people_write_it(text: str) -> None:
    assert read_date(text, TODAY) == MARCH_12


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("hari ini", TODAY),
        ("Hari ini!", TODAY),
        ("today", TODAY),
        ("kemarin", TODAY - timedelta(days=1)),
        ("habis kemarin", TODAY - timedelta(days=1)),
        ("kemarin lusa", TODAY - timedelta(days=2)),
        ("besok", TODAY + timedelta(days=1)),
        ("lusa", TODAY + timedelta(days=2)),
        ("23 November", date(2026, 11, 23)),
        ("3 Januari", date(2027, 1, 3)),
        ("30/6", date(2026, 6, 30)),
        ("1/5", date(2027, 5, 1)),
        ("29 Februari 2028", date(2028, 2, 29)),
        ("1 nopember 2026", date(2026, 11, 1)),
        ("17 agst 2026", date(2026, 8, 17)),
        ("17 ags 2026", date(2026, 8, 17)),
        ("17 agustsu 2026", date(2026, 8, 17)),
        ("5 desmber 2026", date(2026, 12, 5)),
    ],
)
def test_days_without_a_year_relative_days_and_misspelt_months(text: str, read: date | None) -> None:
    assert read_date(text, TODAY) == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tidak tahu",
        "31-02-2026",
        "29 Februari 2026",
        "03/25/2026",
        "32 Maret 2026",
        "0-0-0",
        "12-13-2026",
        "12-03-1926",
        "12-03-226",
        "Maret 2026",
        "2026",
        "12",
        "123456",
        "Senin",
        "minggu lalu",
        "3 hari lagi",
        "jam 12.30",
        "0856-4381-2110",
        "3375011203850001",
        "12/03/2024 s.d. 12/03/2026",
        "12 Maret atau 12 April 2026",
        "12 juny 2026",  # one letter from Juni, from June and from July
        "12 berkas, 3 ditolak, 26 sisa",
        "belum hari ini",
        "12 Maret 2026 " * 40,
    ],
)
def test_what_leaves_a_doubt_is_no_date(text: str) -> None:
    assert read_date(text, TODAY) is None


def test_without_a_year_the_nearest_one_is_meant() -> None:
    assert read_date("31 Desember", date(2026, 1, 2)) == date(2025, 12, 31)
    assert read_date("2 Januari", date(2026, 12, 31)) == date(2027, 1, 2)
    assert read_date("29 Februari", date(2027, 3, 1)) == date(2028, 2, 29)


@UNHURRIED
@given(st.text(), st.dates())
def test_any_text_on_any_day_is_a_date_or_none(text: str, today: date) -> None:
    read = read_date(text, today)
    assert read is None or isinstance(read, date)


@UNHURRIED
@given(st.lists(st.sampled_from(["12", "3", "2026", "٣", "½", "²", "maret", "may", "besok", "-", "/", ":", " ", "'"])))
def test_any_pieces_of_dates_are_a_date_or_none(pieces: list[str]) -> None:
    read = read_date("".join(pieces), TODAY)
    assert read is None or read.year in range(2000, 2100)


@UNHURRIED
@given(THIS_CENTURY, THIS_CENTURY)
def test_every_date_is_read_back_from_every_form(day: date, today: date) -> None:
    month = INDONESIAN[day.month - 1]
    forms = (
        f"{day:%d-%m-%Y}",
        f"{day.day}/{day.month}/{day:%y}",
        f"{day:%Y-%m-%d}",
        f"{day:%d%m%Y}",
        f"{day.day} {month} {day.year}",
        f"{month[:3]} {day.day}, {day.year}",
    )
    assert {form: read_date(form, today) for form in forms} == dict.fromkeys(forms, day)


@UNHURRIED
@given(THIS_CENTURY, st.data())
def test_a_month_with_one_letter_left_out_is_the_month_or_refused(day: date, data: st.DataObject) -> None:
    month = INDONESIAN[day.month - 1]
    place = data.draw(st.integers(0, len(month) - 1))
    assert read_date(f"{day.day} {month[:place]}{month[place + 1 :]} {day.year}", TODAY) in {day, None}
