"""The web edge in a real server: looking changes nothing, only its own form acts, once, and nothing leaks."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from html import unescape

import aiohttp
import pytest

from bot.web.edge import PortTaken, WebEdge, listening
from bot.web.links import ACTS, LONGEST_WORDS, NEED_WORDS, PATH, Offer, Outcome, link_to
from bot.web.page import STYLE, STYLE_HASH
from conversations.complaint import Act, Status
from storage import Unavailable
from tests.mail.complaints import CATALOG, NUMBER, wib

TOKEN = "aB3_x-9aB3_x-9aB3_x-9"
OFFER = Offer(NUMBER, "<Layanan> & lain", Act.DIRECT, wib("2026-11-30 09.00"))


DONE = Outcome("done")


@dataclass
class OneLink:
    """A desk with one link, and what was done with it."""

    offer: Offer = OFFER
    outcome: Outcome = DONE
    trouble: Exception | None = None
    done: list[str] = field(default_factory=list)
    looked: int = 0

    async def look(self, token: str) -> Offer | None:
        self.looked += 1
        if self.trouble is not None:
            raise self.trouble
        return self.offer if token == TOKEN and not self.done else None

    async def act(self, token: str, text: str) -> Outcome:
        if token != TOKEN or self.done:
            return Outcome("spent")
        if self.outcome.what == "done":
            self.done.append(text)
        return self.outcome

    def sign(self, token: str) -> str:
        return f"signed-{token}"


@dataclass
class Visit:
    """A server and somebody who visits it."""

    desk: OneLink
    http: aiohttp.ClientSession
    origin: str

    @property
    def link(self) -> str:
        return link_to(self.origin, TOKEN)

    async def get(self, url: str = "") -> tuple[int, str]:
        async with self.http.get(url or self.link) as answer:
            return answer.status, unescape(await answer.text())

    async def post(self, words: str = "Mohon dibuka kuncinya", **more: object) -> tuple[int, str]:
        """Send the form of the page, unless `form` says otherwise; other values are headers."""
        form = {"form": str(more.pop("form", f"signed-{TOKEN}")), "words": words}
        headers = {name.replace("_", "-"): str(value) for name, value in more.items()}
        async with self.http.post(self.link, data=form, headers=headers) as answer:
            return answer.status, unescape(await answer.text())


@asynccontextmanager
async def visiting(**desk: object) -> AsyncIterator[Visit]:
    listener = listening(0)
    origin = "http://{}:{}".format(*listener.getsockname())
    link = OneLink(**desk)  # type: ignore[arg-type]  # passed on as it is
    serving = asyncio.create_task(WebEdge(link, CATALOG, listener, origin).run())
    async with aiohttp.ClientSession() as http:
        yield Visit(link, http, origin)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    listener.close()


# Looking


@pytest.mark.parametrize("act", ACTS)
async def test_the_page_says_what_will_happen_and_no_more(act: Act) -> None:
    async with visiting(offer=replace(OFFER, act=act)) as visit:
        status, page = await visit.get()
    assert status == 200
    assert f"Complaint {NUMBER} · <Layanan> & lain" in page
    assert page.count("<button") == 1
    assert ("<textarea" in page) == (act in NEED_WORDS)


async def test_what_comes_from_outside_is_no_markup() -> None:
    async with visiting() as visit, visit.http.get(visit.link) as answer:
        assert "&lt;Layanan&gt; &amp; lain" in await answer.text()


async def test_scanners_may_look_as_often_as_they_like() -> None:
    async with visiting() as visit:
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH") * 5:
            async with visit.http.request(method, visit.link) as answer:
                assert answer.status == (200 if method in {"GET", "HEAD"} else 405)
        assert visit.desk.done == []
        assert (await visit.post())[0] == 200


async def test_every_answer_forbids_to_keep_index_or_frame_it() -> None:
    async with visiting() as visit:
        for url in (visit.link, visit.link + "x", visit.origin + "/", visit.origin + "/robots.txt"):
            async with visit.http.get(url) as answer:
                headers = answer.headers
                assert headers["Cache-Control"] == "no-store"
                assert "noindex" in headers["X-Robots-Tag"]
                assert headers["Content-Security-Policy"].startswith("default-src 'none'")
                assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
                assert "Set-Cookie" not in headers


async def test_the_page_loads_nothing() -> None:
    async with visiting() as visit, visit.http.get(visit.link) as answer:
        page = await answer.text()
        assert STYLE_HASH in answer.headers["Content-Security-Policy"]
    assert f"<style>{STYLE}</style>" in page
    assert not re.search(r"<(script|link|img|iframe)|\bsrc=|url\(|https?://", page)


@pytest.mark.parametrize("token", ["x", "a" * 30, TOKEN[:-1], "%2e%2e%2f", "a" * 500, TOKEN + "%00"])
async def test_a_link_that_is_not_one_is_not_valid(token: str) -> None:
    async with visiting() as visit:
        status, page = await visit.get(f"{visit.origin}{PATH}{token}")
        assert status == 404
        assert NUMBER not in page


async def test_what_is_no_token_is_not_even_looked_up() -> None:
    async with visiting() as visit:
        await visit.get(f"{visit.origin}{PATH}a.b")
        assert visit.desk.looked == 0


# Acting


@pytest.mark.parametrize("act", ACTS)
async def test_the_form_acts_once(act: Act) -> None:
    async with visiting(offer=replace(OFFER, act=act)) as visit:
        assert (await visit.post(" Mohon dibuka\r\nkuncinya "))[0] == 200
        assert visit.desk.done == (["Mohon dibuka\nkuncinya"] if act in NEED_WORDS else [""])
        status, page = await visit.post()
        assert status == 404
        assert "If you have just pressed its button" in page
        assert len(visit.desk.done) == 1
        assert (await visit.get())[0] == 404


async def test_two_presses_at_once_act_once() -> None:
    async with visiting() as visit:
        answers = await asyncio.gather(*(visit.post() for _ in range(10)))
        assert sorted(status for status, _ in answers) == [200, *[404] * 9]
        assert len(visit.desk.done) == 1


@pytest.mark.parametrize("headers", [
    {"form": ""}, {"form": "signed-other"}, {"Origin": "https://jahat.example"}, {"Origin": "null"},
    {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"},
])  # fmt: skip
async def test_a_form_of_another_page_only_shows_this_one(headers: dict[str, str]) -> None:
    async with visiting() as visit:
        status, page = await visit.post(**headers)
        assert status == 403
        assert "press the button once more" in page
        assert "Mohon dibuka kuncinya" in page, "nothing that was written is lost"
        assert visit.desk.done == []


async def test_the_form_of_this_page_is_taken_with_what_browsers_say_of_it() -> None:
    async with visiting() as visit:
        assert (await visit.post(Origin=visit.origin, Sec_Fetch_Site="same-origin"))[0] == 200


@pytest.mark.parametrize(("words", "said"), [
    ("", "a few words"), (" \n ", "a few words"), ("x" * (LONGEST_WORDS + 1), "2,000 characters at most"),
    ("NIK saya 3375012345670001", "no passphrase"),
])  # fmt: skip
async def test_words_that_cannot_be_taken_are_asked_for_again(words: str, said: str) -> None:
    async with visiting() as visit:
        status, page = await visit.post(words)
        assert status == 422
        assert said in page
        assert "3375012345670001" not in page
        assert visit.desk.done == []
        assert (await visit.post())[0] == 200


@pytest.mark.parametrize("status", Status)
async def test_what_is_not_possible_any_more_is_said(status: Status) -> None:
    async with visiting(outcome=Outcome("refused", status)) as visit:
        code, page = await visit.post()
        assert code == 409
        assert "stands differently now" in page


async def test_a_form_that_is_too_large_is_refused() -> None:
    async with visiting() as visit:
        assert (await visit.post("x" * 100_000))[0] == 413
        assert visit.desk.done == []


# Trouble


@pytest.mark.parametrize(("trouble", "status"), [(Unavailable("full"), 503), (RuntimeError(TOKEN), 500)])
async def test_when_nothing_can_be_stored_the_link_stays(
    trouble: Exception, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with visiting(trouble=trouble) as visit:
        code, page = await visit.post()
        assert code == status
        assert "try again in a moment" in page
        visit.desk.trouble = None
        assert (await visit.post())[0] == 200
    assert TOKEN not in caplog.text


async def test_garbage_on_the_line_stops_nothing() -> None:
    async with visiting() as visit:
        host, port = visit.origin.removeprefix("http://").split(":")
        for garbage in (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET / HTTP/9\r\n\r\n", b"POST"):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(garbage)
            writer.close()
            await writer.wait_closed()
        assert (await visit.get())[0] == 200


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"PANDU_WEB_PORT is {port}"):
            listening(port)
