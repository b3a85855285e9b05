"""The finer points of a conversation, each as a short story of one person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from conversations.effects import ChooseLanguage, FindCertificate, RecordSubmission, Revise, Say, SetAlarm, Settle
from conversations.events import CertificateFound, Elapsed, Left, Recorded, Returned
from conversations.session import Answer, Frame, Session
from tests.conversations.talk import GUIDE, MONDAY, Talk, at_state, buttons, wib

STALE = "That button belongs to an earlier question. This is where we are now:"
IMPROVED = "The guide has been improved since. Your answers are kept."
MENU = "What can I do for you?"

TO_THE_CHECK = {"ready": "begin", "notified": "yes", "login": "yes"}
TO_THE_LETTER = {**TO_THE_CHECK, "check": "right"}
TO_THE_REVIEW = {
    "ready": "begin", "notified": "no", "expiry": "2026-11-10", "expired": "go", "login": "yes", "check": "right",
    "letter": "yes", "upload": "yes", "submitted": "2026-11-20",
}  # fmt: skip


def started() -> Talk:
    talk = Talk()
    talk.types("/perbarui")
    return talk


def at(state: str, answers: dict[str, str] | None = None) -> Talk:
    """Siti stands at a state of the renewal."""
    talk = Talk(session=at_state("renewal", state, **(answers or {})))
    talk.types("/lanjut")
    return talk


# -------------------------------------------------------------------------------------------------------------- back


def test_back_drops_the_last_answer_and_leaves_no_ghost() -> None:
    talk = at("check", TO_THE_CHECK)
    talk.presses("wrong")
    talk.presses("sent")
    assert talk.answers == {**TO_THE_CHECK, "check": "wrong", "change": "sent"}
    talk.presses("back")
    talk.presses("back")
    assert (talk.where, talk.answers) == ("renewal.check", TO_THE_CHECK)
    talk.presses("right")
    assert talk.answers == TO_THE_LETTER


def test_back_at_the_first_question_says_so_and_offers_no_button_for_it() -> None:
    talk = started()
    assert talk.labels == ["Begin"]
    talk.types("/kembali")
    assert talk.heard[0] == "This is the first question, there is nothing before it."
    assert talk.where == "renewal.ready"


def test_back_with_nothing_under_way_shows_the_menu() -> None:
    talk = Talk()
    talk.types("/kembali")
    assert talk.heard == [MENU]


def test_back_in_a_detour_goes_question_by_question_and_then_to_where_it_was_entered() -> None:
    talk = at("login", {"ready": "begin", "notified": "yes"})
    talk.presses("trouble")
    talk.presses("signin")
    assert talk.where == "renewal.login > trouble.g_signin"
    talk.types("/kembali")
    assert talk.where == "renewal.login > trouble.start"
    talk.presses("back")
    assert talk.where == "renewal.login"
    assert talk.answers == {"ready": "begin", "notified": "yes"}


def test_what_a_command_found_is_no_question_to_go_back_to() -> None:
    talk = Talk()
    talk.certificate = date(2026, 12, 20)
    talk.happens(Elapsed(MONDAY, "expiry"))
    assert (talk.where, talk.answers) == ("reminder.expiring", {"find": "2026-12-20"})
    talk.types("/kembali")
    assert talk.where == "reminder.expiring"
    assert talk.answers == {"find": "2026-12-20"}


# -------------------------------------------------------------------------------------------------------- correction


def test_a_correction_returns_to_the_review_with_all_other_answers() -> None:
    talk = at("review", TO_THE_REVIEW)
    talk.presses("fix_expiry")
    assert talk.where == "renewal.expiry"
    talk.says("9 November 2026")
    assert talk.where == "renewal.review"
    assert talk.answers == {**TO_THE_REVIEW, "expiry": "2026-11-09"}


def test_the_last_answer_before_the_review_can_be_corrected() -> None:
    talk = at("review", TO_THE_REVIEW)
    talk.presses("fix_submitted")
    talk.says("19-11-2026")
    assert (talk.where, talk.answers["submitted"]) == ("renewal.review", "2026-11-19")


def test_a_correction_can_be_given_up() -> None:
    talk = at("review", TO_THE_REVIEW)
    talk.presses("fix_expiry")
    talk.presses("back")
    assert (talk.where, talk.answers) == ("renewal.review", TO_THE_REVIEW)


def test_a_refused_correction_is_asked_again_and_still_returns() -> None:
    talk = at("review", TO_THE_REVIEW)
    talk.presses("fix_submitted")
    talk.says("1 Januari 2030")
    assert talk.where == "renewal.submitted"
    talk.says("19-11-2026")
    assert talk.where == "renewal.review"


@pytest.mark.parametrize(("text", "state"), [("23 Desember 2026", "window"), ("23 Desember 2027", "later")])
def test_a_correction_that_opens_another_branch_goes_there_and_drops_what_no_longer_follows(
    text: str, state: str
) -> None:
    talk = at("review", TO_THE_REVIEW)
    talk.presses("fix_expiry")
    talk.says(text)
    assert talk.where == f"renewal.{state}"
    assert list(talk.answers) == ["ready", "notified", "expiry"]


def test_the_review_offers_to_correct_only_what_was_asked() -> None:
    asked_for_no_expiry = {name: value for name, value in TO_THE_REVIEW.items() if name not in {"expiry", "expired"}}
    talk = at("review", {**asked_for_no_expiry, "notified": "yes"})
    assert [button.data.split(":")[-1] for button in GUIDE.offers(talk.session, talk.at)] == [
        "yes", "fix_submitted", "back",
    ]  # fmt: skip


# ----------------------------------------------------------------------------------------------------- stale buttons


def test_a_stale_button_is_answered_with_the_present_question_in_a_new_message() -> None:
    talk = started()
    old = talk.data("begin")
    talk.presses("begin")
    talk.presses("yes")
    talk.presses_data(old)
    assert (talk.where, talk.heard[0]) == ("renewal.login", STALE)
    assert [type(effect) for effect in talk.effects] == [Say]


def test_a_button_pressed_twice_answers_once() -> None:
    talk = at("change_wait", {**TO_THE_CHECK, "check": "wrong", "change": "sent"})
    button = talk.data("no")
    talk.presses("no")
    answers = talk.answers
    talk.presses_data(button)
    assert (talk.heard[0], talk.answers) == (STALE, answers)


def test_a_stale_button_with_nothing_under_way_shows_the_menu() -> None:
    talk = Talk()
    talk.presses_data("renewal:login:7:yes")
    assert talk.heard == [STALE, MENU]


def test_a_question_that_was_asked_again_accepts_its_older_buttons() -> None:
    talk = at("login", {"ready": "begin", "notified": "yes"})
    button = talk.data("yes")
    talk.types("/lanjut")
    talk.presses_data(button)
    assert talk.where == "renewal.check"


# ---------------------------------------------------------------------------------------------- commands, at any depth


@pytest.fixture
def deep() -> Talk:
    """Siti waits for the letter, and looks for help with her passphrase meanwhile."""
    talk = at("letter", TO_THE_LETTER)
    talk.presses("no")
    talk.types("/kendala")
    talk.presses("passphrase")
    talk.presses("forgot_pass")
    assert talk.where == "renewal.letter_wait > trouble.s_forgot_pass"
    return talk


def test_going_on_asks_the_question_on_top(deep: Talk) -> None:
    deep.types("/lanjut")
    assert deep.asked
    assert deep.where == "renewal.letter_wait > trouble.s_forgot_pass"


def test_cancelling_asks_first_and_then_forgets_everything(deep: Talk) -> None:
    where = deep.where
    deep.types("/batal")
    assert (deep.where, deep.heard) == (where, ["Shall I cancel the guide? Your answers so far will be deleted."])
    assert [button.data for button in buttons(deep.effects[-1])] == ["/batal ya", "/lanjut"]
    deep.presses_data("/batal ya")
    assert deep.session.stack == ()
    assert deep.alarms == {}
    assert deep.heard == ["The guide was cancelled and its answers are deleted.", MENU]


def test_cancelling_can_be_thought_over(deep: Talk) -> None:
    where, alarms = deep.where, dict(deep.alarms)
    deep.types("/batal")
    deep.presses_data("/lanjut")
    assert (deep.where, deep.alarms, deep.asked) == (where, alarms, True)


def test_nothing_is_cancelled_when_nothing_is_under_way() -> None:
    talk = Talk()
    talk.types("/batal ya")
    assert talk.heard == ["There is nothing to cancel.", MENU]


def test_a_reminder_that_was_wished_for_outlives_the_guide() -> None:
    talk = Talk(session=at_state("renewal", "later", expiry="2027-12-23"))
    talk.presses("yes")
    talk.types("/perbarui")
    talk.types("/batal ya")
    assert list(talk.alarms) == ["expiry"]


def test_the_language_changes_without_losing_the_question(deep: Talk) -> None:
    where, turn = deep.where, deep.session.turn
    deep.types("/bahasa en")
    assert deep.effects[0] == ChooseLanguage("en")
    assert deep.heard[0] == "From now on I write in English."
    assert (deep.where, deep.session.turn, deep.asked) == (where, turn, True)


def test_an_unknown_language_is_offered_the_known_ones(deep: Talk) -> None:
    deep.types("/bahasa jv")
    assert deep.heard == ["Which language would you like to read?"]
    assert [button.data for button in buttons(deep.effects[-1])] == ["/bahasa id", "/bahasa en", "/lanjut"]


def test_help_answers_and_returns_to_the_same_question_once(deep: Talk) -> None:
    where, turn = deep.where, deep.session.turn
    deep.types("/bantuan")
    assert [type(effect) for effect in deep.effects] == [Say]
    assert deep.heard[0].startswith("I ask one question at a time")
    assert (deep.where, deep.session.turn, deep.asked) == (where, turn, True)
    deep.presses("solved")
    assert deep.where == "renewal.letter_wait"


def test_the_status_is_that_of_the_renewal_even_below_a_detour(deep: Talk) -> None:
    deep.types("/status")
    assert deep.heard == [
        "<b>Your renewal</b>", "You are at step {step} of {steps}.", "We are waiting; I will ask again by myself.",
    ]  # fmt: skip


def test_the_status_without_a_renewal_looks_the_certificate_up() -> None:
    talk = Talk()
    talk.certificate = date(2028, 1, 8)
    talk.types("/status")
    assert talk.commands == [FindCertificate()]
    assert talk.heard == ["No renewal is under way. Your certificate is valid until {day}."]


def test_beginning_again_takes_the_renewal_up_where_it_stands(deep: Talk) -> None:
    deep.types("/perbarui")
    assert deep.where == "renewal.letter_wait"
    assert list(deep.alarms) == ["wait"]


def test_the_same_trouble_is_taken_up_where_it_stands(deep: Talk) -> None:
    where = deep.where
    deep.types("/kendala")
    assert deep.where == where


def test_contacts_leave_the_question_where_it_is(deep: Talk) -> None:
    deep.presses_data("/kontak")
    assert [type(effect) for effect in deep.effects] == [Say]
    assert not deep.asked


def test_blocking_and_returning_say_nothing(deep: Talk) -> None:
    session = deep.session
    for event in (Left(MONDAY), Returned(MONDAY)):
        deep.happens(event)
        assert (deep.session, deep.effects) == (session, [])


# ------------------------------------------------------------------------------------------------------ not understood


def test_the_first_two_misses_differ_and_the_third_offers_a_person() -> None:
    talk = at("login", {"ready": "begin", "notified": "yes"})
    heard, labels = [], []
    for _ in range(4):
        talk.says("entahlah")
        heard.append(talk.heard[0])
        labels.append(talk.labels[-1])
    assert heard[0] == "Sorry, I did not understand that. Please press one of the buttons below."
    assert heard[1].startswith("I can only read the answers on the buttons.")
    assert heard[2] == heard[3]
    assert heard[2].startswith("It looks as if I am not being helpful here.")
    assert labels == ["‹ Back", "‹ Back", "Contact the office", "Contact the office"]


def test_a_wrong_date_is_told_what_is_wrong_twice_and_then_offers_a_person() -> None:
    talk = at("expiry", {"ready": "begin", "notified": "no"})
    heard = []
    for text in ("entahlah", "31 Februari 2026", "besok entah kapan"):
        talk.says(text)
        heard.append(talk.heard[0])
    assert [text.split(".")[0] for text in heard] == [
        "I could not read that as a date", "I could not read that as a date",
        "It looks as if I am not being helpful here",
    ]  # fmt: skip


def test_an_answer_that_is_understood_makes_good_for_the_misses() -> None:
    talk = at("login", {"ready": "begin", "notified": "yes"})
    talk.says("entahlah")
    talk.says("entahlah")
    talk.says("sudah", meant=talk.data("yes"))
    talk.says("entahlah")
    assert talk.heard[0] == "Sorry, I did not understand that. Please press one of the buttons below."


def test_what_cannot_be_read_does_not_touch_the_question() -> None:
    talk = at("login", {"ready": "begin", "notified": "yes"})
    session = talk.session
    talk.shares("photo")
    assert talk.session == session
    assert talk.heard == ["I cannot look at pictures. Documents are uploaded in AMS, not here."]
    assert talk.labels == ["Go on with the guide"]


def test_a_typed_answer_leaves_its_question_readable_without_buttons() -> None:
    talk = at("expiry", {"ready": "begin", "notified": "no"})
    talk.says("10 November 2026")
    assert [type(effect) for effect in talk.effects] == [Say, Settle]
    assert talk.settled[0][-1] == "✅ {answer}"


def test_a_pressed_answer_changes_its_question_in_place_unless_it_carries_instructions() -> None:
    talk = at("notified", {"ready": "begin"})
    talk.presses("yes")
    assert [type(effect) for effect in talk.effects] == [Revise]
    talk.presses("yes")  # logged in: the question carries the address, and stays
    assert [type(effect) for effect in talk.effects] == [Say, Settle]


# ------------------------------------------------------------------------------------------------------------- waiting


def waits_for_the_change() -> Talk:
    talk = at("change", {**TO_THE_CHECK, "check": "wrong"})
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
    talk = at("review", TO_THE_REVIEW)
    talk.presses("yes")
    assert talk.commands == [RecordSubmission(wib("2026-11-20 08.00"), wib("2026-11-23 16.00"))]
    assert (talk.where, talk.alarms) == ("renewal.issued", {"wait": wib("2026-11-23 16.00")})
    talk.rings()
    assert talk.asked
    talk.presses("no")
    assert talk.where == "renewal.late"


def test_not_yet_before_the_deadline_asks_for_patience() -> None:
    talk = at("review", TO_THE_REVIEW)
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
    for talk in (Talk(), at("login")):
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
    talk = reminded(at("login", {"ready": "begin", "notified": "yes"}))
    assert talk.where == "renewal.login > reminder.expiring"
    talk.presses("ams")
    assert talk.where == "renewal.login"


def test_the_reminder_goes_on_with_a_renewal_that_is_under_way() -> None:
    talk = reminded(at("login", {"ready": "begin", "notified": "yes"}))
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


# ------------------------------------------------------------------------------------- sessions of older versions


def older(state: str, answers: dict[str, str], *, flow: str = "renewal") -> Session:
    trail = tuple(Answer(name, value) for name, value in answers.items())
    return Session(40, (Frame(flow, 0, state, trail),))


def test_an_older_version_is_resumed_at_its_question_with_the_answers_kept() -> None:
    talk = Talk(session=older("review", TO_THE_REVIEW))
    talk.types("/lanjut")
    assert talk.heard[0] == IMPROVED
    assert (talk.where, talk.answers) == ("renewal.review", TO_THE_REVIEW)
    talk.types("/lanjut")
    assert IMPROVED not in talk.heard


def test_a_state_that_there_is_no_more_resumes_at_the_first_question_without_an_answer() -> None:
    answers = {**TO_THE_LETTER, "letter": "yes", "gone": "yes"}
    talk = Talk(session=older("gone", answers))
    talk.says("???")
    assert (talk.where, talk.answers) == ("renewal.upload", {**TO_THE_LETTER, "letter": "yes"})


def test_an_answer_that_there_is_no_more_is_asked_again() -> None:
    talk = Talk(session=older("review", {**TO_THE_REVIEW, "check": "perhaps"}))
    talk.types("/lanjut")
    assert (talk.where, list(talk.answers)) == ("renewal.check", ["ready", "notified", "expiry", "expired", "login"])


def test_a_button_of_an_older_version_still_answers_its_question() -> None:
    talk = Talk(session=older("login", {"ready": "begin", "notified": "yes"}))
    talk.presses_data(talk.data("yes"))
    assert talk.where == "renewal.check"


def test_a_flow_that_there_is_no_more_is_dropped_with_what_lay_above_it() -> None:
    known = at_state("renewal", "login").stack[0]
    unknown = Frame("survey", 1, "first")
    talk = Talk(session=Session(9, (known, unknown, replace(known, flow="trouble", state="start"))))
    talk.types("/lanjut")
    assert (talk.where, talk.heard[0]) == ("renewal.login", IMPROVED)
    alone = Talk(session=Session(9, (unknown,)))
    alone.types("/lanjut")
    assert (alone.where, alone.heard[-1]) == ("", MENU)


def test_a_command_that_was_never_answered_is_given_again() -> None:
    session = at_state("renewal", "record", **TO_THE_REVIEW)
    for ask in ("/lanjut", "/bantuan", "/bahasa id"):
        talk = Talk(session=session)
        talk.types(ask)
        assert any(isinstance(command, RecordSubmission) for command in talk.commands)
        assert talk.where == "renewal.issued"


def test_an_answer_that_nobody_waits_for_moves_nothing() -> None:
    talk = at("login", {"ready": "begin", "notified": "yes"})
    session = talk.session
    talk.happens(Recorded(MONDAY))
    assert (talk.session, talk.effects) == (session, [])
    talk.happens(CertificateFound(MONDAY, date(2028, 1, 8)))
    assert talk.session == session
