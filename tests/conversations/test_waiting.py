"""Questions that wait for something outside, and the reminder that a certificate expires."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from conversations.effects import RecordSubmission, Say, SetAlarm, Settle
from conversations.events import Elapsed
from conversations.facts import Facts
from conversations.session import Session
from conversations.text import Text, Value
from tests.conversations.talk import (
    GUIDE,
    MENU,
    MONDAY,
    TO_THE_CHECK,
    TO_THE_REVIEW,
    Talk,
    at_question,
    at_state,
    deep_talk,
    wib,
)


@pytest.fixture
def deep() -> Talk:
    return deep_talk()


def waits_for_the_change() -> Talk:
    talk = at_question("change", {**TO_THE_CHECK, "check": "wrong"})
    talk.presses("sent")
    return talk


def waits_for_the_certificate() -> Talk:
    talk = at_question("review", TO_THE_REVIEW)
    talk.presses("yes")
    return talk


def test_a_waiting_question_is_asked_again_on_two_mornings_and_then_never() -> None:
    talk = waits_for_the_change()
    assert talk.alarms == {"wait": wib("2026-11-24 08.00")}
    talk.rings()
    assert talk.heard[-1] == "Good day. Has the change of your data in AMS been approved?"
    assert talk.alarms == {"wait": wib("2026-11-25 08.00")}
    talk.rings()
    assert talk.asked
    assert talk.alarms == {}


def test_asking_again_takes_the_buttons_from_the_question_above() -> None:
    talk = waits_for_the_change()
    talk.rings()
    assert [type(effect) for effect in talk.effects] == [SetAlarm, Say, Settle]
    talk.presses("yes")
    assert talk.where == "renewal.check"


def test_an_answer_drops_the_alarm_and_a_new_wait_begins_anew() -> None:
    talk = waits_for_the_change()
    talk.rings()
    talk.rings()
    talk.presses("no")
    assert talk.alarms == {"wait": wib("2026-11-26 08.00")}
    talk.presses("yes")
    assert talk.alarms == {}


@pytest.mark.parametrize(("moment", "asked_at"), [
    ("2026-11-24 07.59", "2026-11-24 08.00"),
    ("2026-11-24 12.30", "2026-11-24 13.00"),
    ("2026-11-24 16.11", "2026-11-25 08.00"),
    ("2026-11-27 11.30", "2026-11-30 08.00"),
    ("2026-12-25 09.00", "2026-12-28 08.00"),
])  # fmt: skip
def test_an_alarm_that_rings_outside_the_service_hours_waits_for_the_opening(moment: str, asked_at: str) -> None:
    talk = waits_for_the_change()
    talk.alarms["wait"] = wib(moment)
    talk.rings()
    assert talk.heard == []
    assert talk.alarms == {"wait": wib(asked_at)}
    talk.rings()
    assert talk.asked


def test_the_deadline_is_asked_about_at_the_very_end_of_service() -> None:
    talk = at_question("review", TO_THE_REVIEW)
    talk.presses("yes")
    assert talk.commands == [RecordSubmission(wib("2026-11-20 08.00"), wib("2026-11-23 16.00"))]
    assert (talk.where, talk.alarms) == ("renewal.issued", {"wait": wib("2026-11-23 16.00")})
    talk.rings()
    assert talk.asked
    talk.presses("no")
    assert talk.where == "renewal.late"


def test_not_yet_before_the_deadline_asks_for_patience() -> None:
    talk = at_question("review", TO_THE_REVIEW)
    talk.presses("yes")
    talk.presses("no")
    assert (talk.where, talk.alarms) == ("renewal.patience", {"wait": wib("2026-11-23 16.00")})


def test_an_alarm_closes_the_detour_above_the_question_that_waits(deep: Talk) -> None:
    detour = deep.heard
    deep.rings()
    assert (deep.where, deep.heard[-1]) == (
        "renewal.letter_wait",
        "Good day. Do you have the signed Recommendation Letter now?",
    )
    assert deep.settled == [detour]
    assert deep.alarms == {"wait": wib("2026-11-25 08.00")}
    deep.types("/kendala")
    deep.rings()
    assert (deep.where, deep.alarms) == ("renewal.letter_wait", {})
    deep.presses("yes")
    assert deep.where == "renewal.upload"


@pytest.mark.parametrize("moment", ["2026-11-24 12.05", "2026-11-24 16.05", "2026-11-27 11.09"])
def test_only_a_deadline_may_be_asked_about_just_after_service(moment: str) -> None:
    talk = waits_for_the_change()
    talk.happens(Elapsed(wib(moment), "wait"))
    assert talk.heard == []
    talk = waits_for_the_certificate()
    talk.happens(Elapsed(wib(moment), "wait"))
    assert talk.heard == []


@pytest.mark.parametrize(("moment", "asked"), [
    ("2026-11-23 16.00", True), ("2026-11-23 16.09", True), ("2026-11-23 16.10", False),
])  # fmt: skip
def test_a_deadline_may_be_asked_about_for_ten_minutes(moment: str, asked: bool) -> None:  # noqa: FBT001 - a parameter
    talk = waits_for_the_certificate()
    talk.happens(Elapsed(wib(moment), "wait"))
    assert talk.asked == asked


def test_an_alarm_that_nobody_waits_for_is_let_be() -> None:
    for talk in (Talk(), at_question("login")):
        session = talk.session
        talk.happens(Elapsed(MONDAY, "wait"))
        assert (talk.session, talk.effects) == (session, [])


def test_an_alarm_of_no_name_that_is_known_is_let_be(deep: Talk) -> None:
    for talk in (deep, waits_for_the_change()):
        session = talk.session
        for moment in (MONDAY, wib("2026-11-22 22.00")):
            talk.happens(Elapsed(moment, "gone"))
            assert (talk.session, talk.effects) == (session, [])


def test_the_change_of_data_leads_back_to_the_check_and_forgets_the_loop() -> None:
    talk = waits_for_the_change()
    talk.presses("yes")
    assert (talk.where, talk.answers) == ("renewal.check", TO_THE_CHECK)
    talk.types("/kembali")
    assert talk.where == "renewal.login"


# ------------------------------------------------------------------------------------------------- why it is due then


@pytest.mark.parametrize(("sent", "received", "closed"), [
    ("2026-11-23 10.00", None, []),
    ("2026-11-24 16.30", date(2026, 11, 25), []),
    ("2026-11-27 14.00", date(2026, 11, 30), [date(2026, 11, 28), date(2026, 11, 29)]),
    ("2026-11-27 10.00", None, [date(2026, 11, 28), date(2026, 11, 29)]),
])  # fmt: skip
def test_the_deadline_is_explained_by_the_day_of_receipt(sent: str, received: date | None, closed: list[date]) -> None:
    session = at_state("renewal", "issued", submitted=wib(sent).isoformat())
    assert explained(session, wib(sent)) == (received, closed)


def test_a_request_of_a_closed_day_counts_from_the_next_working_day() -> None:
    session = at_state("renewal", "issued", submitted="2026-11-28")
    weekend = [date(2026, 11, 28), date(2026, 11, 29)]
    assert explained(session, wib("2026-11-30 09.00")) == (date(2026, 11, 30), weekend)


def explained(session: Session, at: datetime) -> tuple[Value | None, list[Value]]:
    """The day of receipt, if it is named, and the days that do not count."""
    reason = Facts(GUIDE.book, at, GUIDE.flows["renewal"], session.top)["due_reason"]
    assert isinstance(reason, Text)
    received = reason.values.get("day")
    inner = reason.values.get("reason", reason)
    assert isinstance(inner, Text)
    days = inner.values.get("days", ())
    assert isinstance(days, tuple)
    lines = [day.values["line"] for day in days if isinstance(day, Text)]
    return received, [line.values["day"] for line in lines if isinstance(line, Text)]


# ----------------------------------------------------------------------------------------------- the expiry reminder


def test_a_new_certificate_ends_the_reminder_of_the_old_one() -> None:
    talk = waits_for_the_certificate()
    talk.alarms["expiry"] = wib("2027-02-01 08.00")
    talk.presses("yes")
    assert (talk.where, talk.alarms) == ("renewal.test", {})


def test_a_new_reminder_takes_the_place_of_the_old_one() -> None:
    talk = at_question("remind", {"new_expiry": "2028-11-23"})
    talk.alarms["expiry"] = wib("2027-02-01 08.00")
    talk.presses("yes")
    assert talk.alarms == {"expiry": wib("2028-10-24 08.00")}


@pytest.mark.parametrize(("state", "answer"), [("later", "expiry"), ("remind", "new_expiry")])
def test_who_wants_no_reminder_gets_none(state: str, answer: str) -> None:
    talk = at_question(state, {answer: "2028-11-23"})
    talk.alarms["expiry"] = wib("2027-02-01 08.00")
    talk.presses("no")
    assert (talk.where, talk.alarms) == ("", {})


def reminded(talk: Talk) -> Talk:
    talk.certificate = date(2026, 12, 20)
    talk.happens(Elapsed(talk.at, "expiry"))
    return talk


def test_the_expiry_reminder_comes_above_what_is_under_way_and_goes_back_to_it() -> None:
    talk = reminded(at_question("login", {"ready": "begin", "notified": "yes"}))
    assert talk.where == "renewal.login > reminder.expiring"
    talk.presses("ams")
    assert talk.where == "renewal.login"


def test_the_reminder_goes_on_with_a_renewal_that_is_under_way() -> None:
    talk = reminded(at_question("login", {"ready": "begin", "notified": "yes"}))
    talk.presses("guide")
    assert talk.where == "renewal.login"


def test_a_renewal_that_a_reminder_began_is_not_lost_to_a_trouble_of_before() -> None:
    talk = Talk()
    talk.types("/kendala")
    reminded(talk)
    talk.presses("guide")
    talk.presses("begin")
    talk.presses("yes")
    talk.presses("trouble")
    assert talk.where == "renewal.login > trouble.start"
    talk.presses("back")
    assert talk.where == "renewal.login"


def test_asking_for_help_during_a_reminder_does_not_lose_it() -> None:
    talk = Talk()
    talk.types("/kendala")
    reminded(talk)
    assert talk.where == "trouble.start > reminder.expiring"
    talk.types("/kendala")
    assert talk.where == "reminder.expiring > trouble.start"
    talk.types("/kembali")
    assert talk.where == "reminder.expiring"


def test_a_reminder_without_a_certificate_says_nothing_of_one() -> None:
    talk = Talk()
    talk.happens(Elapsed(MONDAY, "expiry"))
    assert (talk.where, talk.heard) == ("", [MENU])


def test_the_status_says_when_the_guide_asks_again_and_when_it_no_longer_does() -> None:
    talk = at_question("change_wait")
    talk.types("/status")
    assert "We are waiting. I will ask again {moment}." in talk.heard
    top = talk.session.top
    assert top is not None
    tired = Talk(session=replace(talk.session, stack=(replace(top, reminders=2),)))
    tired.types("/status")
    assert "I am waiting to hear from you. When there is news, press the button below." in tired.heard
