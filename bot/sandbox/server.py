"""The sandbox as a whole: one web server on this machine for bot and people, and the mail server beside it."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from importlib import resources
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from aiohttp import web

from bot.clock import MovableClock
from bot.sandbox.chats import World
from bot.sandbox.errors import PortTaken
from bot.sandbox.faults import Faults
from bot.sandbox.files import MAX_UPLOAD
from bot.sandbox.people import PeopleApi
from bot.sandbox.telegram import BotApi

HOST = "127.0.0.1"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
DEFAULT_PORT = 8480
STOPPING = 0.1  # seconds that held requests get when the sandbox closes

CAST = (
    (710_000_101, "Siti", "id", "pegawai"),
    (710_000_102, "Budi", "id", "petugas"),
    (710_000_103, "Ratna", "id", "pejabat pengaduan"),
    (710_000_104, "Agus", "id", "admin"),
)
"""The fictional people whose phones the page shows: id, first name, language, role."""

PAGE = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    **{f"/{name}": (name, "text/javascript") for name in ("page.js", "phone.js", "mailbox.js", "parts.js")},
}
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Sandbox:
    """Serves while the `async with` lasts. Port 0 takes a free one; so does the mail port unless one is given.

    Raises:
        PortTaken: Another program listens on the port.
        ValueError: The token is not shaped like Telegram's.

    """

    def __init__(
        self, clock: MovableClock, port: int = DEFAULT_PORT, token: str | None = None, smtp_port: int = 0
    ) -> None:
        self.token = token or f"{secrets.randbelow(9 * 10**9) + 10**9}:AA{secrets.token_urlsafe(25)[:33]}"
        bot_id, colon, rest = self.token.partition(":")
        if not (bot_id.isascii() and bot_id.isdigit() and colon and rest):
            raise ValueError("A bot token looks like 123456:ABC-DEF.")
        self._port = port
        self._smtp_port = smtp_port
        self._world = World(clock, int(bot_id))
        faults = Faults()
        bot_api = BotApi(self._world, faults, self.token)
        people = PeopleApi(self._world, faults, bot_api)
        app = web.Application(middlewares=[_guard], client_max_size=MAX_UPLOAD)
        app.add_routes([*bot_api.routes(), *people.routes(), *(web.get(path, _page) for path in PAGE)])
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=STOPPING)
        for person_id, name, language, role in CAST:
            self._world.add_person(name, language, role, person_id)

    @property
    def api_url(self) -> str:
        """What stands before `/bot<token>/<method>`, without a slash at its end."""
        return f"http://{HOST}:{self._port}"

    @property
    def page_url(self) -> str:
        return f"{self.api_url}/"

    @property
    def smtp_url(self) -> str:
        return f"smtp://{HOST}:{self._world.mailbox.port}"

    async def __aenter__(self) -> Self:
        await self._world.mailbox.open(self._smtp_port)
        try:
            await self._runner.setup()
            site = web.TCPSite(self._runner, HOST, self._port)
            try:
                await site.start()
            except OSError as error:
                raise PortTaken(self._port) from error
        except BaseException:
            await self._close()
            raise
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def _close(self) -> None:
        await self._runner.cleanup()
        await self._world.mailbox.close()


async def _page(request: web.Request) -> web.Response:
    name, content_type = PAGE[request.path]
    content = (resources.files(__package__) / "page" / name).read_text(encoding="utf-8")
    return web.Response(text=content, content_type=content_type, headers={"Cache-Control": "no-cache"})


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers this machine alone: no foreign host name (DNS rebinding), no foreign page (request forgery)."""
    if not _is_local(request):
        return web.Response(status=403, text="The sandbox answers this machine alone.\n")
    response = await handler(request)
    if not response.prepared:
        response.headers.update(SECURITY)
    return response


def _is_local(request: web.Request) -> bool:
    try:
        host = urlsplit(f"//{request.host}").hostname
    except ValueError:
        return False
    origin = request.headers.get("Origin")
    same_origin = origin is None or origin == f"http://{request.host}"
    cross_site = request.headers.get("Sec-Fetch-Site", "none") in {"cross-site", "same-site"}
    return host in LOOPBACK and same_origin and not (cross_site and request.path != "/")
