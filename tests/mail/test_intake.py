"""The mailbox is read from a real IMAP server: each mail once, marked only after it was handled, whatever happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from bot import doctor
from bot.clock import Clock, SystemClock
from bot.mail.intake import ATTEMPTS, LONGEST_PAUSE, MailIntake
from bot.settings import Settings
from storage import Unavailable
from tests.clocks import FakeClock
from tests.mail.mailbox import HOST, PASSWORD, Postbox
from tests.mail.post_office import authority
from tests.whole.program import eventually

UNTRUSTED = f"The certificate of {HOST} cannot be trusted ("


class Desk:
    """Remembers what it was given, as the store does; with a mail that says so it is never done."""

    def __init__(self) -> None:
        self.taken: dict[str, bytes] = {}
        self.lost: list[str] = []
        self.closed = False

    async def seen(self, keys: Sequence[str]) -> set[str]:
        return set(keys) & set(self.taken)

    async def take(self, key: str, raw: bytes) -> str:
        if self.closed:
            raise Unavailable("the disk is full")
        assert key not in self.taken, "handled twice"
        if b"without end" in raw:
            await asyncio.Event().wait()
        self.taken[key] = raw
        return ""

    async def give_up(self, key: str, error: Exception) -> None:
        self.lost.append(type(error).__name__)
        self.taken[key] = b""


def mail(subject: str, text: str = "Baik") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "dewi@kota.example", "pandu@kota.example", subject
    message.set_content(text)
    return message


@pytest.fixture
async def postbox() -> AsyncIterator[Postbox]:
    async with Postbox().opened() as box:
        yield box


@asynccontextmanager
async def reading(url: str, desk: Desk, step: float = 5.0, *, clock: Clock | None = None) -> AsyncIterator[MailIntake]:
    intake = MailIntake(url, desk, clock or SystemClock(), step=step)
    task = asyncio.create_task(intake.run())
    try:
        yield intake
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_more_mails_than_one_visit_takes_are_read_once_each(postbox: Postbox) -> None:
    await postbox.put(*(mail(f"nomor {number}") for number in range(23)))
    desk = Desk()
    async with reading(postbox.url, desk):
        await eventually(lambda: len(desk.taken) == 23, lambda: "all of them")
        await eventually(postbox.all_handled, lambda: "all to be marked")
    assert sorted(key.rpartition(":")[2] for key in desk.taken) == sorted(str(uid) for uid in _uids(desk))
    assert all(b"nomor" in raw for raw in desk.taken.values())


def _uids(desk: Desk) -> list[int]:
    validities = {key.split(":")[1] for key in desk.taken}
    assert len(validities) == 1
    first = min(int(key.rpartition(":")[2]) for key in desk.taken)
    return list(range(first, first + len(desk.taken)))


async def test_what_was_handled_and_not_marked_is_only_marked_the_next_time(postbox: Postbox) -> None:
    await postbox.put(mail("satu"))
    postbox.silent_at = b"STORE"
    desk = Desk()
    async with reading(postbox.url, desk):
        await postbox.asked.wait()
    assert len(desk.taken) == 1
    assert await postbox.counts() == (0, 1)
    postbox.silent_at = b""
    async with reading(postbox.url, desk):
        await eventually(postbox.all_handled, lambda: "it to be marked")
    assert len(desk.taken) == 1


async def test_what_cannot_be_stored_stays_unmarked(postbox: Postbox, caplog: pytest.LogCaptureFixture) -> None:
    await postbox.put(mail("satu"))
    desk = Desk()
    desk.closed = True
    async with reading(postbox.url, desk):
        await eventually(lambda: "No mail is read for now" in caplog.text, lambda: "a line in the log")
    assert await postbox.counts() == (0, 1)


async def test_a_mail_that_is_too_large_is_not_even_fetched(postbox: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.mail.intake.LARGEST", 2_000)
    await postbox.put(mail("besar", "x " * 2_000), mail("kecil"))
    desk = Desk()
    async with reading(postbox.url, desk) as intake:
        await eventually(postbox.all_handled, lambda: "both to be marked")
    assert len(desk.taken) == 1
    assert intake.foreign == {"too large": 1}


@pytest.mark.parametrize(
    ("silent_at", "text", "step", "one_mail", "error"),
    [(b"UID FETCH 101 (BODY", "satu", 1.0, 60.0, "TryLater"), (b"", "without end", 60.0, 1.0, "TimeoutError")],
    ids=["the server does not give it", "it takes too long"],
)
async def test_a_mail_that_makes_trouble_holds_up_no_other_and_is_given_up(
    postbox: Postbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    silent_at: bytes, text: str, step: float, one_mail: float, error: str,
) -> None:  # fmt: skip
    monkeypatch.setattr("bot.mail.intake.ONE_MAIL", one_mail)
    await postbox.put(mail("satu", text), mail("dua"))
    postbox.silent_at = silent_at
    desk, clock = Desk(), FakeClock()
    async with reading(postbox.url, desk, step, clock=clock):
        while not desk.lost:
            await eventually(lambda: bool(desk.lost) or clock.wakes_at() is not None, lambda: "the end of a visit")
            clock.advance(LONGEST_PAUSE)
        await eventually(postbox.all_handled, lambda: "both to be marked")
    assert desk.lost == [error]
    assert [b"dua" in raw for raw in desk.taken.values()] == [True, False]  # the other one did not wait for that
    assert postbox.met > ATTEMPTS
    told = [line for line in caplog.messages if line.startswith("No mail is read for now: ")]
    assert told
    assert all(line.endswith(("it takes too long", "(TimeoutError)")) for line in told)


@pytest.mark.parametrize("at", [b"CAPABILITY", b"AUTHENTICATE", b"SELECT", b"SEARCH", b"STORE"])
async def test_it_ends_at_once_while_the_server_hangs(postbox: Postbox, at: bytes) -> None:
    await postbox.put(mail("satu"))
    postbox.silent_at = at
    async with reading(postbox.url, Desk(), step=60.0):
        await postbox.asked.wait()
        ended = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - ended < 1.0


@pytest.mark.parametrize("tls", [False, True])
async def test_it_ends_at_once_while_the_server_says_nothing(tls: bool) -> None:  # noqa: FBT001 - a column of the table
    async with Postbox(tls=tls).opened() as box:
        box.mute = True
        async with reading(box.url, Desk(), step=60.0):
            await eventually(lambda: box.met > 0, lambda: "a visit")
            ended = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - ended < 1.0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("", ""), "127.0.0.1 opens it, but keeps no marks of others"),
        (("p%40ss", "salah"), "refuses user or password. Correct them in PANDU_IMAP_URL"),
        (("", "/Tidak%20Ada"), "has no folder Tidak Ada, or does not open it."),
    ],
)
async def test_the_doctor_looks_into_the_mailbox(
    postbox: Postbox, tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    old, new = change
    url = postbox.url.replace(old, new) if old else postbox.url + new
    found = await doctor._mailbox(settings(tmp_path, url))
    assert said in found.says
    assert found.bad is (change != ("", ""))
    assert "salah" not in found.says


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine trusts the certificates of these tests, as it does where an operator has added their authority."""
    file = tmp_path / "authority.pem"
    authority().cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


@pytest.mark.usefixtures("trusted")
async def test_it_is_read_over_tls(tmp_path: Path) -> None:
    async with Postbox(tls=True).opened() as box:
        await box.put(mail("satu"))
        desk = Desk()
        async with reading(box.url, desk):
            await eventually(box.all_handled, lambda: "it to be marked")
        found = await doctor._mailbox(settings(tmp_path, box.url))
    assert len(desk.taken) == 1
    assert not found.bad


async def test_an_authority_that_nobody_added_is_not_trusted(tmp_path: Path) -> None:
    async with Postbox(tls=True).opened() as box:
        found = await doctor._mailbox(settings(tmp_path, box.url))
    assert found.bad
    assert UNTRUSTED in found.says


@pytest.mark.usefixtures("trusted")
async def test_a_wrong_certificate_is_told_in_one_sentence_and_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with Postbox(tls=True, name="lain.example").opened() as box:
        await box.put(mail("satu"))
        desk, clock = Desk(), FakeClock()
        async with reading(box.url, desk, clock=clock):
            for visits in (1, 2, 3):
                await eventually(lambda: clock.wakes_at() is not None, lambda: "the end of a visit")
                assert box.met == visits
                clock.advance(LONGEST_PAUSE if visits < 3 else 0)
            found = await doctor._mailbox(settings(tmp_path, box.url))
            box.serves_as(HOST)
            clock.advance(LONGEST_PAUSE)
            await eventually(box.all_handled, lambda: "it to be marked")
            await eventually(lambda: len(caplog.records) > 1, lambda: "it to be told")
    assert len(desk.taken) == 1
    trouble, well = caplog.records
    assert (trouble.levelno, well.levelno) == (logging.ERROR, logging.INFO)
    assert trouble.getMessage().startswith(f"No mail is read for now: {UNTRUSTED}")
    assert "PANDU_IMAP_URL" in trouble.getMessage()
    assert trouble.exc_info is None
    assert found.bad
    assert UNTRUSTED in found.says
    assert PASSWORD not in caplog.text + found.says


async def test_the_doctor_says_when_there_is_no_server(tmp_path: Path) -> None:
    found = await doctor._mailbox(settings(tmp_path, "imap://a:b@127.0.0.1:1"))
    assert found.bad
    assert "cannot be reached" in found.says


@pytest.mark.parametrize(
    "url",
    [
        "imap://a:b@post.kota.example",
        "imaps://post.kota.example",
        "imaps://a@post.kota.example",
        "pop3://a:b@x",
        "imaps",
    ],
)
def test_a_mailbox_takes_tls_and_a_user(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        settings(tmp_path, url)
    assert "b@post" not in str(wrong.value)


def settings(tmp_path: Path, url: str) -> Settings:
    given = {"data_dir": tmp_path, "telegram_token": SecretStr("123456:AAAAAAAAAAAA"), "imap_url": SecretStr(url)}
    return Settings.model_validate(given)
