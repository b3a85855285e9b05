"""The date picker: what its buttons carry is what they mean, and nothing else means anything."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.effects import Button
from conversations.flow import Shown
from conversations.picker import CLOSE, OPEN, DatePicker, keyboard, picked
from conversations.text import Text
from tests.conversations.talk import GUIDE, MONDAY

TODAY = date(2026, 11, 23)


def shown(what: str, today: date = TODAY) -> list[list[Button]]:
    return [list(row) for row in keyboard(what, today, lambda option: option)]


def options(what: str, today: date = TODAY) -> list[str]:
    return [button.data for row in shown(what, today) for button in row]


@given(st.dates(date(2024, 1, 1), date(2029, 12, 31)))
def test_every_day_of_the_years_shown_is_three_presses_away(day: date) -> None:
    year = f"d{day.year}"
    month = f"{year}-{day.month}"
    assert year in options(OPEN)
    assert month in options(year)
    assert picked(f"{month}-{day.day}") == day
    assert f"{month}-{day.day}" in options(month)


def test_the_years_are_those_that_a_certificate_can_end_in() -> None:
    assert options(OPEN) == ["d2024", "d2025", "d2026", "d2027", "d2028", "d2029", CLOSE]


@pytest.mark.parametrize(("what", "days"), [("d2024-2", 29), ("d2026-2", 28), ("d2100-2", 28), ("d2026-11", 30)])
def test_a_month_has_its_days(what: str, days: int) -> None:
    assert options(what)[:-1] == [f"{what}-{day}" for day in range(1, days + 1)]


@given(st.integers(1, 9999), st.integers(1, 12))
def test_every_button_of_a_month_means_a_day_of_it_in_order(year: int, month: int) -> None:
    *days, up = [picked(option) for option in options(f"d{year}-{month}")]
    assert days == [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]
    assert up == f"d{year}"


def test_the_way_up_leads_from_the_days_to_the_question() -> None:
    ways_up = [options(what)[-1] for what in ("d2026-11", "d2026", OPEN)]
    assert ways_up == ["d2026", OPEN, CLOSE]
    assert picked(CLOSE) == ""


def test_labels_are_numbers_and_the_names_of_months() -> None:
    def labels(what: str) -> list[str]:
        texts = [button.label for row in shown(what) for button in row if isinstance(button.label, Text)]
        return [str(text.values.get("digits", text.msgid)) for text in texts]

    assert labels("d2026")[:3] == ["Jan", "Feb", "Mar"]
    assert labels("d2026-11")[28:] == ["29", "30", "‹ Back"]
    assert labels(OPEN)[0] == "2024"


@pytest.mark.parametrize(("what", "width"), [(OPEN, 3), ("d2026", 3), ("d2026-11", 7)])
def test_a_grid_is_narrow_enough_for_a_thumb(what: str, width: int) -> None:
    *rows, up = shown(what)
    assert len(up) == 1
    assert all(len(upper) == width >= len(lower) for upper, lower in pairwise(rows))


@pytest.mark.parametrize("option", [
    "", "x", "2026", "dd", "d-", "d2026-", "d-2026", "d2026-0", "d2026-13", "d2026-11-0", "d2026-11-31", "d2026-2-29",
    "d0", "d0-1", "d10000", "d2026-11-22-1", "d 2026", "d2026 ", "d+2026", "d٢٠٢٦", "d²", "D2026", "dx2026", "done",
])  # fmt: skip
def test_nonsense_means_nothing(option: str) -> None:
    assert picked(option) is None


@given(st.text(max_size=12) | st.from_regex(r"d[0-9-]{0,10}", fullmatch=True))
def test_any_option_means_a_day_a_page_or_nothing(option: str) -> None:
    match picked(option):
        case None:
            pass
        case str() as page:
            assert page in {option, ""}
            assert options(page)
        case day:
            year, month, number = (int(part) for part in option[1:].split("-"))
            assert day == date(year, month, number)


@given(st.text(max_size=12))
def test_a_page_that_there_is_not_shows_the_years(what: str) -> None:
    if picked(what) is None:
        assert options(what) == options(OPEN)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_it_opens_around_any_day(today: date) -> None:
    assert all(picked(option) is not None for option in options(OPEN, today))


def test_a_question_reads_the_day_that_was_picked_as_if_it_was_typed() -> None:
    dates, facts = DatePicker(), GUIDE.book.facts(MONDAY)
    assert dates.pick("d2026-11-23", "d2026-11", facts) == "2026-11-23"
    assert dates.pick("d2026", OPEN, facts) == Shown("d2026")
    assert dates.pick(CLOSE, OPEN, facts) == Shown("")
    assert dates.pick("d2026-13", "d2026", facts) is None
    assert dates.keyboard(OPEN, facts, str) == keyboard(OPEN, TODAY, str)
