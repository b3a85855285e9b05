"""An employee is tied to a chat by proof, and by nothing else: through the mailbox of the sandbox."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest

from bot.app import App
from bot.sandbox import Bubble, MailFault, People, Person
from storage.records import Channel, Employee, State
from tests.whole.applicant import NIP, REGISTERED, SPENT_CODE, SPENT_LINK, Applicant, says
from tests.whole.conftest import Figure
from tests.whole.program import eventually

pytestmark = pytest.mark.usefixtures("app")


def timeless(bubble: Bubble) -> str:
    """What was said without the hour: a minute may pass between two who ask."""
    return re.sub(r"\d\d\.\d\d", "", bubble.text)


async def employee_of(app: App, person: Person) -> Employee | None:
    async with app.store.reading() as tx:
        return await tx.employees.of(person.id)


async def test_by_link(app: App, people: People) -> None:
    siti = Applicant(await people.add("Siti"), people)
    await siti.fills_in()
    proof = await siti.reads()
    await siti.person.start(proof.token)
    await siti.person.hears(says(REGISTERED))
    employee = await employee_of(app, siti.person)
    assert employee is not None
    assert (employee.nip, employee.name, employee.email) == (siti.nip, siti.name, siti.email)


async def test_by_code(app: App, people: People) -> None:
    siti = Applicant(await people.add("Siti"), people)
    await siti.fills_in()
    proof = await siti.reads()
    await siti.person.says(f"{proof.code[:3]} {proof.code[3:]}")
    await siti.person.hears(says(REGISTERED))
    assert await employee_of(app, siti.person) is not None


async def test_the_mail_is_one_that_mail_programs_understand(people: People) -> None:
    siti = Applicant(await people.add("Siti"), people)
    await siti.fills_in()
    await siti.reads()
    (mail,) = await siti.mails()
    headers = dict(mail.headers)
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Message-ID"].startswith("<")
    assert "multipart/alternative" in headers["Content-Type"]


async def test_five_wrong_codes_end_it(app: App, people: People) -> None:
    siti = Applicant(await people.add("Siti"), people)
    await siti.fills_in()
    proof = await siti.reads()
    wrong = f"{(int(proof.code) + 1) % 1_000_000:06d}"
    for left in (4, 3, 2, 1):
        await siti.person.says(wrong)
        await siti.person.hears(f"{left} kali")
    await siti.person.says(wrong)
    await siti.person.hears(says(SPENT_CODE))
    await siti.person.start(proof.token)
    await siti.person.hears(says(SPENT_LINK))
    assert await employee_of(app, siti.person) is None
    await siti.person.presses(says("Send a new e-mail"))
    anew = await siti.reads(2)
    await siti.person.says(anew.code)
    await siti.person.hears(says(REGISTERED))


async def test_after_half_an_hour_neither_link_nor_code_is_worth_anything(app: App, people: People) -> None:
    siti = Applicant(await people.add("Siti"), people)
    await siti.fills_in()
    proof = await siti.reads()
    await people.pass_time(timedelta(minutes=31))
    await siti.person.start(proof.token)
    await siti.person.hears(says(SPENT_LINK))
    await siti.person.says(proof.code)
    await siti.person.hears(says(SPENT_CODE))
    assert await employee_of(app, siti.person) is None


async def test_a_link_serves_once(app: App, people: People) -> None:
    siti = Applicant(await people.add("Siti"), people)
    await siti.fills_in()
    proof = await siti.reads()
    await siti.person.start(proof.token)
    await siti.person.hears(says(REGISTERED))
    await siti.person.start(proof.token)
    await siti.person.hears(says(SPENT_LINK))
    assert await employee_of(app, siti.person) is not None


async def test_a_link_is_worth_nothing_in_another_chat_and_stays_good_in_its_own(app: App, people: People) -> None:
    siti, thief = Applicant(await people.add("Siti"), people), await people.add("Budi")
    await siti.fills_in()
    proof = await siti.reads()
    await thief.start(proof.token)
    await thief.hears(says(SPENT_LINK))
    assert await employee_of(app, thief) is None
    await siti.person.start(proof.token)
    await siti.person.hears(says(REGISTERED))


async def test_of_two_chats_that_race_one_has_the_account_and_the_other_is_told(app: App, people: People) -> None:
    first = Applicant(await people.add("Siti"), people)
    second = Applicant(await people.add("Ratna"), people)
    await first.fills_in()
    one = await first.reads()
    await second.fills_in()
    two = await second.reads(2)
    await asyncio.gather(first.person.start(one.token), second.person.start(two.token))
    await asyncio.gather(*(who.person.hears(says(REGISTERED)) for who in (first, second)))
    holders = [who for who in (first, second) if await employee_of(app, who.person) is not None]
    assert len(holders) == 1
    (loser,) = {first.person.id: first, second.person.id: second}.keys() - {holders[0].person.id}
    gone = first if first.person.id == loser else second
    await gone.person.waits(lambda chat: any("berpindah" in bubble.text for bubble in chat) or None)


async def test_the_same_nip_under_another_address_changes_nothing_and_admins_are_told(app: App, people: People) -> None:
    siti = Applicant(await people.add("Siti"), people)
    await siti.fills_in()
    await siti.person.start((await siti.reads()).token)
    await siti.person.hears(says(REGISTERED))
    other = Applicant(await people.add("Budi"), people, email="budi.contoh@pekalongankota.go.id", name="Budi Contoh")
    await other.fills_in()
    await other.person.start((await other.reads()).token)
    await other.person.hears("NIP")
    assert await employee_of(app, other.person) is None
    holder = await employee_of(app, siti.person)
    assert holder is not None
    assert holder.nip == NIP
    async with app.store.reading() as tx:
        assert [row.action for row in await tx.audit.last(1)] == ["nip_claimed"]


async def test_nobody_is_told_whether_an_address_is_known(people: People) -> None:
    known, other = Applicant(await people.add("Siti"), people), Applicant(await people.add("Ratna"), people)
    await known.fills_in()
    await known.person.start((await known.reads()).token)
    await known.person.hears(says(REGISTERED))
    other.nip = "198001012005011001"
    of_known = await other.fills_in()
    unknown = Applicant(
        await people.add("Budi"), people, email="tidak.ada@pekalongankota.go.id", nip="198001012005011002"
    )
    of_unknown = await unknown.fills_in()
    assert timeless(of_known).replace("si***", "") == timeless(of_unknown).replace("ti***", "")


async def test_three_mails_an_hour_and_no_more(people: People, figure: Figure) -> None:
    siti = Applicant(await people.add("Siti"), people)
    await siti.fills_in()
    for number in (2, 3):
        await siti.person.presses(says("Send a new e-mail"))
        await siti.reads(number)
    await siti.person.presses(says("Send a new e-mail"))
    await siti.person.hears("satu jam")
    assert len(await siti.mails()) == 3
    figure("Registration: 4 mails asked for within an hour, 3 sent")


async def test_the_code_of_another_system_is_taken_back(people: People) -> None:
    siti = await people.add("Siti")
    await siti.start()
    await siti.says("123456")
    await siti.waits(lambda chat: None if any(bubble.text == "123456" for bubble in chat) else True)


async def test_a_mail_server_that_is_down_for_an_hour_gets_the_mail_once(people: People) -> None:
    siti = Applicant(await people.add("Siti"), people)
    await people.fail_mail(MailFault(answer="down", times=None))
    await siti.fills_in()
    await people.pass_time(timedelta(hours=1))
    assert await siti.mails() == []
    await people.heal_mail()
    await people.pass_time(timedelta(hours=1))
    await siti.reads()
    await people.pass_time(timedelta(hours=3))
    assert len(await siti.mails()) == 1
    await siti.person.presses(says("Send a new e-mail"))
    await siti.person.start((await siti.reads(2)).token)
    await siti.person.hears(says(REGISTERED))


async def test_an_address_that_the_server_does_not_know_is_not_told_in_the_chat(app: App, people: People) -> None:
    known, unknown = Applicant(await people.add("Siti"), people), Applicant(await people.add("Budi"), people)
    said = timeless(await known.fills_in())
    await people.fail_mail(MailFault(answer="error", stage="rcpt", code=550, times=None))
    unknown.email = "si.lain@pekalongankota.go.id"
    assert timeless(await unknown.fills_in()) == said

    async def dead() -> bool:
        async with app.store.reading() as tx:
            return (await tx.count_states(Channel.MAIL))[State.DEAD] == 1

    await eventually(dead, lambda: "the mail to be given up, where `pandu doctor` shows it")
