"""How requests get to Telegram: python-telegram-bot's extension point, on a client of our own (`http.py`).

What the library's own errors leave open is told apart here, because it decides whether a message may be sent again:

    NotReached   the request never got to Telegram: sending it again cannot make two
    NoAnswer     it left, and no usable answer came (time-out, reset, 5xx): it may have been carried out
    Flooded      429, with the seconds to wait, also when Telegram names none

The address of every request holds the token. So no error made here quotes one or keeps its cause, whose text might,
and nothing is logged.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import orjson
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData

from bot.telegram.http import Client, NoResponse, NotSent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from telegram._utils.types import JSONDict, ODVInput  # the signature to override is written with them

TOO_MANY_REQUESTS = 429
JSON = "application/json"
DEFAULT_WAIT = 5.0  # seconds to wait after a 429 that names none
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
        return cast("RequestData", cls(given, contains_files=isinstance(given.get("document"), dict)))


class ApiRequest(BaseRequest):
    """At most `connections` requests at a time; time-outs in seconds."""

    def __init__(self, *, connections: int = 256, connect_timeout: float = 5.0, read_timeout: float = 10.0) -> None:
        self._connections = connections
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._client: Client | None = None

    @property
    def read_timeout(self) -> float:
        return self._read_timeout

    async def initialize(self) -> None:
        if self._client is None:
            self._client = Client(self._connections)

    async def shutdown(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

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
        if self._client is None:
            raise NotReached("The connection to Telegram is closed")
        body, content_type = _body(request_data)
        try:
            status, answer = await self._client.request(
                method,
                url,
                body,
                connect=_sum(_given(connect_timeout, self._connect_timeout), _given(pool_timeout, 0.0)),
                read=_longer(_given(read_timeout, self._read_timeout), _given(write_timeout, 0.0)),
                content_type=content_type,
            )
        except NotSent as error:
            raise NotReached(str(error)) from None
        except NoResponse as error:
            raise NoAnswer(str(error)) from None
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


def _body(request_data: RequestData | None) -> tuple[bytes | None, str]:
    """The body of a request and its type."""
    if request_data is None:
        return None, JSON
    if request_data.contains_files:
        return _form(request_data.parameters)
    return orjson.dumps(request_data.parameters), JSON


def _form(params: Mapping[str, object]) -> tuple[bytes, str]:
    """A request with a file (RFC 7578): `{"filename": ..., "content": ...}`, whose content is a text."""
    boundary = secrets.token_hex(16)
    pieces: list[bytes] = []
    for name, value in params.items():
        field = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'
        if name == "document" and isinstance(value, dict):
            file = "".join(sign for sign in str(value["filename"]) if sign.isprintable() and sign not in '"\\')
            field += f'; filename="{file}"\r\nContent-Type: application/octet-stream'
            body = str(value["content"]).encode()
        else:
            body = value.encode() if isinstance(value, str) else orjson.dumps(value)
        pieces += [field.encode(), b"\r\n\r\n", body, b"\r\n"]
    return b"".join([*pieces, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


def _given(value: ODVInput[float], default: float) -> float | None:
    return value if value is None or isinstance(value, int | float) else default


def _longer(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else max(one, other)


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other
