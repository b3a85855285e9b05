"""Questions that wait for something outside, and the reminder that a certificate expires."""

from __future__ import annotations

from datetime import date

import pytest

from conversations.effects import RecordSubmission, Say, SetAlarm, Settle
from conversations.events import Elapsed
from tests.conversations.talk import MENU, MONDAY, TO_THE_CHECK, TO_THE_REVIEW, Talk, at_question, deep_talk, wib


@pytest.fixture
def deep() -> Talk:
    return deep_talk()


def waits_for_the_change() -> Talk:
    talk = at_question("change", {**TO_THE_CHECK, "check": "wrong"})
    talk.presses("sent")
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


def test_an_alarm_during_a_detour_does_not_disturb_it_and_comes_back(deep: Talk) -> None:
    where = deep.where
    deep.rings()
    assert (deep.heard, deep.where) == ([], where)
    assert deep.alarms == {"wait": wib("2026-11-25 08.00")}
    deep.presses("solved")
    deep.rings()
    assert deep.heard[-1] == "Good day. Do you have the signed Recommendation Letter now?"


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


# ----------------------------------------------------------------------------------------------- the expiry reminder


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
