"""The client of the Bot API: messages of the outbox, calls that nobody waits for, and the next updates."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from telegram.error import TelegramError

from bot.delivery import EDIT, Pause, Sent
from bot.errors import AlreadySo, DeliveryError, Refused, TryLater, Unknown
from bot.telegram.payload import Request, read_request
from bot.telegram.refusals import BadEntities, Gone, translated
from bot.telegram.transport import ApiRequest, Stored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from storage.records import Outgoing

log = logging.getLogger(__name__)

PASSING_LIMIT = 256  # calls under way that nobody waits for; more of them are not begun
PASSING_CONNECTIONS = 64  # for these calls alone
DOWNLOAD_SECONDS = 30.0  # for a file of 20 MB
UPLOAD_SECONDS = 45.0  # for a file made here, 4 MB at most; within what the relay waits for a call
FILE_PATH = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_.-]+)+")
PASSING_SECONDS = 5.0  # an acknowledgement that takes longer has lost its sense


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to make a connection, and to wait for an answer."""

    connect: float = 5.0
    read: float = 10.0


@dataclass(frozen=True, slots=True)
class Me:
    """The bot's own number and username (without @)."""

    id: int
    username: str


class TelegramSender:
    """One bot. `api` is the base address; `connections` bounds the requests under way at a time.

    Every method that asks Telegram raises a `DeliveryError`. A 429, whatever was asked, opens the `pause`.
    """

    def __init__(
        self,
        token: str,
        *,
        pause: Pause,
        api: str = "https://api.telegram.org",
        connections: int = 256,
        timeouts: Timeouts = Timeouts(),
    ) -> None:
        self._pause = pause
        self._timeouts = timeouts
        self._passing: set[asyncio.Task[None]] = set()
        # Each has connections of its own: polling must not wait for messages, nor these for acknowledgements.
        self._requests = self._polling, self._sending, self._acknowledging = tuple(
            ApiRequest(connections=size, connect_timeout=timeouts.connect, read_timeout=timeouts.read)
            for size in (1, connections, PASSING_CONNECTIONS)
        )
        self._address, self._files = (f"{api.rstrip('/')}/{what}bot{token}" for what in ("", "file/"))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def pause(self) -> Pause:
        return self._pause

    async def start(self) -> None:
        """Open the connections. Nothing is asked yet, so a wrong token shows at the first call."""
        # The library's debug log quotes addresses and parameters: the token, and what people are told.
        logging.getLogger("telegram").setLevel(logging.INFO)
        for request in self._requests:
            await request.initialize()

    async def stop(self) -> None:
        """Drop the calls that nobody waits for, and close the connections."""
        for task in self._passing:
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)
        for request in self._requests:
            await request.shutdown()

    async def rebuild(self) -> None:
        """Give up every connection and start with new ones; what was under way ends as unknown."""
        for request in self._requests:
            await request.shutdown()
            await request.initialize()

    async def send(self, row: Outgoing, message_id: int | None = None) -> Sent:
        """Make the request of one row; see `bot.delivery.Sender`."""
        request = read_request(row.payload, message_id)
        if not request.lacks_message():
            try:
                return await self._deliver(request)
            except Gone:
                pass
        anew = request.anew()
        return Sent(None) if anew is None else await self._deliver(anew)

    def call(self, method: str, **params: object) -> None:
        """Ask for something that is worth nothing later (an acknowledged press, typing dots); nobody waits for it.

        Skipped while a pause lasts, or when too many are under way.
        """
        if self._pause.left() > 0 or len(self._passing) >= PASSING_LIMIT:
            return
        task = asyncio.create_task(self._pass(method, params))
        self._passing.add(task)
        task.add_done_callback(self._passing.discard)

    async def get_updates(
        self,
        offset: int | None,
        timeout: int,  # noqa: ASYNC109 - Telegram is the one who waits, and this its word for it
        allowed_updates: Sequence[str],
    ) -> list[dict[str, object]]:
        """Take the next updates as raw JSON, waiting up to `timeout` seconds; confirms those before `offset`.

        Asks nothing while the pause lasts: then it raises TryLater with what is left of it.
        """
        if (left := self._pause.left()) > 0:
            raise TryLater("Telegram asked for a pause", after=left, reached=False)
        params = {"offset": offset, "timeout": timeout, "allowed_updates": list(allowed_updates), "limit": 100}
        updates = await self._ask("getUpdates", params, by=self._polling, read_timeout=timeout + self._timeouts.read)
        if not isinstance(updates, list):
            raise Unknown("getUpdates answered no list")
        return updates

    async def set_commands(self, commands: Mapping[str, str], language_code: str | None = None) -> None:
        """Register the menu of commands (name → description), for one language or for all others."""
        described = [{"command": name, "description": text} for name, text in commands.items()]
        await self._ask("setMyCommands", {"commands": described, "language_code": language_code})

    async def webhook(self) -> str:
        """Ask where Telegram delivers updates to; empty when they can be polled. The address may hold a secret."""
        answer = await self._ask("getWebhookInfo", {})
        url = answer.get("url") if isinstance(answer, dict) else None
        if not isinstance(url, str):
            raise Unknown("getWebhookInfo answered no address")
        return url

    async def me(self) -> Me:
        """Ask who this bot is: the way to check a token."""
        answer = await self._ask("getMe", {})
        if not isinstance(answer, dict):
            raise Unknown("getMe answered no object")
        number, username = answer.get("id"), answer.get("username")
        if not isinstance(number, int) or not isinstance(username, str):
            raise Unknown("getMe answered without id or username")
        return Me(number, username)

    async def download(self, file_id: str) -> bytes:
        """Fetch a file that somebody sent, 20 MB at most. Raises `Refused` if Telegram does not give it."""
        if (left := self._pause.left()) > 0:
            raise TryLater("Telegram asked for a pause", after=left, reached=False)
        answer = await self._ask("getFile", {"file_id": file_id})
        path = answer.get("file_path") if isinstance(answer, dict) else None
        if not isinstance(path, str) or not FILE_PATH.fullmatch(path):
            raise Refused("getFile answered no path")
        try:
            return await self._sending.retrieve(f"{self._files}/{path}", read_timeout=DOWNLOAD_SECONDS)
        except TelegramError as error:
            raise translated(error) from None  # the cause may quote the address, which holds the token

    async def _deliver(self, request: Request) -> Sent:
        # Given up too early, a file that has arrived all the same would be sent once more.
        read_timeout = max(UPLOAD_SECONDS, self._timeouts.read) if request.uploads else None
        try:
            answer = await self._ask(request.method, request.params, read_timeout=read_timeout)
        except BadEntities:
            answer = await self._ask(request.method, request.plain().params, read_timeout=read_timeout)
        except AlreadySo as error:
            number = request.params.get("message_id") if request.method == EDIT else None
            raise AlreadySo(str(error), number if isinstance(number, int) else None) from None  # the same, completed
        number = answer.get("message_id") if isinstance(answer, dict) else None
        return Sent(number if isinstance(number, int) else None)

    async def _pass(self, method: str, params: Mapping[str, object]) -> None:
        try:
            read_timeout = min(PASSING_SECONDS, self._timeouts.read)
            await self._ask(method, params, by=self._acknowledging, read_timeout=read_timeout)
        except DeliveryError as error:
            log.debug("%s was not carried out: %s", method, type(error).__name__)

    async def _ask(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        by: ApiRequest | None = None,
        read_timeout: float | None = None,
    ) -> object:
        try:
            # Not by the library's `Bot`: it takes a request apart and builds it anew, and ours are stored as they are.
            answer: object = await (by or self._sending).post(
                f"{self._address}/{method}",
                Stored.request(params),
                read_timeout=self._timeouts.read if read_timeout is None else read_timeout,
            )
        except TelegramError as error:
            told = translated(error)
            if isinstance(told, TryLater) and told.after is not None:
                self._pause.extend(told.after)
            raise told from None  # the cause may quote the request
        except KeyError:
            raise Unknown("The answer holds no result") from None
        return answer
