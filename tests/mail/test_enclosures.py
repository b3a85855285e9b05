"""Files go with a letter as far as they fit and can be fetched; a letter never waits for them for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from bot.delivery import Pause
from bot.errors import Fatal, Refused, TryLater, Unknown, Unreachable
from bot.mail.enclosures import LARGEST, PATIENT_ATTEMPTS, Files, enclosed
from bot.mail.letter import Enclosed, Letter
from bot.mail.sender import MailSender
from tests.clocks import FakeClock
from tests.mail.post_office import PostOffice, opened
from tests.mail.test_mail_sender import FROM, QUICK, row

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def letter(*sizes: int) -> Letter:
    files = tuple(Enclosed(f"id-{place}", f"berkas-{place}.pdf", size) for place, size in enumerate(sizes))
    written = Letter.of("k", to="ratna@kota.example", subject="Pengaduan", paragraphs=["Halo"])
    return written.enclosing(files, "Tidak terlampir:")


class Shelf:
    """Gives contents by id, or raises what stands there."""

    def __init__(self, things: Mapping[str, bytes | Exception]) -> None:
        self.things, self.asked = things, list[str]()

    async def __call__(self, file_id: str) -> bytes:
        self.asked.append(file_id)
        thing = self.things[file_id]
        if isinstance(thing, Exception):
            raise thing
        return thing


async def go(written: Letter, shelf: Shelf | None, attempts: int = 0) -> tuple[Letter, Files]:
    return await enclosed(written, shelf, attempts=attempts, seconds=5)


async def test_every_file_goes_with_its_name() -> None:
    sealed, files = await go(letter(3, 0), Shelf({"id-0": b"abc", "id-1": b"de"}))
    assert files == (("berkas-0.pdf", b"abc"), ("berkas-1.pdf", b"de"))
    assert "Tidak terlampir" not in sealed.text


async def test_what_does_not_fit_is_named_and_not_even_fetched() -> None:
    shelf = Shelf({"id-0": bytes(LARGEST - 5), "id-2": b"12345", "id-3": b"1"})
    sealed, files = await go(letter(0, 6, 0, 0), shelf)
    assert [name for name, _ in files] == ["berkas-0.pdf", "berkas-2.pdf"]
    assert sealed.text.endswith("Tidak terlampir:\n• berkas-1.pdf\n• berkas-3.pdf\n")
    assert sealed.html is not None
    assert "Tidak terlampir:<br>\n• berkas-1.pdf<br>\n• berkas-3.pdf</p>\n</body>" in sealed.html
    assert "id-1" not in shelf.asked


@pytest.mark.parametrize("gone", [Refused("invalid file_id"), Unreachable("no")])
async def test_a_file_that_is_gone_is_left_out_at_once(gone: Exception) -> None:
    sealed, files = await go(letter(1), Shelf({"id-0": gone}))
    assert files == ()
    assert "berkas-0.pdf" in sealed.text


@pytest.mark.parametrize("trouble", [
    Unknown("no answer"), TryLater("429", after=7, reached=True), TryLater("down", after=None, reached=False),
    Fatal("token"),
])  # fmt: skip
async def test_while_it_cannot_be_fetched_the_letter_waits_but_not_for_ever(trouble: Exception) -> None:
    shelf = Shelf({"id-0": trouble})
    for attempt in range(PATIENT_ATTEMPTS):
        with pytest.raises(TryLater) as error:
            await go(letter(1), shelf, attempt)
        assert (error.value.after, error.value.reached) == (None, True)  # so that the attempt counts
    sealed, files = await go(letter(1), shelf, PATIENT_ATTEMPTS)
    assert files == ()
    assert "berkas-0.pdf" in sealed.text


async def test_a_file_that_never_ends_is_given_up() -> None:
    async def never(_: str) -> bytes:
        await asyncio.Event().wait()
        return b""

    with pytest.raises(TryLater):
        await enclosed(letter(1), never, attempts=0, seconds=0.01)


async def test_without_a_way_to_fetch_the_letter_says_so() -> None:
    sealed, files = await go(letter(1), None)
    assert files == ()
    assert "berkas-0.pdf" in sealed.text


async def test_a_server_gets_the_files_as_they_are() -> None:
    clock = FakeClock()
    async with opened(PostOffice()) as post:
        sender = MailSender(
            post.url, FROM, clock, pause=Pause(clock), patience=QUICK, fetch=Shelf({"a": PNG, "b": b"%PDF-1.4"})
        )
        files = [
            {"file_id": "a", "name": "foto.png", "size": 9, "kind": "photo"},
            {"file_id": "b", "name": "surat – é.pdf", "size": 8, "kind": "document"},
        ]
        await sender.send(row(attachments=files, left_out="x"))
        (mail,) = post.taken
    parts = [(part.get_filename(), part.get_content_type(), part.get_content()) for part in mail.iter_attachments()]
    assert parts == [("foto.png", "image/png", PNG), ("surat – é.pdf", "application/pdf", b"%PDF-1.4")]
    body = mail.get_body(("plain",))
    assert body is not None
    assert "kode-482915" in body.get_content()


@pytest.mark.parametrize("wrong", [
    7, ["x"], [{}], [{"file_id": "a b", "name": "x", "size": 1, "kind": "photo"}],
    [{"file_id": "a", "name": "x\r\nBcc: y", "size": 1, "kind": "photo"}],
    [{"file_id": "a", "name": "x", "size": -1, "kind": "photo"}],
])  # fmt: skip
async def test_what_is_no_list_of_files_is_refused_without_a_call(wrong: object) -> None:
    clock = FakeClock()
    async with opened(PostOffice()) as post:
        sender = MailSender(post.url, FROM, clock, pause=Pause(clock), patience=QUICK)
        with pytest.raises(Refused):
            await sender.send(row(attachments=wrong))
        assert post.met == 0
