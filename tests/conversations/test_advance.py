"""The finer points of a conversation, each as a short story of one person."""

from __future__ import annotations

from datetime import date

import pytest

from conversations.effects import ChooseLanguage, FindCertificate, FindComplaints, Revise, Say, Settle
from conversations.events import Elapsed, Left, Returned
from tests.conversations.talk import (
    GUIDE,
    MENU,
    MONDAY,
    TO_THE_CHECK,
    TO_THE_LETTER,
    TO_THE_REVIEW,
    Talk,
    at_question,
    at_state,
    buttons,
    deep_talk,
)

STALE = "That button belongs to an earlier question. This is where we are now:"


def started() -> Talk:
    talk = Talk()
    talk.types("/perbarui")
    return talk


# -------------------------------------------------------------------------------------------------------------- back


def test_back_drops_the_last_answer_and_leaves_no_ghost() -> None:
    talk = at_question("check", TO_THE_CHECK)
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
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
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
    talk = at_question("review", TO_THE_REVIEW)
    talk.presses("fix_expiry")
    assert talk.where == "renewal.expiry"
    talk.says("9 November 2026")
    assert talk.where == "renewal.review"
    assert talk.answers == {**TO_THE_REVIEW, "expiry": "2026-11-09"}


def test_the_last_answer_before_the_review_can_be_corrected() -> None:
    talk = at_question("review", TO_THE_REVIEW)
    talk.presses("fix_submitted")
    talk.says("19-11-2026")
    assert (talk.where, talk.answers["submitted"]) == ("renewal.review", "2026-11-19")


def test_a_correction_can_be_given_up() -> None:
    talk = at_question("review", TO_THE_REVIEW)
    talk.presses("fix_expiry")
    talk.presses("back")
    assert (talk.where, talk.answers) == ("renewal.review", TO_THE_REVIEW)


def test_a_refused_correction_is_asked_again_and_still_returns() -> None:
    talk = at_question("review", TO_THE_REVIEW)
    talk.presses("fix_submitted")
    talk.says("1 Januari 2030")
    assert talk.where == "renewal.submitted"
    talk.says("19-11-2026")
    assert talk.where == "renewal.review"


@pytest.mark.parametrize(("text", "state"), [("23 Desember 2026", "window"), ("23 Desember 2027", "later")])
def test_a_correction_that_opens_another_branch_goes_there_and_drops_what_no_longer_follows(
    text: str, state: str
) -> None:
    talk = at_question("review", TO_THE_REVIEW)
    talk.presses("fix_expiry")
    talk.says(text)
    assert talk.where == f"renewal.{state}"
    assert list(talk.answers) == ["ready", "notified", "expiry"]


def test_the_review_offers_to_correct_only_what_was_asked() -> None:
    asked_for_no_expiry = {name: value for name, value in TO_THE_REVIEW.items() if name not in {"expiry", "expired"}}
    talk = at_question("review", {**asked_for_no_expiry, "notified": "yes"})
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
    talk = at_question("change_wait", {**TO_THE_CHECK, "check": "wrong", "change": "sent"})
    button = talk.data("no")
    talk.presses("no")
    answers = talk.answers
    talk.presses_data(button)
    assert (talk.effects, talk.answers) == ([], answers)
    talk.presses_data(button)
    assert (talk.heard[0], talk.answers) == (STALE, answers)


@pytest.mark.parametrize("option", ["trouble", "back", "yes"])
def test_a_second_tap_says_nothing_new_wherever_the_first_has_led(option: str) -> None:
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
    button = talk.data(option)
    talk.presses(option)
    where = talk.where
    talk.presses_data(button)
    assert (talk.effects, talk.where) == ([], where)


@pytest.mark.parametrize("between", ["entahlah", "/lanjut", "/kembali"])
def test_a_button_is_stale_when_something_was_said_since(between: str) -> None:
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
    button = talk.data("yes")
    talk.presses("yes")
    (talk.types if between.startswith("/") else talk.says)(between)
    talk.presses_data(button)
    assert talk.heard[0] == STALE


def test_another_answer_to_the_question_before_is_stale() -> None:
    talk = at_question("notified", {"ready": "begin"})
    other = talk.data("no")
    talk.presses("yes")
    talk.presses_data(other)
    assert (talk.heard[0], talk.where) == (STALE, "renewal.login")


@pytest.mark.parametrize("data", ["renewal:login:7:yes", ""])
def test_a_stale_button_with_nothing_under_way_shows_the_menu(data: str) -> None:
    talk = Talk()
    talk.presses_data(data)
    assert talk.heard == [STALE, MENU]


def test_a_question_that_was_asked_again_accepts_its_older_buttons() -> None:
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
    button = talk.data("yes")
    talk.types("/lanjut")
    talk.presses_data(button)
    assert talk.where == "renewal.check"


# ---------------------------------------------------------------------------------------------- commands, at any depth


@pytest.fixture
def deep() -> Talk:
    return deep_talk()


def test_going_on_asks_the_question_on_top(deep: Talk) -> None:
    deep.types("/lanjut")
    assert deep.asked
    assert deep.where == "renewal.letter_wait > trouble.s_forgot_pass"


def test_cancelling_asks_first_and_then_forgets_everything(deep: Talk) -> None:
    where = deep.where
    deep.types("/batal")
    assert (deep.where, deep.heard) == (where, ["Shall I cancel the guide? Your answers so far will be deleted."])
    yes, no = [button.data for button in buttons(deep.effects[-1])]
    assert no == "/lanjut"
    deep.presses_data(yes)
    assert deep.session.stack == ()
    assert deep.alarms == {}
    assert deep.heard == [
        "The guide was cancelled and its answers are deleted. A request or a reminder that I noted before stays noted.",
        MENU,
    ]


def test_an_old_card_does_not_cancel_a_new_guide() -> None:
    talk = started()
    old = cancel_button(talk)
    talk.presses_data(old)
    talk.types("/perbarui")
    for data in (old, "/batal ya", "/batal ya 0"):
        talk.presses_data(data)
        assert (talk.where, talk.heard) == (
            "renewal.ready",
            ["Shall I cancel the guide? Your answers so far will be deleted."],
        )
    talk.presses_data(buttons(talk.effects[-1])[0].data)
    assert talk.where == ""


def cancel_button(talk: Talk) -> str:
    talk.types("/batal")
    return buttons(talk.effects[-1])[0].data


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
    talk.presses_data(cancel_button(talk))
    assert talk.where == ""
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
        "<b>Your renewal</b>",
        "You are at step {step} of {steps}: {name}.",
        "We are waiting. I will ask again {moment}.",
    ]


def test_the_status_without_a_renewal_looks_the_certificate_up() -> None:
    talk = Talk()
    talk.certificate = date(2028, 1, 8)
    talk.types("/status")
    assert talk.commands == [FindCertificate(), FindComplaints("mine", "status")]
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
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
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


def test_who_is_not_understood_outside_a_guide_is_offered_a_person_too() -> None:
    talk = Talk()
    heard, offered = [], []
    for _ in range(4):
        talk.says("entahlah")
        heard.append(talk.heard[0].split(".")[0])
        offered.append("Contact the office" in talk.labels)
    assert heard == [
        "Sorry, I did not understand that", "I can only read the answers on the buttons",
        *["It looks as if I am not being helpful here"] * 2,
    ]  # fmt: skip
    assert offered == [False, False, True, True]
    talk.types("/menu")
    talk.says("entahlah")
    assert talk.heard[0].startswith("Sorry")


def test_a_wrong_date_is_told_what_is_wrong_twice_and_then_offers_a_person() -> None:
    talk = at_question("expiry", {"ready": "begin", "notified": "no"})
    heard = []
    for text in ("entahlah", "31 Februari 2026", "besok entah kapan"):
        talk.says(text)
        heard.append(talk.heard[0])
    assert [text.split(".")[0] for text in heard] == [
        "I could not read that as a date", "I could not read that as a date",
        "It looks as if I am not being helpful here",
    ]  # fmt: skip


def test_an_answer_that_is_understood_makes_good_for_the_misses() -> None:
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
    talk.says("entahlah")
    talk.says("entahlah")
    talk.says("sudah", meant=talk.data("yes"))
    talk.says("entahlah")
    assert talk.heard[0] == "Sorry, I did not understand that. Please press one of the buttons below."


def test_what_cannot_be_read_does_not_touch_the_question() -> None:
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
    session = talk.session
    talk.shares("photo")
    assert talk.session == session
    assert talk.heard == ["I cannot look at pictures. Documents are uploaded in AMS, not here."]
    assert talk.labels == ["Go on with the guide"]


def test_a_typed_answer_leaves_its_question_readable_without_buttons() -> None:
    talk = at_question("expiry", {"ready": "begin", "notified": "no"})
    talk.says("10 November 2026")
    assert [type(effect) for effect in talk.effects] == [Say, Settle]
    assert talk.settled[0][-1] == "✅ {answer}"


def test_a_pressed_answer_changes_its_question_in_place_unless_it_carries_instructions() -> None:
    talk = at_question("notified", {"ready": "begin"})
    talk.presses("yes")
    assert [type(effect) for effect in talk.effects] == [Revise]
    talk.presses("yes")  # logged in: the question carries the address, and stays
    assert [type(effect) for effect in talk.effects] == [Say, Settle]


@pytest.mark.parametrize(("option", "asked"), [
    ("trouble", "I am sorry to hear that. What is it about?"),
    ("back", "Have you received the e-mail that says your certificate has <b>expired</b>?"),
])  # fmt: skip
def test_instructions_stay_readable_on_a_detour_and_on_the_way_back(option: str, asked: str) -> None:
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
    instructions = talk.heard
    talk.presses(option)
    assert [type(effect) for effect in talk.effects] == [Say, Settle]
    assert talk.heard[-1] == asked
    assert talk.settled == [instructions]


def test_a_question_without_instructions_changes_in_place_on_the_way_back() -> None:
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
    talk.presses("trouble")
    talk.presses("back")
    assert [type(effect) for effect in talk.effects] == [Revise]
