"""An administrator chooses the period of a table; any time later the same button means the same period."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.effects import ExportComplaints
from conversations.events import ComplaintsExported
from conversations.people import Role, Standing
from conversations.period import Period, month_before, month_of
from conversations.session import Session
from tests.conversations.talk import GUIDE, MONDAY, Talk, at_question, buttons

ADMIN = Standing(frozenset({Role.ADMIN}))
PERIODS = st.builds(Period, st.integers(2000, 2099), st.integers(0, 12))


@pytest.mark.parametrize(("month", "last"), [("2026-11", "2026-10"), ("2027-01", "2026-12")])
def test_the_buttons_name_months_and_years(month: str, last: str) -> None:
    year = month[:4]
    talk = Talk(standing=ADMIN)
    talk.at = MONDAY.replace(year=int(year), month=int(month[5:]))
    talk.types("/ekspor")
    data = [button.data for button in buttons(talk.last)]
    assert data == [f"/ekspor {period}" for period in (month, last, year, "semua")] + ["/menu"]
    assert talk.commands == []


def test_the_month_is_that_of_the_city() -> None:
    talk = Talk(standing=ADMIN, at=MONDAY.replace(month=12, day=1, hour=0, minute=30))
    talk.types("/ekspor")
    assert buttons(talk.last)[0].data == "/ekspor 2026-12"


@pytest.mark.parametrize(("typed", "period"), [
    ("2026-11", Period(2026, 11)), (" 2026 ", Period(2026)), ("semua", Period()),
    *((wrong, None) for wrong in ("2026-13", "2026-0", "2026-1", "1999", "٢٠٢٦", "2026-11-23", "bulan", "semua 1")),
])  # fmt: skip
def test_a_period_can_be_typed_and_what_is_none_is_asked_for(typed: str, period: Period | None) -> None:
    talk = Talk(standing=ADMIN)
    talk.types(f"/ekspor {typed}")
    assert talk.commands == ([] if period is None else [ExportComplaints(period)])
    if period is None:
        assert "/ekspor 2026-11" in [button.data for button in buttons(talk.last)]


@given(PERIODS)
def test_a_period_reads_as_it_is_written_and_its_months_leave_no_gap(period: Period) -> None:
    assert Period.read(period.write()) == period
    first, after = period.first, period.after
    assert first is not None
    assert after is not None
    if period.month:
        assert month_of(first) == period
        assert month_before(after) == period
    else:
        assert (first, after) == (date(period.year, 1, 1), date(period.year + 1, 1, 1))


def test_everything_has_no_ends() -> None:
    assert Period.read("semua") == Period()
    assert (Period().first, Period().after) == (None, None)


def test_the_guide_stays_where_it_is() -> None:
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
    talk.standing, where = ADMIN, talk.where
    talk.presses_data("/ekspor 2026-11")
    assert talk.where == where
    assert talk.commands == [ExportComplaints(Period(2026, 11))]


@pytest.mark.parametrize("outcome", ["none", "too_large"])
def test_why_there_is_no_file_is_said_with_a_way_on(outcome: str) -> None:
    event = ComplaintsExported(MONDAY, outcome, Period(2026, 11))  # type: ignore[arg-type]  # one of the two
    talk = Talk(standing=ADMIN)
    talk.happens(event)
    assert [button.data for button in buttons(talk.last)] == ["/ekspor", "/menu"]


def test_the_file_itself_is_the_answer() -> None:
    step = GUIDE.advance(Session(), ComplaintsExported(MONDAY, "sent", Period(2026, 11), 3), ADMIN)
    assert (step.session, step.effects) == (Session(), ())
