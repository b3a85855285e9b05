"""The registration: Siti agrees, says who she is, and proves that the official address is hers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from conversations.effects import BeginProof, CheckCode, Say
from conversations.events import Said
from conversations.facts import Facts
from conversations.flow import Ask
from conversations.identity import SixDigits
from conversations.people import Details
from conversations.screen import fill
from conversations.session import Answer, Frame, Session, dump
from conversations.text import period
from tests.conversations.laws import TYPED
from tests.conversations.talk import CODE, GUIDE, MONDAY, Talk, at_state

FLOW = GUIDE.flows["register"]
NIP, EMAIL = "199003172014032005", "siti@pekalongankota.go.id"
DETAILS = Details("Siti Aminah", "Dinas Komunikasi dan Informatika", EMAIL, NIP)
TOLD = {"nip": NIP, "name": DETAILS.name, "workplace": DETAILS.unit, "email": EMAIL}


def registering() -> Talk:
    talk = Talk(session=at_state("register", "consent"))
    talk.types("/lanjut")
    return talk


def told() -> Talk:
    """Siti stands at the review."""
    talk = registering()
    talk.presses("agree")
    for state in ("nip", "name", "workplace", "email"):
        talk.says(TYPED[state])
    assert talk.where == "register.review"
    return talk


def mailed() -> Talk:
    talk = told()
    talk.presses("send")
    assert talk.where == "register.code"
    return talk


def last_word(talk: Talk) -> str:
    """What the end of a flow said, before what comes after it."""
    return talk.heard[0]


# ----------------------------------------------------------------------------------------------------------- consent


def test_the_notice_says_what_what_for_how_long_and_who_before_anything_is_asked() -> None:
    talk = registering()
    assert talk.labels == ["I agree", "Read more", "No, thank you"]
    (notice,) = (part for effect in talk.effects if isinstance(effect, Say) for part in effect.parts)
    assert notice.values["person_period"] == period(1095)  # type: ignore[union-attr] # a question is a Text
    assert len(notice.values["consent"]) == 3  # type: ignore[union-attr, arg-type] # lines


@pytest.mark.parametrize("typed", ["ya", "setuju", NIP, "Siti Aminah", MONDAY.isoformat()])
def test_nothing_but_the_button_agrees(typed: str) -> None:
    talk = registering()
    talk.says(typed)
    assert talk.where == "register.consent"
    assert talk.answers == {}


def test_more_is_read_and_the_question_comes_again() -> None:
    talk = registering()
    talk.presses("more")
    assert talk.where == "register.more"
    talk.presses("ok")
    assert (talk.where, talk.answers) == ("register.consent", {})


def test_without_consent_nothing_is_kept() -> None:
    talk = registering()
    talk.presses("no")
    assert (talk.where, talk.commands) == ("", [])
    assert talk.session.stack == ()


@pytest.mark.parametrize("typed", [1, 2, 3, 4])
def test_a_registration_that_is_cancelled_keeps_nothing(typed: int) -> None:
    talk = registering()
    talk.presses("agree")
    for state in ("nip", "name", "workplace", "email")[:typed]:
        talk.says(TYPED[state])
    talk.types("/batal")
    talk.types(f"/batal ya {talk.session.turn}")
    assert (talk.session.stack, talk.commands) == ((), [])
    assert not [value for value in TOLD.values() if value in dump(talk.session)]


# ------------------------------------------------------------------------------------------------ who, and the review


def test_the_details_and_the_moment_of_the_consent_go_into_the_proof() -> None:
    talk = registering()
    talk.presses("agree")
    talk.waits(hours=3)
    for state in ("nip", "name", "workplace", "email"):
        talk.says(TYPED[state])
    talk.presses("send")
    assert talk.commands == [BeginProof(DETAILS, MONDAY)]


def test_who_has_no_nip_is_known_by_the_address() -> None:
    talk = registering()
    talk.presses("agree")
    talk.presses("none")
    for state in ("name", "workplace", "email"):
        talk.says(TYPED[state])
    talk.presses("send")
    assert talk.commands == [BeginProof(replace(DETAILS, nip=""), MONDAY)]


@pytest.mark.parametrize(("item", "typed", "kept"), [
    ("nip", "19850101 201021 1 001", "198501012010"), ("nip", "19850101 201901 1 001", "198501012019011001"),
    ("name", "Siti Nur Aminah", "Siti Nur Aminah"), ("workplace", "Dinkes", "Dinas Kesehatan"),
    ("email", "SITI.A@pekalongankota.go.id", "siti.a@pekalongankota.go.id"),
])  # fmt: skip
def test_each_answer_can_be_corrected_in_the_review(item: str, typed: str, kept: str) -> None:
    talk = told()
    talk.presses(f"fix_{item}")
    talk.says(typed)
    if kept != "198501012010":
        assert (talk.where, talk.answers) == ("register.review", {"consent": MONDAY.isoformat(), **TOLD, item: kept})
    else:
        assert talk.where == "register.nip", "an NIP that makes no sense is asked again"


def test_an_nip_can_be_taken_back_in_the_review_and_given_again() -> None:
    talk = told()
    talk.presses("fix_nip")
    talk.presses("none")
    assert (talk.where, talk.answers["nip"]) == ("register.review", "none")
    talk.presses("fix_nip")
    talk.says(NIP)
    assert (talk.where, talk.answers["nip"]) == ("register.review", NIP)


# --------------------------------------------------------------------------------------------------- the list of units


def test_a_unit_is_chosen_from_what_was_found() -> None:
    talk = Talk(session=at_state("register", "workplace"))
    talk.says("kuripan")
    assert talk.heard[0].startswith("Several places")
    assert talk.labels[:2] == ["Kelurahan Kuripan Kertoharjo", "Kelurahan Kuripan Yosorejo"]
    talk.presses_data(talk.data(number_of("Kelurahan Kuripan Yosorejo")))
    assert (talk.where, talk.answers) == ("register.email", {"workplace": "Kelurahan Kuripan Yosorejo"})


def test_a_unit_is_chosen_from_pages() -> None:
    talk = Talk(session=at_state("register", "workplace"))
    talk.types("/lanjut")
    assert talk.labels[0] == "Choose from a list"
    talk.presses("pa")
    talk.presses("p1")
    assert talk.labels[-3:] == ["‹ Previous", "Next ›", "‹ Back"]
    talk.presses("u7")
    assert talk.answers == {"workplace": GUIDE.book.service.places[7].name}


def test_a_unit_that_is_not_in_the_list_is_kept_as_it_was_typed() -> None:
    talk = Talk(session=at_state("register", "workplace"))
    talk.says("Bagian Hukum")
    assert talk.heard[0].startswith("I do not know that place.")
    talk.presses("typed")
    assert talk.answers == {"workplace": "Bagian Hukum"}


def test_the_list_is_closed_and_narrowed_again() -> None:
    talk = Talk(session=at_state("register", "workplace"))
    talk.says("kelurahan")
    talk.presses("px")
    assert talk.labels[0] == "Choose from a list"
    talk.says("kelurahan")
    talk.says("kuripan")
    assert talk.labels[:2] == ["Kelurahan Kuripan Kertoharjo", "Kelurahan Kuripan Yosorejo"]
    talk.says("kauman")
    assert talk.answers == {"workplace": "Kelurahan Kauman"}


def test_a_word_that_names_a_button_presses_it_unless_it_names_a_place() -> None:
    talk = Talk(session=at_state("register", "workplace"))
    talk.says("kembali", meant="/menu")
    assert talk.where == "register.workplace"
    assert not talk.asked
    talk.says("kauman", meant="/menu")
    assert talk.answers["workplace"] == "Kelurahan Kauman"


def number_of(name: str) -> str:
    return f"u{[place.name for place in GUIDE.book.service.places].index(name)}"


# --------------------------------------------------------------------------------------------------------- the proof


def test_the_mail_is_announced_with_a_mask_and_until_when() -> None:
    talk = mailed()
    (question,) = (part for effect in talk.effects if isinstance(effect, Say) for part in effect.parts)
    assert question.values == {  # type: ignore[union-attr] # a question is a Text
        "masked_email": "si***@pekalongankota.go.id", "proof_until": MONDAY + timedelta(minutes=30),
    }  # fmt: skip
    talk.waits(minutes=10)
    talk.types("/lanjut")
    facts = Facts(GUIDE.book, talk.at, FLOW, talk.session.top)
    assert fill("{proof_until}", facts).values["proof_until"] == MONDAY + timedelta(minutes=30)


def test_the_right_code_registers_and_leaves_nothing_in_the_session() -> None:
    talk = mailed()
    talk.says(f" {CODE[:3]} {CODE[3:]} ")
    assert talk.commands[-1] == CheckCode(CODE)
    assert (talk.where, talk.session.stack) == ("", ())
    assert last_word(talk).startswith("Thank you, you are registered.")
    assert not [value for value in (*TOLD.values(), CODE) if value in dump(talk.session)]


def test_a_code_is_not_shown_again() -> None:
    talk = mailed()
    talk.says("999999")
    assert "999999" not in repr([effect for effect in talk.effects if not isinstance(effect, CheckCode)])


def test_a_wrong_code_says_how_many_tries_are_left_until_it_is_spent() -> None:
    talk = mailed()
    for left in (4, 3, 2, 1):
        talk.says("999999")
        assert (talk.where, talk.answers["check"]) == ("register.code_wrong", str(left))
        assert fill("{tries_left}", Facts(GUIDE.book, MONDAY, FLOW, talk.session.top)).values == {
            "tries_left": str(left)
        }
    talk.says("999999")
    assert talk.where == "register.spent"
    talk.presses("stop")
    assert talk.session.stack == ()


def test_the_right_code_still_registers_after_a_wrong_one() -> None:
    talk = mailed()
    talk.says("999999")
    talk.says("888888")
    talk.says(CODE)
    assert [command.code for command in talk.commands if isinstance(command, CheckCode)] == ["999999", "888888", CODE]
    assert last_word(talk).startswith("Thank you")


def test_what_is_no_code_costs_no_try() -> None:
    talk = mailed()
    talk.says("12345")
    assert talk.where == "register.code"
    assert not [command for command in talk.commands if isinstance(command, CheckCode)]


def test_a_new_mail_can_be_asked_for_as_often_as_one_likes_and_nothing_grows() -> None:
    talk = mailed()
    first = talk.session.stack[0].trail
    for option, typed in (("again", "999999"), ("again", "888888"), ("again", "777777")):
        talk.presses(option)
        assert talk.where == "register.code"
        assert len(talk.session.stack[0].trail) <= len(first) + 1
        talk.says(typed)
        names = [answer.state for answer in talk.session.stack[0].trail]
        assert len(set(names)) == len(names)
        assert len(names) <= len(first) + 2
    assert len([command for command in talk.commands if isinstance(command, BeginProof)]) == 4


def test_the_address_can_be_corrected_after_the_mail() -> None:
    talk = mailed()
    talk.presses("address")
    assert talk.where == "register.email"
    talk.says("siti.aminah@pekalongankota.go.id")
    assert talk.where == "register.review"
    talk.presses("send")
    assert talk.commands[-1] == BeginProof(replace(DETAILS, email="siti.aminah@pekalongankota.go.id"), MONDAY)


def test_back_from_the_code_leads_to_the_review() -> None:
    talk = mailed()
    talk.presses("back")
    assert (talk.where, talk.answers) == ("register.review", {"consent": MONDAY.isoformat(), **TOLD})


@pytest.mark.parametrize(
    ("mail", "word"), [("off", "no e-mail can be sent"), ("too_many", "only a few e-mails an hour")]
)
def test_what_keeps_the_mail_from_leaving_is_said(mail: str, word: str) -> None:
    talk = told()
    talk.mail = mail
    talk.presses("send")
    assert word in last_word(talk)
    assert talk.session.stack == ()


def test_an_nip_of_another_address_changes_nothing_and_says_so() -> None:
    talk = mailed()
    talk.claimed = True
    talk.says(CODE)
    assert "this NIP is registered with another address" in last_word(talk)
    assert talk.session.stack == ()


# ---------------------------------------------------------------------------------------- beside the questions


def test_six_digits_are_expected_at_the_code_alone() -> None:
    for flow in GUIDE.flows.values():
        for state in flow.states:
            expected = isinstance(state, Ask) and isinstance(state.accept, SixDigits)
            assert GUIDE.expects_code(at_state(flow.name, state.name)) is expected
    assert GUIDE.expects_code(mailed().session)
    for session in (Session(), Session(1, (Frame("gone", 1, "code"),)), Session(1, (Frame("register", 1, "gone"),))):
        assert not GUIDE.expects_code(session)


def test_a_registration_of_an_older_version_begins_with_the_consent_again() -> None:
    trail = (Answer("consent", MONDAY.isoformat()), *(Answer(state, value) for state, value in TOLD.items()))
    talk = Talk(session=Session(7, (Frame("register", 0, "code", trail),)))
    talk.happens(Said(MONDAY, CODE))
    assert (talk.where, talk.answers, talk.commands) == ("register.consent", {}, [])
