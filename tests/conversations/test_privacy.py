"""What a person can do with what is kept of them: see it, take it along, correct it, take it back, have it erased."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversations import privacy
from conversations.complaint import Status
from conversations.effects import Erase, FindAccount, FindComplaints, Say, SendCopy, Withdraw
from conversations.events import AccountFound, ProofChecked
from conversations.people import NOTHING, Role, Standing, Stored
from conversations.session import Session
from conversations.text import Text
from tests.conversations.cases import filed
from tests.conversations.laws import check_message
from tests.conversations.office import SITI, STORED
from tests.conversations.talk import GUIDE, MONDAY, Talk, at_question, buttons

REGISTERED = Standing(registered=True)


def registered() -> Talk:
    talk = Talk(standing=REGISTERED)
    talk.office.account = SITI
    return talk


def data(talk: Talk) -> list[str]:
    return [button.data for button in buttons(talk.last)]


# -------------------------------------------------------------------------------------------------------- registration


def test_who_is_not_registered_begins_the_registration() -> None:
    talk = Talk()
    talk.types("/daftar")
    assert (talk.where, talk.commands) == ("register.consent", [])


def test_who_is_registered_sees_it_and_can_correct_it() -> None:
    talk = registered()
    talk.types("/daftar")
    assert talk.commands == [FindAccount("daftar")]
    assert "199003172014032005" not in repr(talk.effects)
    assert data(talk) == ["/daftar ulang", "/privasi", "/menu"]
    talk.presses_data("/daftar ulang")
    assert talk.where == "register.consent"


def test_a_registration_that_has_just_ended_begins_anew() -> None:
    talk = Talk(standing=REGISTERED)
    talk.types("/daftar")
    assert talk.where == "register.consent"


@pytest.mark.parametrize(("nip", "shown"), [
    ("199003172014032005", "1990•••••••••••005"), ("123", "•••"), ("", ""),
])  # fmt: skip
def test_an_nip_is_shown_masked(nip: str, shown: str) -> None:
    assert privacy.masked(nip) == shown


def test_the_guide_is_still_there_after_the_registration() -> None:
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
    talk.types("/daftar")
    talk.presses("no")
    assert talk.where == "renewal.login"


# ------------------------------------------------------------------------------------------------------------- my data


def test_my_data_says_what_since_when_how_long_and_who() -> None:
    talk = registered()
    talk.types("/privasi")
    assert data(talk) == ["/privasi salinan", "/daftar ulang", "/privasi cabut", "/privasi hapus", "/menu"]
    assert [text.split("\n")[0] for text in talk.heard] == [
        "<b>My data</b>", "I keep about you:", "Since: {moment}", "How long:", talk.heard[-1],
    ]  # fmt: skip
    kept = repr(talk.last.parts[1])
    assert "the day on which the certificate expires" in kept
    assert "a registration that waits for its code" not in kept, "of which nothing is kept"


def test_my_data_without_a_registration_offers_one() -> None:
    talk = Talk()
    talk.types("/privasi")
    assert data(talk) == ["/privasi salinan", "/daftar", "/privasi hapus", "/menu"]


@pytest.mark.parametrize("stored", [NOTHING, STORED, Stored((("a_new_table", 3),), MONDAY), Stored((("people", 0),))])
def test_whatever_is_kept_can_be_said(stored: Stored) -> None:
    step = GUIDE.advance(Session(), AccountFound(MONDAY, None, stored, "privasi"))
    (card,) = step.effects
    assert isinstance(card, Say)
    check_message(card)


def test_a_copy_follows_the_word_of_it() -> None:
    talk = registered()
    talk.types("/privasi")
    talk.presses_data("/privasi salinan")
    assert [type(effect) for effect in talk.effects] == [Say, SendCopy]
    assert isinstance(talk.effects[1], SendCopy)
    assert isinstance(talk.effects[1].caption, Text)


# ----------------------------------------------------------------------------------------------- withdrawal and erasure


def test_consent_is_taken_back_after_a_question() -> None:
    talk = registered()
    talk.presses_data("/privasi cabut")
    assert talk.commands == []
    talk.presses_data(data(talk)[0])
    assert talk.commands == [Withdraw()]
    assert talk.office.account is None


def test_who_is_not_registered_has_nothing_to_take_back() -> None:
    talk = Talk()
    for command in ("/privasi cabut", "/privasi cabut ya 0"):
        talk.types(command)
        assert talk.commands == []
        assert talk.heard == ["You are not registered, so there is nothing to end."]


def test_erasure_says_what_goes_and_what_stays_first() -> None:
    talk = registered()
    talk.presses_data("/privasi hapus")
    assert talk.commands == [FindComplaints("mine", "hapus")]
    assert "Stays:" in talk.heard[0]
    assert data(talk)[1] == "/privasi"
    talk.presses_data(data(talk)[0])
    assert talk.commands[-1] == Erase()
    (last,) = [effect for effect in talk.effects if isinstance(effect, Say)]
    assert last.keyboard == ()


def test_who_erases_is_told_first_which_complaints_are_withdrawn_by_it() -> None:
    talk = registered()
    talk.office.complaints = {
        one.number: one
        for one in (
            replace(filed(), number="ADU-2026-00001"),
            replace(filed(), number="ADU-2026-00002", status=Status.SOLVED),
            replace(filed(), number="ADU-2026-00003", status=Status.ANSWERED),
        )
    }
    talk.types("/privasi hapus")
    warned = talk.last.parts[0]
    assert isinstance(warned, Text)
    assert warned.msgid.startswith("Your open complaints are withdrawn")
    assert warned.values == {"numbers": "ADU-2026-00001, ADU-2026-00003"}


def test_after_erasure_nothing_of_the_guide_is_left() -> None:
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
    turn = talk.session.turn
    talk.types("/privasi hapus")
    talk.presses_data(data(talk)[0])
    assert talk.session == Session(turn)
    assert [type(effect) for effect in talk.effects] == [Erase, Say]


@pytest.mark.parametrize("command", ["/privasi hapus", "/privasi cabut"])
@pytest.mark.parametrize("word", ["", " ya", " ya 99", " ya 0", " 8", " tidak"])
def test_an_old_or_a_forged_button_erases_nothing(command: str, word: str) -> None:
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
    talk.standing = REGISTERED
    talk.types(command + word)
    assert {type(each) for each in talk.commands} <= {FindComplaints}


def test_staff_have_to_lose_the_role_first() -> None:
    talk = Talk(standing=Standing(frozenset({Role.OFFICER})))
    talk.office.has_role = True
    talk.types("/privasi hapus")
    session = talk.session
    talk.presses_data(data(talk)[0])
    assert talk.heard[0].startswith("You have a role in this service")
    assert talk.session == session


# ------------------------------------------------------------------------------------------------------ told to others


def test_who_loses_the_account_to_another_phone_is_told() -> None:
    step = GUIDE.advance(Session(), ProofChecked(MONDAY, "proved", signed_out="the old phone"))
    (told,) = step.effects
    assert getattr(told, "to", None) == "the old phone"
