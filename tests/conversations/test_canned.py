"""Canned answers in the chat: kept after an answer or written anew, offered when the next one is written, removed."""

from __future__ import annotations

import pytest

from conversations.canned import LONGEST_TITLE, MOST, Canned
from conversations.complaint import Act
from conversations.draft import Draft
from conversations.effects import HandleComplaint, KeepCanned, RemoveCanned, Say
from conversations.people import Role, Standing
from conversations.screen import decode
from conversations.text import Words
from tests.conversations.laws import CANNED
from tests.conversations.talk import GUIDE, Talk, buttons
from tests.conversations.test_complaining import ADMIN, NUMBER, OFFICER, OFFICIAL, data, filed, handled

KEEP = f"/contoh simpan {NUMBER}"
CHROME = Canned(3, "Ganti peramban", "Mohon pakai Chrome, lalu masuk kembali.")


def kept(talk: Talk) -> list[KeepCanned]:
    return [command for command in talk.commands if isinstance(command, KeepCanned)]


def options(talk: Talk) -> list[str]:
    return [carried.option for each in data(talk) if (carried := decode(each)) is not None]


def answered(text: str = CHROME.text, *, confidential: bool = False, standing: Standing = OFFICER) -> Talk:
    talk = filed(confidential=confidential, standing=standing)
    talk.presses_data(f"/tiket {NUMBER} jawab")
    talk.says(text)
    return talk


# -------------------------------------------------------------------------------------------------------- to keep one


def test_an_answer_that_was_sent_is_kept_under_a_title() -> None:
    talk = answered()
    assert KEEP in data(talk)
    talk.presses_data(KEEP)
    assert isinstance(talk.last, Say)  # what came of the answer stays readable
    assert talk.where == "keep.title"
    talk.says("  Ganti   peramban ")
    assert talk.where == "keep.review"
    talk.presses("keep")
    assert kept(talk) == [KeepCanned("Ganti peramban", CHROME.text, NUMBER)]
    assert talk.where == ""


def test_nothing_else_that_is_done_offers_to_be_kept() -> None:
    talk = filed(standing=OFFICER)
    for verb in ("tanya", "catat"):
        talk.presses_data(f"/tiket {NUMBER} {verb}")
        talk.says("Sejak kapan?")
        assert [each for each in data(talk) if each.startswith("/contoh")] == []


def test_both_can_be_corrected_before_it_is_kept() -> None:
    talk = answered("Mohon pakai Chrome, Bu Siti.")
    talk.presses_data(KEEP)
    talk.says("Peramban")
    talk.presses("fix_text")
    talk.says("Mohon pakai Chrome.")
    assert talk.where == "keep.review"
    talk.presses("fix_title")
    talk.says("Ganti peramban")
    talk.presses("keep")
    assert kept(talk) == [KeepCanned("Ganti peramban", "Mohon pakai Chrome.", NUMBER)]


def test_the_last_answer_is_meant() -> None:
    talk = answered("Mohon tunggu.")
    talk.presses_data(f"/tiket {NUMBER} jawab")
    talk.says(CHROME.text)
    talk.presses_data(KEEP)
    talk.says("Ganti peramban")
    talk.presses("keep")
    assert kept(talk)[0].text == CHROME.text


def test_of_an_answer_without_words_these_are_asked_for() -> None:
    talk = filed(standing=OFFICER)
    talk.office.carry_out(HandleComplaint(NUMBER, Act.ANSWER), talk.at)
    talk.types(KEEP)
    assert talk.where == "keep.text"


def test_a_new_one_is_written_without_a_complaint() -> None:
    talk = Talk(standing=OFFICER)
    talk.types("/contoh")
    talk.presses_data("/contoh baru")
    talk.says(CHROME.text)
    talk.says(CHROME.title)
    talk.presses("keep")
    assert kept(talk) == [KeepCanned(CHROME.title, CHROME.text)]


@pytest.mark.parametrize("title", ["", " a ", "x" * (LONGEST_TITLE + 1)])
def test_a_title_fits_a_button(title: str) -> None:
    talk = Talk(standing=OFFICER)
    talk.types("/contoh baru")
    talk.says(CHROME.text)
    talk.says(title)
    assert talk.where == "keep.title"
    assert kept(talk) == []


def test_stopping_keeps_nothing() -> None:
    talk = answered()
    for before in ("title", "review"):
        talk.presses_data(KEEP)
        if before == "review":
            talk.says("Ganti peramban")
        talk.presses("stop")
        assert (talk.where, kept(talk)) == ("", [])


def test_when_there_are_as_many_as_can_be_it_says_so() -> None:
    talk = answered()
    talk.office.canned = CANNED
    talk.presses_data(KEEP)
    talk.says("Satu lagi")
    talk.presses("keep")
    assert any(said.startswith("There are {most} ready answers already") for said in talk.heard)
    assert len(talk.office.canned) == MOST


def test_a_title_that_is_taken_is_asked_for_again() -> None:
    talk = answered()
    talk.office.canned = (CHROME,)
    talk.presses_data(KEEP)
    talk.says(CHROME.title)
    talk.presses("keep")
    assert talk.where == "keep.title"
    assert talk.heard[0] == "There is a ready answer with this title already. Please choose another one."
    talk.says("Peramban lain")
    talk.presses("keep")
    assert kept(talk)[-1] == KeepCanned("Peramban lain", CHROME.text, NUMBER)
    assert len(talk.office.canned) == 2


# -------------------------------------------------------------------------------------------------------- who may


def test_of_a_confidential_complaint_the_official_is_asked_first() -> None:
    talk = answered(confidential=True, standing=OFFICIAL)
    talk.presses_data(KEEP)
    assert talk.where == ""
    assert data(talk) == [f"{KEEP} ya", f"/tiket {NUMBER}"]
    talk.presses_data(f"{KEEP} ya")
    assert talk.where == "keep.title"


@pytest.mark.parametrize("typed", [KEEP, f"{KEEP} ya"])
def test_nobody_else_keeps_the_answer_to_a_confidential_one(typed: str) -> None:
    talk = answered(confidential=True, standing=OFFICIAL)
    for standing in (OFFICER, ADMIN, Standing(), Standing(OFFICER.roles | ADMIN.roles)):
        talk.standing = standing
        talk.types(typed)
        assert (talk.where, kept(talk)) == ("", [])


def test_an_officer_keeps_nothing_of_what_is_with_the_official_now() -> None:
    talk = answered()
    talk.office.carry_out(HandleComplaint(NUMBER, Act.DENY, "Belum."), talk.at)
    talk.office.carry_out(HandleComplaint(NUMBER, Act.ESCALATE, "Tidak bisa."), talk.at)
    talk.types(KEEP)
    assert talk.where == ""


def test_nobody_keeps_an_answer_to_the_own_complaint() -> None:
    talk = answered()
    talk.office.mine = True
    talk.types(KEEP)
    assert talk.where == ""


def test_an_admin_looks_and_removes_but_writes_none() -> None:
    talk = Talk(standing=ADMIN)
    talk.office.canned = (CHROME,)
    talk.types("/contoh")
    assert data(talk) == ["/contoh 3", "/menu"]
    talk.presses_data("/contoh 3")
    talk.presses_data("/contoh 3 hapus")
    talk.presses_data("/contoh 3 hapus ya")
    assert [each.title for each in talk.office.canned] == []
    talk.types("/contoh baru")
    assert (talk.where, talk.office.refusals) == ("", ["/contoh"])


def test_a_role_that_ends_in_the_middle_keeps_nothing() -> None:
    talk = answered()
    talk.presses_data(KEEP)
    talk.says("Ganti peramban")
    keep = talk.data("keep")
    talk.standing = Standing()
    talk.presses_data(keep)
    assert (talk.where, kept(talk)) == ("", [])


# ---------------------------------------------------------------------------------------------------- to answer with


def test_the_own_come_first_then_similar_ones_then_the_service_file() -> None:
    talk = filed(standing=OFFICER)
    talk.office.canned, talk.office.similar = CANNED[:6], ("Satu.", "Dua.", "Tiga.")
    talk.presses_data(f"/tiket {NUMBER} jawab")
    talk.presses_data(talk.data("ra"))
    assert options(talk) == ["o1", "o2", "o3", "o4", "s1", "s2", "s3", "r1", "px"]
    talk.presses_data(talk.data("r1"))
    assert options(talk)[:4] == ["o5", "o6", "c0", "c1"]


def test_every_one_of_them_is_on_some_page() -> None:
    talk = filed(standing=OFFICER)
    talk.office.canned, talk.office.similar = CANNED, ("Satu.", "Dua.", "Tiga.")
    talk.presses_data(f"/tiket {NUMBER} jawab")
    talk.presses_data(talk.data("ra"))
    seen, page = set(options(talk)), 0
    while f"r{page + 1}" in options(talk):
        page += 1
        talk.presses_data(talk.data(f"r{page}"))
        seen |= set(options(talk))
    symptoms = {f"c{place}" for place in range(len(GUIDE.book.service.symptoms))}
    assert seen >= {*symptoms, "s1", "s2", "s3", *(f"o{each.id}" for each in CANNED)}


def test_one_is_read_in_the_review_and_sent_as_it_is() -> None:
    talk = filed(standing=OFFICER)
    talk.office.canned = (CHROME,)
    talk.presses_data(f"/tiket {NUMBER} jawab")
    talk.presses_data(talk.data("ra"))
    label = next(button.label for button in buttons(talk.last) if button.data.endswith(":o3"))
    assert label == Words(CHROME.title, CHROME.title)
    talk.presses_data(talk.data("o3"))
    assert talk.where == "handle.review"
    talk.presses("send")
    assert handled(talk)[-1] == HandleComplaint(NUMBER, Act.ANSWER, CHROME.text, canned=3)
    assert KEEP not in data(talk)  # it is kept already


def test_what_was_written_anew_is_not_the_canned_one_any_more() -> None:
    talk = filed(standing=OFFICER)
    talk.office.canned = (CHROME,)
    talk.presses_data(f"/tiket {NUMBER} jawab")
    talk.presses_data(talk.data("ra"))
    talk.presses_data(talk.data("o3"))
    talk.presses("fix_text")
    talk.says("Mohon pakai Firefox.")
    assert handled(talk)[-1] == HandleComplaint(NUMBER, Act.ANSWER, "Mohon pakai Firefox.")
    assert KEEP in data(talk)


def test_they_are_offered_for_answers_alone() -> None:
    talk = filed(standing=OFFICER)
    talk.office.canned = (CHROME,)
    talk.presses_data(f"/tiket {NUMBER} catat")
    talk.presses_data(talk.data("ra"))
    assert "o3" not in options(talk)


def test_a_draft_says_which_one_it_is_and_older_ones_are_read() -> None:
    draft = Draft("a", ready=True, canned=3)
    assert Draft.read(draft.write()) == draft
    assert Draft.read('{"text":"a","ready":true}') == Draft("a", ready=True)


# ------------------------------------------------------------------------------------------------------- to look at


def test_the_list_has_a_button_for_each_and_says_what_there_is() -> None:
    talk = Talk(standing=OFFICER)
    talk.types("/contoh")
    assert data(talk) == ["/contoh baru", "/menu"]
    talk.office.canned = CANNED
    talk.types("/contoh hal 2")
    assert data(talk) == [
        *(f"/contoh {number}" for number in range(7, 13)),
        "/contoh hal 1", "/contoh hal 3", "/contoh baru", "/menu",
    ]  # fmt: skip


def test_removing_asks_first_and_twice_removes_once() -> None:
    talk = Talk(standing=OFFICER)
    talk.office.canned = (CHROME,)
    talk.types("/contoh 3")
    assert {"title": CHROME.title} in [part.values for part in talk.last.parts if not isinstance(part, Words)]
    talk.presses_data("/contoh 3 hapus")
    assert talk.office.canned == (CHROME,)
    talk.presses_data("/contoh 3 hapus ya")
    assert talk.heard[0] == "The ready answer was removed."
    talk.presses_data("/contoh 3 hapus ya")
    assert talk.heard[0] == "That ready answer is not there any more."
    assert talk.commands[-2:] == [RemoveCanned(3), RemoveCanned(3)]
    talk.types("/contoh 3")
    assert talk.heard[0] == "That ready answer is not there any more."


def test_the_leadership_has_nothing_to_do_with_them() -> None:
    talk = Talk(standing=Standing(frozenset({Role.LEADER})))
    talk.types("/contoh")
    assert talk.office.refusals == ["/contoh"]
