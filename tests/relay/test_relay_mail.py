"""The relay with two channels: a real mail server that misbehaves as told beside a Telegram that does."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.delivery import Pause
from bot.mail.letter import Letter
from bot.mail.sender import MailSender, Patience
from bot.relay import LONGEST_SEND
from storage.records import Channel, Kind, Outgoing, State
from tests.mail.post_office import TAKEN_AND_GONE, TAKEN_AND_SILENT, PostOffice, opened, trusting
from tests.relay.stage import Stage, refusing, staged

FROM = "Pandu <pandu@kota.example>"


@dataclass
class Desk:
    """A stage, and the mail server beside it."""

    stage: Stage
    post: PostOffice

    def mail(self, key: str, *, lane: str = "mail:ab12", kind: Kind = Kind.ANSWER) -> Outgoing:
        letter = Letter.of(key, to="siti@kota.example", subject=key, paragraphs=["Halo"])
        claim = self.stage.relay.claim()
        return Outgoing(
            key, lane, letter.payload(), self.stage.clock.now(), channel=Channel.MAIL, kind=kind,
            claimed_until=claim.until, claimed_by=claim.by,
        )  # fmt: skip

    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.post.taken]

    def sign_up(self, url: str = "", *, trusted: bool = False) -> None:
        clock = self.stage.clock
        self.stage.others[Channel.MAIL] = MailSender(
            url or self.post.url, FROM, clock, pause=Pause(clock), patience=Patience(taken=0.2),
            tls_context=trusting() if trusted else None,
        )  # fmt: skip


@asynccontextmanager
async def desk(tmp_path: Path, post: PostOffice | None = None, *, trusted: bool = False) -> AsyncIterator[Desk]:
    async with opened(post or PostOffice()) as office, staged(tmp_path) as stage:
        one = Desk(stage, office)
        one.sign_up(trusted=trusted)
        await stage.stop()
        await stage.restart()
        yield one


async def test_mail_and_chats_leave_each_by_its_own_way(tmp_path: Path) -> None:
    async with desk(tmp_path) as one:
        await one.stage.put(one.mail("surat"), one.stage.row(1, "halo"))
        await one.stage.quiet()

        assert (one.subjects(), one.stage.texts()) == (["surat"], ["halo"])
        assert await one.stage.states() == {State.SENT: 2}


async def test_a_mail_server_that_is_away_for_an_hour_gets_it_once(tmp_path: Path) -> None:
    async with desk(tmp_path) as one:
        await one.post.close()
        await one.stage.put(one.mail("surat", kind=Kind.NOTICE))
        await one.stage.pass_time(3600)
        assert await one.stage.states() == {State.QUEUED: 1}

        await one.post.open()
        await one.stage.pass_time(600)
        assert one.subjects() == ["surat"]
        assert await one.stage.states() == {State.SENT: 1}


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
async def test_later_means_later_and_never_is_a_dead_letter(tmp_path: Path, stage: str) -> None:
    async with desk(tmp_path) as one:
        one.post.answers[stage] = ["450 4.2.0 later", "552 5.0.0 never"]  # type: ignore[index]  # one of the three above
        await one.stage.put(one.mail("surat", kind=Kind.NOTICE))
        await one.stage.quiet()
        assert await one.stage.states() == {State.QUEUED: 1}
        await one.stage.pass_time(5)
        assert await one.stage.states() == {State.DEAD: 1}

        await one.stage.put(one.mail("lain"))
        await one.stage.quiet()
        assert one.subjects() == ["lain"]


@pytest.mark.parametrize("end", [TAKEN_AND_GONE, TAKEN_AND_SILENT])
async def test_an_answer_nobody_heard_of_goes_again_under_the_same_id_and_a_notice_does_not(
    tmp_path: Path, end: str
) -> None:
    async with desk(tmp_path) as one:
        one.post.answers["data"] = [end, end]
        await one.stage.put(one.mail("surat"), one.mail("kabar", lane="mail:cd34", kind=Kind.NOTICE))
        await one.stage.pass_time(30)

        assert sorted(one.subjects()) == ["kabar", "surat", "surat"]
        assert len({mail["Message-ID"] for mail in one.post.taken}) == 2
        assert await one.stage.states() == {State.SENT: 1, State.UNKNOWN: 1}


async def test_a_wrong_certificate_costs_no_mail_and_holds_no_chat(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk(tmp_path, PostOffice(tls="offered", name="lain.example"), trusted=True) as one:
        await one.stage.put(*(one.mail(f"surat {n}", lane=f"mail:{n}") for n in range(6)))
        await one.stage.quiet()
        met = one.post.met
        await one.stage.put(one.stage.row(1, "halo"))
        await one.stage.pass_time(250)
        assert one.stage.texts() == ["halo"]
        assert one.post.met == met  # asked again only when the pause is over
        await one.stage.pass_time(1200)
        assert await one.stage.states() == {State.QUEUED: 6, State.SENT: 1}
        assert one.post.taken == []
    said = [record for record in caplog.records if record.name == "bot.mail.sender"]
    assert [record.levelname for record in said] == ["ERROR"]
    assert "cannot be trusted" in said[0].getMessage()


async def test_a_429_of_telegram_holds_no_mail(tmp_path: Path) -> None:
    async with desk(tmp_path) as one:
        one.stage.answers = [refusing(429, "Too Many Requests", retry_after=60)]
        await one.stage.put(one.stage.row(1, "halo"))
        await one.stage.quiet()
        await one.stage.put(one.mail("surat"), one.stage.row(2, "juga"))
        await one.stage.quiet()
        assert one.subjects() == ["surat"]
        assert one.stage.texts() == ["halo"]
        await one.stage.pass_time(61)
        assert sorted(one.stage.texts()) == ["halo", "halo", "juga"]


async def test_a_refused_token_holds_no_mail_and_a_mail_that_left_says_nothing_about_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.relay")
    async with desk(tmp_path) as one:
        one.stage.answers = [refusing(401, "Unauthorized")] * 100
        await one.stage.put(one.stage.row(1, "halo"))
        await one.stage.quiet()
        for number in range(5):
            await one.stage.put(one.mail(f"surat {number}"))
        await one.stage.pass_time(30)
        assert len(one.subjects()) == 5
        assert [record.levelname for record in caplog.records] == ["ERROR"]


async def test_many_mails_at_once_all_arrive_in_order_and_at_no_chats_pace(tmp_path: Path) -> None:
    async with desk(tmp_path) as one:
        await one.stage.put(*(one.mail(f"{n}") for n in range(40)))
        await one.stage.quiet()
        assert one.subjects() == [f"{n}" for n in range(40)]
        await one.stage.put(*(one.mail(f"lain {n}", lane=f"mail:{n}") for n in range(20)))
        await one.stage.pass_time(30)
        assert len(one.subjects()) == 60


async def test_where_there_is_no_mail_server_a_mail_waits(tmp_path: Path) -> None:
    async with desk(tmp_path) as one:
        del one.stage.others[Channel.MAIL]
        await one.stage.stop()
        await one.stage.restart()
        await one.stage.put(one.mail("surat"), one.stage.row(1, "halo"))
        await one.stage.pass_time(3600)
        assert await one.stage.states() == {State.QUEUED: 1, State.SENT: 1}

        one.sign_up()
        await one.stage.stop()
        await one.stage.restart()
        await one.stage.pass_time(700)
        assert one.subjects() == ["surat"]


def test_a_call_of_every_channel_ends_before_it_is_cut_off() -> None:
    patience = Patience()
    assert patience.sign_in + patience.ready + patience.taken < LONGEST_SEND.total_seconds()
