"""The web server. A link is opened by people, by mail scanners, by previews: only a form that was sent back acts.

It listens on this machine alone: whoever makes it public (nginx, Caddy) brings the certificate. No token is logged.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from bot.web import page
from bot.web.links import LONGEST_WORDS, NEED_WORDS, PATH, TOKEN, Desk, Offer, Outcome
from conversations.guard import secret_in
from storage import StorageError

if TYPE_CHECKING:
    from bot.catalogs import Catalog

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
LARGEST_FORM = 64 * 1024  # bytes
READ_SECONDS = 20.0  # for the form of somebody with a slow connection
FEWEST_SIGNS = 3  # of what somebody writes
STOPPING = 1.0  # seconds for requests under way

SECURITY = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {page.STYLE_HASH}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not `no-referrer`: with it a browser would send the form without saying where it comes from.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PortTaken(Exception):  # noqa: N818 - it is said to the operator as a sentence
    """Another program listens there."""


def listening(port: int) -> socket.socket:
    """Take a port of this machine; 0 takes a free one. Raises PortTaken."""
    try:
        return socket.create_server((HOST, port))
    except OSError:
        said = f"PANDU_WEB_PORT is {port}, where another program listens. Stop it, or choose another port."
        raise PortTaken(said) from None


class WebEdge:
    """Serves `listener` while `run` lasts. `public_url` is what the links begin with."""

    def __init__(self, desk: Desk, catalog: Catalog, listener: socket.socket, public_url: str) -> None:
        self._desk, self._catalog, self._listener = desk, catalog, listener
        self._origin = "{0.scheme}://{0.netloc}".format(urlsplit(public_url))

    async def run(self) -> None:
        """Serve until cancelled."""
        app = web.Application(middlewares=[self._guard], client_max_size=LARGEST_FORM)
        app.add_routes(
            [
                web.get(PATH + "{token}", self._show),  # HEAD too
                web.post(PATH + "{token}", self._act),
                web.get("/robots.txt", _robots),
            ]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOPPING, keepalive_timeout=READ_SECONDS)
        await runner.setup()
        try:
            await web.SockSite(runner, self._listener).start()
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _show(self, request: web.Request) -> web.Response:
        """Say what the link would do; nothing changes, however often it is asked for."""
        token = request.match_info["token"]
        offer = await self._offer(token)
        if offer is None:
            return self._spent()
        return _html(page.confirmation(self._catalog, offer, self._desk.sign(token)))

    async def _act(self, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        offer = await self._offer(token)
        if offer is None:
            return self._spent()
        async with asyncio.timeout(READ_SECONDS):
            form = await request.post()
        signature, words = _field(form.get("form")), _field(form.get("words")).strip()
        wrong = self._wrong(request, token, signature) or _amiss(offer, words)
        if wrong:
            kept = "" if wrong == "secret" else words[:LONGEST_WORDS]
            shown = page.confirmation(self._catalog, offer, self._desk.sign(token), wrong=wrong, words=kept)
            return _html(shown, 403 if wrong == "stale" else 422)
        outcome = await self._desk.act(token, words if offer.act in NEED_WORDS else "")
        return _html(page.result(self._catalog, offer, outcome), _status(outcome))

    async def _offer(self, token: str) -> Offer | None:
        return await self._desk.look(token) if TOKEN.fullmatch(token) else None

    def _wrong(self, request: web.Request, token: str, signature: str) -> str:
        """Why this form is not the one that our page showed, if it is not."""
        origin = request.headers.get("Origin")
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        ours = origin in {None, self._origin} and site == "same-origin"
        return "" if ours and hmac.compare_digest(signature.encode(), self._desk.sign(token).encode()) else "stale"

    def _spent(self) -> web.Response:
        return _html(page.spent(self._catalog), 404)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The same headers on every answer, and no word of what went wrong in it or of the token in the log."""
        try:
            answer = await handler(request)
        except web.HTTPException as known:  # no such page, another method, a form that is too large
            answer = web.Response(status=known.status, text=f"{known.status} {known.reason}\n")
            if "Allow" in known.headers:
                answer.headers["Allow"] = known.headers["Allow"]
        except (StorageError, TimeoutError) as error:
            log.warning("a link could not be served (%s)", type(error).__name__)
            answer = _html(page.later(self._catalog), 503)
        except Exception as error:  # noqa: BLE001 - the last resort: aiohttp would log the address, which holds the token
            log.error("a link met %s", type(error).__name__)  # noqa: TRY400 - a trace may quote people
            answer = _html(page.later(self._catalog), 500)
        answer.headers.update(SECURITY)
        return answer


def _amiss(offer: Offer, words: str) -> str:
    """Why what was written cannot be taken, if it cannot."""
    if offer.act not in NEED_WORDS:
        return ""
    if len(words) < FEWEST_SIGNS:
        return "short"
    if len(words) > LONGEST_WORDS:
        return "long"
    return "secret" if secret_in(words, expects_code=False) is not None else ""


def _status(outcome: Outcome) -> int:
    return {"done": 200, "refused": 409, "spent": 404}[outcome.what]


def _field(value: object) -> str:
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8")


async def _robots(_: web.Request) -> web.Response:
    return web.Response(text="User-agent: *\nDisallow: /\n")
