"""How requests get to Telegram: python-telegram-bot's extension point, on aiohttp.

What the library's own errors leave open is told apart here, because it decides whether a message may be sent again:

    NotReached   the request never got to Telegram: sending it again cannot make two
    NoAnswer     it left, and no usable answer came (time-out, reset, 5xx): it may have been carried out
    Flooded      429, with the seconds to wait, also when Telegram names none

The address of every request holds the token. So no error made here quotes one or keeps its cause, whose text might,
and nothing is logged.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, cast

import aiohttp
import orjson
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from telegram._utils.types import JSONDict, ODVInput  # the signature to override is written with them

TOO_MANY_REQUESTS = 429
DEFAULT_WAIT = 5.0  # seconds to wait after a 429 that names none
KEEP_ALIVE = 15.0  # seconds; shorter than any server's, so that the server is seldom the one who closes first
NOT_WRITTEN = "Cannot write to closing transport"  # aiohttp, raised before the first byte of a request is written
NO_DEFAULT = BaseRequest.DEFAULT_NONE


class NotReached(NetworkError):  # noqa: N818 - named for the outcome, like `bot.errors`
    """The request never got to Telegram."""


class NoAnswer(NetworkError):  # noqa: N818 - named for the outcome, like `bot.errors`
    """The request left, and no usable answer came."""


class Flooded(TelegramError):  # noqa: N818 - named for the outcome, like `bot.errors`
    """Too many requests; nothing is to be called for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Too many requests, wait {seconds:g} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Stored:
    """Parameters that are JSON already, as the outbox holds them, in the shape of the library's `RequestData`."""

    parameters: Mapping[str, object]
    contains_files: bool = False

    @classmethod
    def request(cls, params: Mapping[str, object]) -> RequestData:
        """The parameters that are given; None means not given. An object named `document` is a file to upload."""
        # The library's own class would take every value apart and build it anew; between `post` and our `do_request`
        # nothing reads more than these two attributes.
        given = {name: value for name, value in params.items() if value is not None}
        return cast("RequestData", cls(given, contains_files="document" in given))


class AiohttpRequest(BaseRequest):
    """One pool of at most `connections` connections; time-outs in seconds."""

    def __init__(self, *, connections: int = 256, connect_timeout: float = 5.0, read_timeout: float = 10.0) -> None:
        self._connections = connections
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return self._read_timeout

    async def initialize(self) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=KEEP_ALIVE),
                cookie_jar=aiohttp.DummyCookieJar(),
                # Small answers, asked for as they are: what needs no header and no unpacking is not paid for.
                auto_decompress=False,
                skip_auto_headers=("Accept", "Accept-Encoding"),
            )

    async def shutdown(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = NO_DEFAULT,
        write_timeout: ODVInput[float] = NO_DEFAULT,
        connect_timeout: ODVInput[float] = NO_DEFAULT,
        pool_timeout: ODVInput[float] = NO_DEFAULT,
    ) -> tuple[int, bytes]:
        """Make the request; answers status and body. The time to write counts as time to read, bodies are small."""
        if self._session is None:
            raise NotReached("The connection to Telegram is closed")
        timeout = _timeout(
            connect=_given(connect_timeout, self._connect_timeout),
            pool=_given(pool_timeout, self._connect_timeout),
            read=_longer(_given(read_timeout, self._read_timeout), _given(write_timeout, self._read_timeout)),
        )
        body, headers = _body(request_data)
        try:
            async with self._session.request(
                method, _address(url), data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                status, answer = response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            name = type(error).__name__
            raise (NotReached if never_left(error) else NoAnswer)(name) from None  # the cause quotes the address
        _check(status, answer)
        return status, answer

    @staticmethod
    def parse_json_payload(payload: bytes) -> JSONDict:
        try:
            answer = orjson.loads(payload)
        except orjson.JSONDecodeError:
            raise NoAnswer("The answer is not JSON") from None  # the cause quotes the answer
        if not isinstance(answer, dict):
            raise NoAnswer("The answer is not a JSON object")
        return answer


def never_left(error: BaseException) -> bool:
    """Whether the request certainly was not sent: no connection was made, or the one chosen was closed already."""
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.InvalidURL):
        return True
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, aiohttp.ClientConnectionResetError) and NOT_WRITTEN in str(link):
            return True
        link = link.__cause__
    return False


def _check(status: int, answer: bytes) -> None:
    """Raise what the library would flatten: 429, 5xx, and an answer that is not Telegram's."""
    if status == TOO_MANY_REQUESTS:
        raise Flooded(_retry_after(answer))
    if status >= 500:  # noqa: PLR2004 - the server's class of errors, RFC 9110 §15.6
        raise NoAnswer(f"Telegram answered {status}")
    if status >= 300 and _object(answer) is None:  # noqa: PLR2004 - everything that is not a success
        # A proxy or a captive portal, whose 403 must not be taken for a person who blocked the bot.
        raise NotReached(f"Something that is not Telegram answered {status}")


def _retry_after(answer: bytes) -> float:
    parameters = (_object(answer) or {}).get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return float(seconds) if isinstance(seconds, int | float) and seconds > 0 else DEFAULT_WAIT


def _object(answer: bytes) -> dict[str, object] | None:
    try:
        parsed = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _body(request_data: RequestData | None) -> tuple[bytes | aiohttp.FormData | None, dict[str, str]]:
    if request_data is None:
        return None, {}
    if request_data.contains_files:
        return _form(request_data.parameters), {}
    return orjson.dumps(request_data.parameters), {"Content-Type": "application/json"}


def _form(params: Mapping[str, object]) -> aiohttp.FormData:
    """A request with a file: `{"filename": ..., "content": ...}`, whose content is a text."""
    form = aiohttp.FormData()
    for name, value in params.items():
        if name == "document" and isinstance(value, dict):
            form.add_field(name, str(value["content"]).encode(), filename=str(value["filename"]))
        else:
            form.add_field(name, value if isinstance(value, str) else orjson.dumps(value).decode())
    return form


@lru_cache(maxsize=64)  # one a method and bot; to read an address takes a tenth of the time of a request
def _address(url: str) -> URL:
    return URL(url, encoded=True)


@cache  # there are a handful of them, and one is needed for every request
def _timeout(*, connect: float | None, pool: float | None, read: float | None) -> aiohttp.ClientTimeout:
    """Connecting has its own limit; what is left of the total is for the answer, which comes in one piece."""
    first = None if connect is None or pool is None else connect + pool
    total = None if first is None or read is None else first + read
    return aiohttp.ClientTimeout(total=total, connect=first, sock_connect=connect)


def _given(value: ODVInput[float], default: float) -> float | None:
    return value if value is None or isinstance(value, int | float) else default


def _longer(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else max(one, other)
