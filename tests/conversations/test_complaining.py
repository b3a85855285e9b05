"""Complaints in the chat: filed, looked at, handled by staff, answered by a reply; AMS out of order."""

from __future__ import annotations

import pytest

from conversations.complaint import Act, Attachment, Level, Status
from conversations.effects import DeclareOutage, FileComplaint, HandleComplaint, Say
from conversations.people import Role, Standing
from conversations.text import Text
from tests.conversations.talk import GUIDE, MENU, Talk, at_question, buttons

ADMIN = Standing(frozenset({Role.ADMIN}))
OFFICER = Standing(frozenset({Role.OFFICER}))
OFFICIAL = Standing(frozenset({Role.OFFICIAL}))

TOLD = "AMS menolak surat rekomendasi saya sejak pagi."
NUMBER = "ADU-2026-00001"
THANKS = "Thank you. Your complaint was received under number <b>{number}</b>."


def photo(name: str = "a", size: int = 1000) -> Attachment:
    return Attachment("photo", name, size=size)


def describing() -> Talk:
    talk = Talk()
    talk.types("/aduan")
    talk.presses("help")
    talk.presses("officers")
    return talk


def filed(*, confidential: bool = False, standing: Standing | None = None) -> Talk:
    talk = Talk()
    talk.types("/aduan")
    talk.presses("service")
    talk.presses("official" if confidential else "officers")
    talk.says(TOLD)
    talk.presses("send")
    talk.standing = standing or talk.standing
    return talk


def data(talk: Talk) -> list[str]:
    return [button.data for button in buttons(talk.last)]


def handled(talk: Talk) -> list[HandleComplaint]:
    return [command for command in talk.commands if isinstance(command, HandleComplaint)]


# ------------------------------------------------------------------------------------------------------------- filing


def test_a_complaint_is_filed_with_a_number_a_due_date_and_its_reason() -> None:
    talk = filed()
    assert talk.commands[-1] == FileComplaint("service", TOLD)
    assert talk.heard[0] == THANKS
    due = next(part for part in talk.last.parts if isinstance(part, Text) and "reason" in part.values)
    assert due.values["due"] == talk.office.complaints[NUMBER].due_at
    assert data(talk) == [f"/aduan {NUMBER}", "/daftar", "/kontak kanal", "/menu"]


def test_pressing_send_twice_files_one_complaint() -> None:
    talk = describing()
    talk.says(TOLD)
    send = talk.data("send")
    talk.presses_data(send)
    talk.presses_data(send)
    assert len(talk.office.complaints) == 1


def test_somebody_registered_is_not_asked_to_register() -> None:
    talk = Talk(standing=Standing(registered=True))
    talk.types("/aduan")
    for option in ("service", "officers"):
        talk.presses(option)
    talk.says(TOLD)
    talk.presses("send")
    assert "/daftar" not in data(talk)


def test_what_is_confidential_goes_to_the_official() -> None:
    complaint = filed(confidential=True).office.complaints[NUMBER]
    assert (complaint.confidential, complaint.level) == (True, Level.OFFICIAL)


def test_photos_come_one_by_one_until_it_is_enough() -> None:
    talk = describing()
    for name in "abc":
        talk.shares("photo", file=photo(name))
        assert talk.heard[0] == "Added: {number} of at most {most}."
    talk.presses("enough")
    assert talk.where == "complain.review"
    talk.presses("send")
    assert talk.commands[-1] == FileComplaint("help", "", attachments=(photo("a"), photo("b"), photo("c")))


def test_a_caption_is_a_part_of_the_text_and_typing_goes_on() -> None:
    talk = describing()
    talk.shares("document", "Ini layarnya.", photo())
    talk.says("Sejak pagi.")
    talk.presses("send")
    assert talk.commands[-1] == FileComplaint("help", "Ini layarnya.\nSejak pagi.", attachments=(photo(),))


def test_a_photo_is_added_in_the_review_too() -> None:
    talk = describing()
    talk.says(TOLD)
    talk.shares("photo", file=photo())
    assert talk.where == "complain.review"
    talk.presses("send")
    assert talk.commands[-1] == FileComplaint("help", TOLD, attachments=(photo(),))


@pytest.mark.parametrize(("kind", "file", "said"), [
    ("voice", Attachment("voice", "v"), "I cannot add voice messages or videos."),
    ("document", Attachment("document", "d", size=21 * 1024 * 1024), "That file is larger than 20 MB."),
    ("document", None, "I could not read that file."),
])  # fmt: skip
def test_what_cannot_be_added_is_refused_with_the_reason(kind: str, file: Attachment | None, said: str) -> None:
    talk = describing()
    talk.shares("voice" if kind == "voice" else "document", file=file)
    assert talk.heard[0].startswith(said)
    assert talk.asked
    assert "enough" not in "".join(talk.offered)


def test_a_sixth_file_is_refused() -> None:
    talk = describing()
    for name in "abcdef":
        talk.shares("photo", file=photo(name))
    assert talk.heard[0].startswith("That is more than I can add")
    talk.presses("enough")
    talk.presses("send")
    assert len(talk.office.complaints[NUMBER].attachments) == 5


@pytest.mark.parametrize(
    ("text", "said"), [("Tolong", "That is very short."), ("x" * 2001, "That is too long for me.")]
)
def test_a_text_that_is_too_short_or_too_long_is_refused(text: str, said: str) -> None:
    talk = describing()
    talk.says(text)
    assert talk.heard[0].startswith(said)
    assert talk.where == "complain.description"


def test_being_stuck_brings_step_and_symptom_along() -> None:
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
    for option in ("trouble", "passphrase", "forgot_pass", "stuck", "complain"):
        talk.presses(option)
    assert talk.where == "renewal.login > trouble.person > complain.private"
    talk.presses("officers")
    talk.says(TOLD)
    talk.presses("send")
    complaint = talk.office.complaints[NUMBER]
    assert (complaint.category, complaint.origin) == ("help", "step=2 symptom=forgot_pass")
    assert talk.where == "renewal.login > trouble.person"


def test_the_other_channels_come_back_to_the_question() -> None:
    talk = describing()
    talk.presses("channels")
    talk.presses("ok")
    assert talk.where == "complain.description"


# -------------------------------------------------------------------------------------------------------- the employee


def test_the_status_lists_what_is_open() -> None:
    talk = filed()
    talk.types("/status")
    assert f"/aduan {NUMBER}" in data(talk)


def test_after_an_answer_the_employee_says_whether_it_is_solved() -> None:
    talk = filed()
    talk.office.carry_out(HandleComplaint(NUMBER, Act.ANSWER, "Sudah kami buka."), talk.at)
    talk.types("/aduan 1")
    assert data(talk)[:2] == [f"/aduan {NUMBER} selesai", f"/aduan {NUMBER} belum"]
    talk.presses_data(f"/aduan {NUMBER} belum")
    assert talk.where == "reply.text"
    talk.says("Masih sama.")
    assert handled(talk)[-1] == HandleComplaint(NUMBER, Act.DENY, "Masih sama.")
    assert talk.office.complaints[NUMBER].status is Status.REOPENED


def test_withdrawing_asks_first() -> None:
    talk = filed()
    talk.presses_data(f"/aduan {NUMBER} tarik")
    assert not handled(talk)
    talk.presses_data(f"/aduan {NUMBER} tarik ya")
    assert talk.office.complaints[NUMBER].status is Status.WITHDRAWN
    talk.presses_data(f"/aduan {NUMBER} tambah")
    assert talk.heard == ["That is not possible now. Complaint {number}: {state}."]


def test_a_reply_to_our_message_goes_to_the_complaint_wherever_the_guide_stands() -> None:
    talk = filed()
    talk.types("/perbarui")
    where = talk.where
    talk.says("Sudah saya coba.", about=NUMBER)
    talk.shares("photo", "Layarnya", photo(), about=NUMBER)
    assert handled(talk) == [
        HandleComplaint(NUMBER, Act.REPLY, "Sudah saya coba."),
        HandleComplaint(NUMBER, Act.REPLY, "Layarnya", (photo(),)),
    ]
    assert talk.where == where


# --------------------------------------------------------------------------------------------------------------- staff


def test_the_queue_opens_a_complaint_which_is_taken_and_answered() -> None:
    talk = filed(standing=OFFICER)
    talk.types("/antrean")
    talk.presses_data(f"/tiket {NUMBER}")
    assert f"/tiket {NUMBER} eskalasi" in data(talk)
    talk.presses_data(f"/tiket {NUMBER} ambil")
    assert talk.heard == ["You have taken complaint {number}."]
    talk.presses_data(f"/tiket {NUMBER} jawab")
    talk.says("Sudah kami buka.")
    assert handled(talk)[-1] == HandleComplaint(NUMBER, Act.ANSWER, "Sudah kami buka.")
    assert talk.where == ""
    assert MENU not in talk.heard


def test_whoever_comes_second_is_told_who_has_it() -> None:
    talk = filed(standing=OFFICER)
    talk.types("/tiket 1 ambil")
    talk.types("/tiket 1 ambil")
    assert talk.heard == ["That is not possible now. {name} has taken complaint {number} already."]


@pytest.mark.parametrize(("text", "file"), [("x" * 501, None), ("Lihat ini.", photo())])
def test_what_is_long_or_has_files_is_read_once_more(text: str, file: Attachment | None) -> None:
    talk = filed(standing=OFFICER)
    talk.presses_data(f"/tiket {NUMBER} jawab")
    if file is not None:
        talk.shares("photo", file=file)
    talk.says(text)
    assert talk.where == "handle.review"
    talk.presses("send")
    assert handled(talk)[-1] == HandleComplaint(NUMBER, Act.ANSWER, text, (file,) if file else ())


def test_a_long_reply_of_staff_is_read_once_more_too() -> None:
    talk = filed(standing=OFFICER)
    talk.says("x" * 501, about=NUMBER)
    assert talk.where == "handle.review"
    talk.presses("fix_text")
    talk.says("Sudah.", about=NUMBER)
    assert handled(talk)[-1] == HandleComplaint(NUMBER, Act.ANSWER, "Sudah.")


@pytest.mark.parametrize("text", ["Masih sama.", "x" * 501])
def test_a_reply_of_staff_about_their_own_complaint_is_the_employee_s(text: str) -> None:
    talk = filed(standing=OFFICER)
    talk.office.mine = True
    talk.says(text, about=NUMBER)
    assert handled(talk)[-1] == HandleComplaint(NUMBER, Act.REPLY, text)


def test_staff_look_at_their_own_complaint_as_its_employee() -> None:
    talk = filed(standing=OFFICER)
    talk.office.mine = True
    for command in ("/tiket 1", "/tiket 1 jawab", "/tiket 1 riwayat", "/tiket 1 pindah"):
        talk.types(command)
        assert talk.heard[0].startswith("{number} is your own complaint")
        assert {each.partition(" ")[0] for each in data(talk)} <= {"/aduan", "/menu"}


def test_a_ready_answer_goes_to_the_review() -> None:
    talk = filed(standing=OFFICER)
    talk.office.similar = ("Coba ganti peramban.",)
    talk.presses_data(f"/tiket {NUMBER} jawab")
    talk.presses_data(talk.data("ra"))
    talk.presses_data(talk.data("s1"))
    assert talk.where == "handle.review"
    talk.presses("send")
    assert handled(talk)[-1].text == "Coba ganti peramban."


def test_the_official_directs_returns_and_has_no_button_to_escalate() -> None:
    talk = filed(confidential=False)
    talk.office.carry_out(HandleComplaint(NUMBER, Act.ESCALATE, "Tidak bisa."), talk.at)
    talk.standing = OFFICIAL
    talk.types("/tiket 1")
    verbs = {each.rpartition(" ")[2] for each in data(talk)}
    assert {"ambil", "arahkan", "kembalikan"} <= verbs
    assert "eskalasi" not in verbs
    talk.standing = OFFICER
    talk.types("/tiket 1 jawab")
    assert talk.where == ""


def test_an_admin_reads_and_cannot_act() -> None:
    talk = filed(standing=ADMIN)
    talk.types("/tiket 1")
    assert data(talk) == [f"/tiket {NUMBER} riwayat", "/antrean"]


def test_it_moves_to_another_category() -> None:
    talk = filed(standing=OFFICER)
    talk.types("/tiket 1 pindah")
    talk.presses_data(f"/tiket {NUMBER} pindah information")
    assert talk.office.complaints[NUMBER].category == "information"


# -------------------------------------------------------------------------------------------------------------- outage


def test_an_outage_is_declared_shown_and_lifted() -> None:
    talk = Talk(standing=ADMIN)
    talk.types("/gangguan")
    talk.says("AMS tidak dapat dibuka.")
    talk.presses("yes")
    assert talk.commands == [DeclareOutage("AMS tidak dapat dibuka.")]
    guided = at_question("login", {"ready": "begin", "notified": "yes"})
    guided.standing = Standing(outage=talk.office.outage)
    guided.types("/lanjut")
    assert guided.heard[0].startswith("⚠️ AMS does not work")
    talk.standing = Standing(ADMIN.roles, outage=talk.office.outage)
    talk.types("/gangguan")
    assert data(talk) == ["/gangguan selesai", "/menu"]
    talk.presses_data("/gangguan selesai")
    assert talk.commands[-1] == DeclareOutage()


def test_who_files_during_an_outage_reads_of_it() -> None:
    talk = describing()
    talk.standing = Standing(outage="AMS mati.")
    talk.says(TOLD)
    talk.presses("send")
    assert talk.heard[0].startswith("⚠️ AMS does not work")


def test_every_category_has_a_button() -> None:
    talk = Talk()
    talk.types("/aduan")
    assert isinstance(talk.last, Say)
    assert len(data(talk)) == len(GUIDE.book.service.complaint_categories)
