"""Administrators: the staff, invitations, leave and deputies, and the audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from conversations import desk
from conversations.effects import GrantLeave, Invite, Revoke, Say, Settle
from conversations.events import Redeemed
from conversations.people import Claim, Entry, Member, Role, Standing
from conversations.text import Text
from tests.conversations.laws import MAX_ROWS, check_message
from tests.conversations.office import AGUS, BUDI, LINK, RATNA
from tests.conversations.talk import MENU, MONDAY, Talk, at_question, buttons

ADMIN = Standing(frozenset({Role.ADMIN}))


@pytest.fixture
def talk() -> Talk:
    return Talk(standing=ADMIN)


def data(talk: Talk) -> list[str]:
    return [button.data for button in buttons(talk.last)]


# ------------------------------------------------------------------------------------------------------ the members


def test_the_list_names_everybody_with_a_button_each(talk: Talk) -> None:
    talk.types("/petugas")
    assert data(talk) == ["/petugas 3", "/petugas 4", "/petugas 5", "/petugas undang", "/menu"]


@pytest.mark.parametrize("count", [0, 1, 8, 9, 14, 15, 40])
def test_the_list_fits_a_small_phone_and_leaves_nobody_out(count: int) -> None:
    staff = tuple(replace(RATNA, id=number, name="Ratna " * 15) for number in range(1, count + 1))
    named: set[str] = set()
    talk = Talk(standing=ADMIN)
    talk.office.members = list(staff)
    talk.types("/petugas")
    for _ in range(9):
        assert len(talk.last.keyboard) <= MAX_ROWS
        named |= {each for each in data(talk) if each.split()[-1].isdecimal() and "hal" not in each}
        following = [button.data for button in buttons(talk.last) if button.label == next_page(button.data)]
        if not following:
            break
        talk.presses_data(following[0])
    assert named == {f"/petugas {number}" for number in range(1, count + 1)}


def next_page(carried: str) -> Text:
    return Text("{page} ›", {"page": carried.rpartition(" ")[2]})


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "99999999999"])
def test_a_page_that_there_is_not_shows_another(talk: Talk, page: str) -> None:
    talk.types(f"/petugas hal {page}")
    assert data(talk)[0] == "/petugas 3"


@pytest.mark.parametrize("member", [
    BUDI, RATNA, AGUS, replace(RATNA, away_until=date(2026, 12, 1)), replace(RATNA, deputy=5),
    replace(RATNA, away_until=date(2026, 12, 1), deputy=5), replace(AGUS, email="agus@example.id"),
])  # fmt: skip
def test_every_card_fits(member: Member) -> None:
    staff = (BUDI, member, AGUS)
    for card in (desk.members(staff), desk.member(member, staff), desk.revoke(member), desk.deputies(member, staff)):
        check_message(Say(card.parts, card.keyboard))


def test_a_member_is_shown_with_what_can_be_changed(talk: Talk) -> None:
    talk.types("/petugas 4")
    assert talk.labels == ["Leave", "Deputy", "End the role", "‹ Back"]


def test_a_member_that_is_gone_is_told_kindly(talk: Talk) -> None:
    talk.types("/petugas 99 cuti")
    assert talk.heard[0] == "There is no such member of staff any more."
    talk.types("/petugas 99 cabut ya")
    assert talk.heard[0] == "There is no such member of staff any more."


# ----------------------------------------------------------------------------------------------------------- revoking


def test_a_role_ends_after_a_question_and_its_owner_hears_of_it(talk: Talk) -> None:
    talk.types("/petugas 4")
    talk.presses_data("/petugas 4 cabut")
    assert (len(talk.office.members), data(talk)) == (3, ["/petugas 4 cabut ya", "/petugas 4"])
    talk.presses_data("/petugas 4 cabut ya")
    assert talk.commands[-1] == Revoke(4)
    assert talk.heard == ["Noted: the role of {name} has ended."]
    assert [to for to, _ in talk.told] == ["chat of Ratna"]


def test_who_never_came_hears_nothing(talk: Talk) -> None:
    talk.presses_data("/petugas 5 cabut ya")
    assert (len(talk.office.members), talk.told) == (2, [])


def test_the_last_administrator_stays(talk: Talk) -> None:
    talk.presses_data("/petugas 3 cabut ya")
    assert talk.heard[0].startswith("{name} is the last administrator")
    assert (len(talk.office.members), talk.told) == (3, [])


# --------------------------------------------------------------------------------------------------- leave and deputy


def test_leave_is_granted_until_a_day_and_ended_again(talk: Talk) -> None:
    talk.presses_data("/petugas 4 cuti")
    assert talk.where == "leave.until"
    talk.says("27 November 2026")
    assert talk.commands[-1] == GrantLeave(4, date(2026, 11, 27))
    assert (talk.where, talk.heard[-1]) == ("", MENU)
    talk.types("/petugas 4")
    assert talk.labels[0] == "Back from leave"
    talk.presses_data("/petugas 4 kembali")
    assert talk.commands[-1] == GrantLeave(4)
    assert talk.labels[0] == "Leave"


@pytest.mark.parametrize("text", ["22 November 2026", "besok lusa nanti", "1-1-2031"])
def test_a_last_day_that_cannot_be_is_refused(talk: Talk, text: str) -> None:
    talk.presses_data("/petugas 4 cuti")
    talk.says(text)
    assert talk.where == "leave.until"


def test_leave_keeps_the_deputy_and_a_deputy_keeps_the_leave(talk: Talk) -> None:
    talk.presses_data("/petugas 4 wakil 5")
    assert talk.commands[-1] == GrantLeave(4, None, 5)
    talk.presses_data("/petugas 4 cuti")
    talk.says("27 November 2026")
    assert talk.commands[-1] == GrantLeave(4, date(2026, 11, 27), 5)
    talk.office.members.append(replace(AGUS, id=6))
    talk.presses_data("/petugas 4 wakil 6")
    assert talk.commands[-1] == GrantLeave(4, date(2026, 11, 27), 6)


def test_leave_of_another_member_begins_anew(talk: Talk) -> None:
    talk.presses_data("/petugas 4 cuti")
    talk.presses_data("/petugas 5 cuti")
    assert talk.where == "leave.until"
    assert talk.answers["member"] == "5"


def test_leave_is_asked_above_the_guide_and_comes_back_to_it() -> None:
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
    talk.standing = ADMIN
    talk.types("/petugas 4 cuti")
    assert talk.where == "renewal.login > leave.until"
    talk.says("27 November 2026")
    assert talk.where == "renewal.login"


@pytest.mark.parametrize("deputy", ["3", "4", "99", "x"])
def test_only_somebody_else_of_the_same_role_stands_in(talk: Talk, deputy: str) -> None:
    talk.presses_data(f"/petugas 4 wakil {deputy}")
    assert talk.office.members == [BUDI, RATNA, AGUS]
    assert data(talk) == ["/petugas 4 wakil 5", "/petugas 4"]


def test_without_anybody_of_the_same_role_there_is_no_deputy(talk: Talk) -> None:
    talk.presses_data("/petugas 3 wakil")
    assert talk.heard == ["Nobody else has the same role, so nobody can stand in for {name} yet."]


# ---------------------------------------------------------------------------------------------------------- inviting


def test_an_invitation_ends_with_a_link_to_pass_on(talk: Talk) -> None:
    talk.types("/petugas undang")
    talk.presses("officer")
    talk.says("Agus Wijaya, S.Kom.")
    talk.says("AGUS@example.id")
    assert talk.where == "invite.review"
    talk.presses("yes")
    assert talk.commands[-1] == Invite(Role.OFFICER, "Agus Wijaya, S.Kom.", "agus@example.id")
    said = [part for effect in talk.effects for part in getattr(effect, "parts", ()) if isinstance(part, Text)]
    link = next(part for part in said if "link" in part.values)
    assert (link.values["link"], link.values["until"]) == (LINK, MONDAY + timedelta(hours=48))
    assert talk.where == ""
    assert LINK not in str(talk.session)


def test_an_invitation_needs_no_address(talk: Talk) -> None:
    talk.types("/petugas undang")
    talk.presses("leader")
    talk.says("Ratna")
    talk.presses("none")
    talk.presses("yes")
    assert talk.commands[-1] == Invite(Role.LEADER, "Ratna")


@pytest.mark.parametrize("text", ["agus", "agus@", "a@b", "agus@example.id\nBcc: x@y.id", "<agus@example.id>"])
def test_what_is_no_address_is_refused(talk: Talk, text: str) -> None:
    talk.types("/petugas undang")
    talk.presses("official")
    talk.says("Agus")
    talk.says(text)
    assert talk.where == "invite.email"


@pytest.mark.parametrize("role", Role)
def test_who_opens_the_invitation_is_welcomed_and_administrators_hear_of_it(role: Role) -> None:
    talk = Talk()
    talk.office.links["abc"] = Redeemed(MONDAY, "appointed", role, "Agus")
    talk.types("/start abc")
    assert talk.heard[0].startswith("Welcome, {name}. You have a role now")
    assert talk.told == [(Role.ADMIN, "{name} has accepted the invitation. Role: {role}.")]
    talk.types("/start abc")
    assert talk.heard[0].startswith("This link has been used already")
    assert talk.told == []


# -------------------------------------------------------------------------------------------- registration by a link


def registering() -> Talk:
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
    talk.types("/daftar")
    assert talk.where.startswith("renewal.login > register.")
    return talk


def test_the_link_of_a_registration_ends_it_and_the_guide_goes_on() -> None:
    talk = registering()
    talk.office.links["abc"] = Redeemed(MONDAY, "proved", signed_out="the old phone")
    talk.types("/start abc")
    assert talk.where == "renewal.login"
    assert talk.heard[0].startswith("Thank you, you are registered")
    assert [to for to, _ in talk.told] == ["the old phone"]
    assert isinstance(talk.effects[-1], Settle)


def test_a_mismatch_is_told_to_administrators_who_have_to_clarify_it() -> None:
    talk = registering()
    talk.office.links["abc"] = Redeemed(MONDAY, "claimed", claim=Claim("Budi (budi@x)", "Siti (siti@x)"))
    talk.types("/start abc")
    assert talk.where == "renewal.login"
    ((to, said),) = talk.told
    assert to is Role.ADMIN
    assert said.startswith("A registration did not match: {claimant} gave the NIP of {holder}.")


def test_a_link_that_is_spent_leaves_everything_where_it_is() -> None:
    talk = registering()
    where = talk.where
    talk.types("/start unknown")
    assert (talk.where, talk.asked, talk.told) == (where, True, [])
    assert talk.heard[0].startswith("This link has been used already")


# ------------------------------------------------------------------------------------------------------------ the audit


def test_the_audit_is_told_in_words(talk: Talk) -> None:
    entry = Entry(12, MONDAY, "Budi", "revoked", "staff:4", (("role", "officer"),))
    talk.office.entries = (entry, replace(entry, actor="employee:7", action="registered", subject="", details=())) * 9
    talk.types("/audit Budi")
    assert talk.heard[0] == "<b>Audit</b>: {words}"
    shown = talk.last.parts[1]
    assert isinstance(shown, Text)
    lines = shown.values["lines"]
    assert isinstance(lines, tuple)
    assert len(lines) == desk.ENTRIES
    assert "ended the role" in repr(lines[0])
    assert "employee {number}" in repr(lines[1])


@pytest.mark.parametrize(
    "reference", ["staff:4", "employee:1", "person:abc", "cli", "bot", "Budi", "", "x:y", "staff:"]
)
def test_any_entry_can_be_shown(talk: Talk, reference: str) -> None:
    talk.office.entries = (Entry(1, MONDAY, reference, "unheard_of", reference, (("what", "{x}"),)),)
    talk.types("/audit")
    assert talk.heard


def test_an_empty_search_says_so(talk: Talk) -> None:
    talk.types("/audit nothing")
    assert "No entry was found." in talk.heard
