"""Who may do what: every role with every command, from the table itself, and what comes of a role that ends."""

from __future__ import annotations

from itertools import chain, combinations, product
from typing import get_args

import pytest

from conversations.cards import COMMANDS, commands_for, roles_for
from conversations.effects import DropAlarm, FindStaff, RecordRefusal, Revise, Say
from conversations.events import Commanded, Elapsed, Left, Pressed, Said, Secret, Shared, StaffFound, Withheld
from conversations.people import ANYONE, Role, Standing
from conversations.session import Frame, Session
from tests.conversations.office import BUDI, RATNA
from tests.conversations.talk import GUIDE, MENU, MONDAY, Talk, at_question, at_state, buttons, deep_talk

REFUSED = "I am sorry, that is open only to: {roles}."
CLOSED = "Your role for this has ended, so I have closed it. It is open only to: {roles}."

ROLE_SETS = [frozenset(some) for some in chain.from_iterable(combinations(Role, n) for n in range(len(Role) + 1))]
STANDINGS = [Standing(roles, registered) for roles in ROLE_SETS for registered in (False, True)]

ADMIN = Standing(frozenset({Role.ADMIN}))
OFFICER = Standing(frozenset({Role.OFFICER}))


def named(cell: object) -> str:
    if not isinstance(cell, Standing):
        return str(cell)
    return "+".join([*sorted(cell.roles), *(["registered"] if cell.registered else [])]) or "anyone"


@pytest.mark.parametrize("standing", STANDINGS, ids=named)
def test_every_command_is_open_to_its_roles_and_refused_to_all_others(standing: Standing) -> None:
    sessions = (Session(), at_state("renewal", "login", ready="begin", notified="yes"))
    for name, session in product([*COMMANDS, "start", "kontak"], sessions):
        for event in (Commanded(MONDAY, name), Pressed(MONDAY, f"/{name}"), Said(MONDAY, "x", f"/{name}")):
            step = GUIDE.advance(session, event, standing)
            refused = RecordRefusal(f"/{name}") in step.effects
            assert refused == bool(roles_for(name) and not roles_for(name) & standing.roles), event
            if refused:
                assert step.session == session, event
                message = Revise if isinstance(event, Pressed) else Say
                assert [type(effect) for effect in step.effects] == [RecordRefusal, message], event


def test_the_table_itself() -> None:
    open_to = {name: command.roles for name, command in COMMANDS.items() if command.roles}
    staff = {Role.OFFICER, Role.OFFICIAL, Role.ADMIN}
    assert open_to == {
        "antrean": staff, "tiket": staff, "contoh": staff,
        "ekspor": {Role.ADMIN}, "gangguan": {Role.ADMIN}, "petugas": {Role.ADMIN}, "audit": {Role.ADMIN},
    }  # fmt: skip


@pytest.mark.parametrize("standing", STANDINGS, ids=named)
def test_everybody_is_shown_just_the_commands_that_are_open(standing: Standing) -> None:
    shown = commands_for(standing)
    assert list(shown) == [name for name in COMMANDS if standing.may(COMMANDS[name].roles)]
    assert all(shown.values())


def test_a_refused_command_says_so_and_leads_on() -> None:
    talk = Talk()
    talk.types("/petugas")
    assert talk.heard == [REFUSED]
    assert talk.office.refusals == ["/petugas"]
    assert talk.labels == ["Main menu"]


def test_a_card_that_was_shown_before_the_role_ended_is_refused_when_it_is_pressed() -> None:
    talk = Talk(standing=ADMIN)
    talk.types("/petugas")
    shown = [button.data for effect in talk.effects for button in buttons(effect)]
    assert [data for data in shown if data.startswith("/petugas")]
    talk.standing = OFFICER
    for data in shown:
        talk.presses_data(data)
        assert (REFUSED in talk.heard) == data.startswith("/petugas")
    assert talk.where == ""
    assert len(talk.office.members) == 3


@pytest.mark.parametrize("data", ["/petugas 4 cabut ya", "/petugas undang", "/petugas 4 cuti", "/audit x"])
@pytest.mark.parametrize("standing", [ANYONE, OFFICER], ids=named)
def test_a_forged_button_passes_the_same_check(data: str, standing: Standing) -> None:
    talk = Talk(standing=standing)
    talk.presses_data(data)
    talk.says("x", meant=data)
    assert talk.office.refusals == [data.partition(" ")[0]] * 2
    assert (talk.where, len(talk.office.members)) == ("", 3)


def test_what_was_looked_up_is_not_shown_to_somebody_whose_role_has_just_ended() -> None:
    for about in ("", "4", "4 cuti", "4 wakil 5"):
        step = GUIDE.advance(Session(), StaffFound(MONDAY, (BUDI, RATNA), about), OFFICER)
        assert (step.session, step.effects) == (Session(), ())


# ------------------------------------------------------------------------------------------- a role ends meanwhile


def inviting() -> Talk:
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
    talk.standing = ADMIN
    talk.types("/petugas undang")
    talk.presses("officer")
    assert talk.where == "renewal.login > invite.name"
    talk.standing = OFFICER
    return talk


def test_an_answer_to_a_question_that_is_not_open_any_more_closes_it() -> None:
    talk = inviting()
    talk.says("Agus")
    assert (talk.where, talk.heard[0]) == ("renewal.login", CLOSED)
    assert talk.office.refusals == ["invite"]
    assert not any("understand" in text for text in talk.heard)


def test_a_button_of_a_question_that_is_not_open_any_more_closes_it() -> None:
    talk = inviting()
    talk.presses_data(talk.data("back"))
    assert (talk.where, talk.heard[0]) == ("renewal.login", CLOSED)
    assert [type(effect) for effect in talk.effects] == [RecordRefusal, Revise]


def test_a_command_is_done_all_the_same() -> None:
    talk = inviting()
    talk.types("/kendala")
    assert (talk.where, talk.heard[0]) == ("renewal.login > trouble.start", CLOSED)


def test_what_lies_above_goes_with_it() -> None:
    talk = inviting()
    talk.standing = ADMIN
    talk.types("/kendala")
    assert talk.where == "renewal.login > invite.name > trouble.start"
    talk.standing = ANYONE
    talk.shares("photo")
    assert talk.where == "renewal.login"
    assert talk.heard == [CLOSED, "I cannot look at pictures. Documents are uploaded in AMS, not here."]


def test_an_alarm_closes_it_quietly() -> None:
    talk = inviting()
    talk.happens(Elapsed(MONDAY, "unknown"))
    assert (talk.where, talk.effects) == ("renewal.login", [])


def test_blocking_changes_nothing() -> None:
    talk = inviting()
    session = talk.session
    talk.happens(Left(MONDAY))
    assert (talk.session, talk.effects) == (session, [])


def test_a_question_below_keeps_waiting() -> None:
    talk = deep_talk()
    talk.session = talk.session.with_stack((*talk.session.stack, Frame("leave", GUIDE.flows["leave"].version, "until")))
    talk.says("besok")
    assert talk.where == "renewal.letter_wait > trouble.s_forgot_pass"
    assert not [effect for effect in talk.effects if isinstance(effect, DropAlarm)]


def test_a_typed_text_names_only_what_is_open() -> None:
    session = at_state("invite", "role")
    assert any(button.data.startswith("invite:") for button in GUIDE.offers(session, MONDAY, ADMIN))
    assert not any(button.data.startswith("invite:") for button in GUIDE.offers(session, MONDAY))


def test_the_help_names_the_commands_of_the_role() -> None:
    talk = Talk()
    talk.types("/bantuan")
    assert not any("/petugas" in text for text in talk.heard)
    talk.standing = ADMIN
    talk.types("/bantuan")
    assert any("/petugas" in text for text in talk.heard)


# -------------------------------------------------------------------------------------------------- what was taken away


@pytest.mark.parametrize("what", get_args(Secret))
def test_a_secret_is_answered_with_a_lesson_and_the_question_again(what: Secret) -> None:
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
    talk.says("???")
    before = talk.session
    talk.happens(Withheld(MONDAY, what))
    assert talk.session == before, "it counts neither as an answer nor as a miss"
    assert "kept nothing of it" in talk.heard[0]
    assert talk.asked


def test_a_secret_out_of_the_blue_is_answered_with_the_menu() -> None:
    talk = Talk()
    talk.happens(Withheld(MONDAY, "passphrase"))
    assert talk.heard[1] == MENU
    talk.happens(Said(MONDAY, "???"))
    assert talk.session.misses == 1


def test_nothing_but_the_staff_is_asked_for_a_member_that_a_command_names() -> None:
    talk = Talk(standing=ADMIN)
    talk.types("/petugas 4 cabut")
    assert talk.commands == [FindStaff("4 cabut")]


def test_a_caption_is_no_answer() -> None:
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
    session = talk.session
    talk.happens(Shared(MONDAY, "photo", "sudah"))
    assert talk.session == session
