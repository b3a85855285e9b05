"""What `pandu doctor` says of mail, and of a webhook that takes the updates away."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import doctor
from bot.settings import Settings
from tests.mail.post_office import HOST, PostOffice, opened
from tests.telegram_server import ApiServer, Call

TOKEN = "123456:AAAAAAAAAAAA"


def settings(tmp_path: Path, **given: object) -> Settings:
    return Settings.model_validate({"data_dir": tmp_path, "telegram_token": SecretStr(TOKEN), **given})


@pytest.mark.parametrize(
    ("mail_from", "bad", "said"),
    [("Pandu <pandu@kota.example>", False, f"{HOST} takes mail."), (None, True, "set PANDU_MAIL_FROM")],
)
async def test_a_mail_server_that_is_well(tmp_path: Path, mail_from: str | None, bad: bool, said: str) -> None:  # noqa: FBT001 - a column of the table
    async with opened(PostOffice()) as post:
        found = await doctor._mail(settings(tmp_path, smtp_url=SecretStr(post.url), mail_from=mail_from))
    assert found.bad is bad
    assert said in found.says


async def test_a_mail_server_that_refuses_us_says_what_to_do(tmp_path: Path) -> None:
    async with opened(PostOffice()) as post:
        url = SecretStr(post.url.replace("://", "://siti:rahasia@"))
        found = await doctor._mail(settings(tmp_path, smtp_url=url, mail_from="a@kota.example"))
    assert found.bad
    assert "refuses user or password (535 5.7.8). Correct them in PANDU_SMTP_URL" in found.says
    assert "rahasia" not in found.says


async def test_without_a_mail_server_it_says_what_that_means(tmp_path: Path) -> None:
    found = await doctor._mail(settings(tmp_path))
    assert not found.bad
    assert "nobody can register" in found.says


@pytest.mark.parametrize(
    ("webhook", "bad", "said"),
    [("", False, "the token is that of @PanduBot."),
     ("https://lain.example/hook/s3cret", True, "a webhook at lain.example")],
)  # fmt: skip
async def test_a_webhook_elsewhere_is_told(tmp_path: Path, webhook: str, bad: bool, said: str) -> None:  # noqa: FBT001 - a column of the table
    def answer(call: Call) -> None:
        call.ok({"url": webhook} if call.method == "getWebhookInfo" else {"id": 9, "username": "PanduBot"})

    async with ApiServer(answer) as server:
        found = await doctor._token(settings(tmp_path, telegram_api=server.url))
    assert found.bad is bad
    assert said in found.says
    assert "s3cret" not in found.says
