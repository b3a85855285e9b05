"""Read a date as people in Indonesia type it: day first, months in Indonesian or English, much or little around it.

The text is cut into numbers and words; what stands between them does not matter. A date is then three numbers, or one
month by name with one or two numbers. Whatever leaves a doubt is no date, and the question is asked again: a second
date in the text, a number too many, a day that does not exist, a year outside this century.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

_LONGEST = 200
_SHORTEST_MISSPELLED = 4

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january",
            "feb peb februari pebruari february",
            "mar maret march",
            "apr april",
            "mei mey may",
            "jun juni june",
            "jul juli july",
            "agu ags agt agst agus aug agustus august",
            "sep sept september",
            "okt oct oktober october",
            "nov nop november nopember",
            "des dec desember december",
        ),
        start=1,
    )
    for name in names.split()
}

_RELATIVE = {
    "kemarin lusa": -2,
    "kemarin": -1,
    "yesterday": -1,
    "hari ini": 0,
    "sekarang": 0,
    "today": 0,
    "besok": 1,
    "tomorrow": 1,
    "lusa": 2,
}

_AROUND_WORDS = """
    senin selasa rabu kamis jumat sabtu minggu ahad hari
    monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun
    tgl tanggal tanggalnya bulan bln tahun thn pada per sampai hingga sejak sekitar kira habis habisnya berlaku
    kedaluwarsa kadaluarsa expired berakhir masa sertifikat saya itu nya ya pukul jam wib
    date the day on until till of since about around expires expiry my it is was at
"""
_AROUND = frozenset(_AROUND_WORDS.split())
"""Words that may stand around a date of numbers alone. Others may not: "12 berkas, 3 ditolak, 26 sisa" is no date."""

_CLOCK = re.compile(
    r"""(?<![\d.:])\d{1,2}:\d{2}(:\d{2})?(?![\d:])         # 08:00, 23:59:59
      | \b(pukul|jam)\s*\d{1,2}([.:]\d{2}){0,2}(?!\d)     # pukul 08.00, jam 8
      | (?<![\d.])\d{1,2}\.\d{2}(?=\s*wib)                # 08.00 WIB""",
    re.VERBOSE,
)
_PART = re.compile(r"\d+|[a-z]+")


def read_date(text: str, today: date) -> date | None:
    """Read the one date that the text names, `None` if there is none or more than one. Never raises.

    Understood, among others: `12-03-2026`, `12/3/26`, `12032026`, `12 Maret 2026`, `Maret 12, 2026`, `2026-03-12`,
    `tgl 12 mart 2026` (a month with one letter wrong), `Senin, 23 November 2026` (the weekday is not checked),
    `kemarin`, `hari ini`, `besok`, `lusa`. The day always comes before a month in numbers. Without a year it is the
    date nearest to `today`, the city's date, among last year's, this year's and next year's.
    """
    parts = _PART.findall(_CLOCK.sub(" ", _plain(text)))
    numbers = [part for part in parts if part.isdigit()]
    words = [part for part in parts if not part.isdigit()]
    months = [month for word in words if (month := _month(word))]
    if months:
        return _with_name(numbers, months[0], today) if len(months) == 1 else None
    if not numbers:
        return _relative(words, today)
    return _of_numbers(numbers, today) if _AROUND.issuperset(words) else None


def _plain(text: str) -> str:
    """Fold width, case and accents, turn every script's digits into 0-9, and drop apostrophes (Jum'at, '26)."""
    folded = unicodedata.normalize("NFKD", text[:_LONGEST]).casefold()
    if folded.isascii():  # nearly always
        return folded.replace("'", "").replace("`", "")
    digits = (str(unicodedata.decimal(sign, sign)) for sign in folded)
    return "".join(sign for sign in digits if sign not in "'’‘`" and not unicodedata.combining(sign))


def _month(word: str) -> int | None:
    """Answer the month that the word names; a long name may have one letter wrong, if only one month is that near."""
    if (exact := _MONTHS.get(word)) is not None:
        return exact
    if len(word) < _SHORTEST_MISSPELLED or word in _AROUND:
        return None
    near = {number for name, number in _MONTHS.items() if len(name) >= _SHORTEST_MISSPELLED and _one_off(word, name)}
    return near.pop() if len(near) == 1 else None


def _one_off(word: str, name: str) -> bool:
    """Tell whether one letter was replaced, left out or added, or two neighbours were swapped."""
    same = next((i for i, (a, b) in enumerate(zip(word, name, strict=False)) if a != b), min(len(word), len(name)))
    left, right = word[same:], name[same:]
    swapped = left[1:2] + left[:1] + left[2:]
    return left[1:] == right[1:] or left == right[1:] or left[1:] == right or swapped == right


def _with_name(numbers: list[str], month: int, today: date) -> date | None:
    match [int(number) for number in numbers], [len(number) for number in numbers]:
        case [day], [1 | 2]:
            return _nearest(day, month, today)
        case [day, year], [1 | 2, 2 | 4 as width]:
            return _date(day, month, year, width)
        case [year, day], [4, 1 | 2]:
            return _date(day, month, year)
    return None


def _of_numbers(numbers: list[str], today: date) -> date | None:
    match [int(number) for number in numbers], [len(number) for number in numbers]:
        case [day, month], [1 | 2, 1 | 2]:
            return _nearest(day, month, today)
        case [day, month, year], [1 | 2, 1 | 2, 2 | 4 as width]:
            return _date(day, month, year, width)
        case [year, month, day], [4, 1 | 2, 1 | 2]:
            return _date(day, month, year)
        case [_], [8]:
            day_first = _date(int(numbers[0][:2]), int(numbers[0][2:4]), int(numbers[0][4:]))
            return day_first or _date(int(numbers[0][6:]), int(numbers[0][4:6]), int(numbers[0][:4]))
    return None


def _relative(words: list[str], today: date) -> date | None:
    said = f" {' '.join(words)} "
    for phrase, days in _RELATIVE.items():
        before, found, after = said.partition(f" {phrase} ")
        if found:
            return _shifted(today, days) if _AROUND.issuperset(f"{before} {after}".split()) else None
    return None


def _shifted(today: date, days: int) -> date | None:
    try:
        return today + timedelta(days=days)
    except OverflowError:
        return None


def _nearest(day: int, month: int, today: date) -> date | None:
    years = (today.year, today.year - 1, today.year + 1)
    found = [read for year in years if (read := _date(day, month, year)) is not None]
    return min(found, key=lambda read: abs(read - today), default=None)


def _date(day: int, month: int, year: int, width: int = 4) -> date | None:
    full = year + 2000 if width == len("26") else year
    try:
        return date(full, month, day) if 2000 <= full <= 2099 else None  # noqa: PLR2004 - this century
    except ValueError:
        return None
