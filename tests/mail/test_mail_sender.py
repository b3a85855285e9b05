"""From a letter to a real mail server, and from its answers to what has to be done about them."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from bot.delivery import Pause, Sent
from bot.errors import DeliveryError, Refused, TryLater, Unknown
from bot.mail.letter import Letter, message_id_of
from bot.mail.sender import CONNECTIONS, MailSender, Patience, check
from bot.mail.server import AMISS_WAIT, Amiss
from storage.records import Channel, Outgoing
from tests.clocks import START, FakeClock
from tests.mail.post_office import HOST, PASSWORD, TAKEN_AND_GONE, TAKEN_AND_SILENT, PostOffice, Stage, opened, trusting

FROM = "Pandu <pandu@kota.example>"
TO = "siti@kota.example"
SECRET = "kode-482915"
QUICK = Patience(sign_in=2.0, ready=2.0, taken=0.2)


def row(key: str = "telegram:7:0", **changed: object) -> Outgoing:
    letter = Letter.of(key, to=TO, subject="Konfirmasi", paragraphs=["Halo,", SECRET])
    return Outgoing(key, "mail:ab12", {**letter.payload(), **changed}, START, channel=Channel.MAIL)


@dataclass
class Scene:
    post: PostOffice
    sender: MailSender
    clock: FakeClock


@asynccontextmanager
async def scene(post: PostOffice | None = None, *, trusted: bool = True, url: str = "") -> AsyncIterator[Scene]:
    clock = FakeClock()
    async with opened(post or PostOffice()) as office:
        context = trusting() if trusted and office._context is not None else None
        yield Scene(
            office,
            MailSender(
                url or office.url, FROM, clock, pause=Pause(clock), tls_context=context, patience=QUICK
            ),
            clock,
        )  # fmt: skip


async def failure(one: Scene, of: Outgoing | None = None) -> DeliveryError:
    with pytest.raises(DeliveryError) as error:
        await one.sender.send(of or row())
    told = f"{error.value!r} {error.value.__cause__!r}"
    assert TO not in told
    assert SECRET not in told
    assert PASSWORD not in told
    return error.value


# How it gets there


@pytest.mark.parametrize("tls", ["offered", "at once"])
async def test_a_letter_arrives_encrypted_from_a_user_who_signed_in(tls: str) -> None:
    async with scene(PostOffice(tls=tls, asks_who=True)) as one:  # type: ignore[arg-type]  # one of the two above
        assert await one.sender.send(row()) == Sent(None)

        (mail,), (envelope,) = one.post.taken, one.post.envelopes
        assert (envelope.mail_from, envelope.rcpt_tos) == ("pandu@kota.example", [TO])
        assert (mail["To"], mail["Subject"]) == (TO, "Konfirmasi")
        assert mail["Date"].datetime == one.clock.now()
        assert mail["Message-ID"] == f"<{message_id_of('telegram:7:0')}@kota.example>"
        assert one.post.encrypted == [True]


async def test_on_this_machine_alone_it_may_go_in_clear() -> None:
    async with scene() as one:
        await one.sender.send(row())
        assert one.post.encrypted == [False]


async def test_where_starttls_is_not_offered_nothing_is_sent() -> None:
    async with opened(PostOffice()) as post:
        clock = FakeClock()
        sender = MailSender(post.url, FROM, clock, pause=Pause(clock), tls_context=trusting(), patience=QUICK)
        with pytest.raises(Amiss, match=r"offers no STARTTLS, and nothing is sent in clear\. Use smtps://"):
            await sender.send(row())
        assert post.taken == []


@pytest.mark.parametrize("tls", ["offered", "at once"])
@pytest.mark.parametrize(("name", "trusted"), [("lain.example", True), (HOST, False)])
async def test_a_certificate_that_is_wrong_says_what_to_do(tls: str, name: str, trusted: bool) -> None:  # noqa: FBT001 - a column of the table
    post = PostOffice(tls=tls, name=name)  # type: ignore[arg-type]  # one of the two above
    async with scene(post) as one:
        if not trusted:
            import ssl  # noqa: PLC0415 - only here: a context that trusts the machine's authorities and no other

            one.sender = MailSender(
                post.url,
                FROM,
                one.clock,
                pause=one.sender.pause,
                tls_context=ssl.create_default_context(),
                patience=QUICK,
            )
        error = await failure(one)

        assert isinstance(error, Amiss)
        assert "cannot be trusted" in str(error)
        assert "PANDU_SMTP_URL" in str(error)
        assert (error.after, one.sender.pause.left()) == (AMISS_WAIT, AMISS_WAIT)
        assert post.taken == []


async def test_tls_where_there_is_none_says_what_to_do() -> None:
    async with scene() as one:
        one.sender = MailSender(
            f"smtps://{HOST}:{one.post.port}",
            FROM,
            one.clock,
            pause=one.sender.pause,
            tls_context=trusting(),
            patience=QUICK,
        )
        error = await failure(one)
        assert isinstance(error, Amiss)
        assert "speaks no TLS here" in str(error)


async def test_a_password_that_is_refused_keeps_every_letter_and_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    async with scene(PostOffice(tls="offered", asks_who=True)) as one:
        right, wrong = one.post.url, one.post.url.replace("%2F", "x")
        one.sender = MailSender(wrong, FROM, one.clock, pause=one.sender.pause, tls_context=trusting(), patience=QUICK)
        errors = [await failure(one) for _ in range(3)]
        assert all(isinstance(error, Amiss) for error in errors)
        assert "refuses user or password (535 5.7.8). Correct them in PANDU_SMTP_URL" in str(errors[0])
        assert [record.levelname for record in caplog.records] == ["ERROR"]

        caplog.clear()
        one.sender._server = replace(one.sender._server, password=PASSWORD)
        await one.sender.send(row())
        assert [said.getMessage() for said in caplog.records if said.name.startswith("bot")] == ["Mail leaves again"]
    assert right not in caplog.text


# What answers mean


@pytest.mark.parametrize(
    ("stage", "answer", "kind"),
    [
        ("mail", "451 4.7.1 try later", TryLater),
        ("mail", "530 5.7.0 Authentication required", Amiss),
        ("mail", "553 5.7.1 Sender address rejected", Amiss),
        ("mail", "552 5.3.4 too large", Refused),
        ("rcpt", f"450 4.2.1 <{TO}> greylisted", TryLater),
        ("rcpt", f"550 5.1.1 <{TO}>: Recipient address rejected", Refused),
        ("rcpt", "530 5.7.0 Must issue a STARTTLS command first", Amiss),
        ("data", "452 4.3.1 no space", TryLater),
        ("data", f"554 5.7.1 {SECRET} is spam", Refused),
        ("data", TAKEN_AND_SILENT, Unknown),
        ("data", TAKEN_AND_GONE, Unknown),
    ],
)
async def test_each_answer_has_its_class(stage: Stage, answer: str, kind: type[DeliveryError]) -> None:
    async with scene() as one:
        one.post.answers[stage] = [answer]
        error = await failure(one)

        assert type(error) is kind
        if kind is TryLater:
            assert isinstance(error, TryLater)
            assert (error.after, error.reached) == (None, True)


async def test_after_an_unknown_end_the_second_copy_has_the_same_id() -> None:
    async with scene() as one:
        one.post.answers["data"] = [TAKEN_AND_GONE]
        await failure(one)
        one.clock.advance(3600)
        await one.sender.send(row())

        first, second = one.post.taken
        assert first["Message-ID"] == second["Message-ID"]


async def test_a_server_that_is_not_there_was_not_reached(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))  # bound and not listening
        async with scene(url=f"smtp://{HOST}:{taken.getsockname()[1]}") as one:
            errors = [await failure(one) for _ in range(2)]

    assert all(type(error) is TryLater and (error.after, error.reached) == (None, False) for error in errors)
    assert [record.levelname for record in caplog.records if record.name.startswith("bot")] == ["WARNING"]


async def test_a_host_without_an_address_was_not_reached() -> None:
    async with scene(url="smtp://no-such-host.invalid") as one:
        error = await failure(one)
        assert isinstance(error, TryLater)
        assert not error.reached


async def test_a_server_that_says_nothing_is_given_up() -> None:
    over = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        over.set()

    server = await asyncio.start_server(mute, HOST, 0)
    port = server.sockets[0].getsockname()[1]
    clock = FakeClock()
    sender = MailSender(f"smtp://{HOST}:{port}", FROM, clock, pause=Pause(clock), patience=Patience(0.1, 0.1, 0.1))
    with pytest.raises(TryLater) as error:
        await sender.send(row())
    assert not error.value.reached
    await over.wait()
    server.close()


async def test_a_letter_that_is_none_is_refused_without_a_call() -> None:
    async with scene() as one:
        assert type(await failure(one, row(subject="a\nb"))) is Refused
        assert one.post.met == 0


async def test_few_connections_at_a_time_and_the_others_come_a_little_later() -> None:
    async with scene() as one:
        sends = [asyncio.create_task(one.sender.send(row(f"k{n}"))) for n in range(CONNECTIONS + 3)]
        ends = await asyncio.gather(*sends, return_exceptions=True)
        assert ends.count(Sent(None)) == CONNECTIONS
        assert {(end.after, end.reached) for end in ends if isinstance(end, TryLater)} == {(1.0, False)}


async def test_no_log_holds_an_address_or_a_text(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with scene(PostOffice(tls="offered", asks_who=True)) as one:
        for answers in ([], ["550 no"], [TAKEN_AND_GONE]):
            one.post.answers["data"] = list(answers)
            await asyncio.gather(one.sender.send(row()), return_exceptions=True)
    mine = [record.getMessage() for record in caplog.records if not record.name.startswith("mail.log")]  # the server's
    assert not [said for said in mine if TO in said or SECRET in said or PASSWORD in said]


# For doctor


async def test_a_server_that_is_well_is_checked_without_a_mail() -> None:
    async with opened(PostOffice(tls="offered", asks_who=True)) as post:
        await check(post.url, FROM, tls_context=trusting())
        assert (post.met, post.taken) == (1, [])


async def test_a_server_that_is_not_well_is_explained() -> None:
    async with opened(PostOffice(tls="offered", asks_who=True)) as post:
        with pytest.raises(Amiss, match="refuses user or password"):
            await check(post.url.replace("%2F", ""), FROM, tls_context=trusting())
