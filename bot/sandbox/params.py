"""The parameters of a Bot API request, however they were sent: query, form, multipart or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from aiohttp import web

from bot.sandbox.errors import bad_request


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the request."""

    name: str
    content: bytes
    mime: str


@dataclass(frozen=True, slots=True)
class Params:
    """As lenient as Telegram: a number may come as text, an object as JSON text."""

    values: Mapping[str, object]

    def has(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str) -> str:
        match self.values.get(name):
            case str(value):
                return value
            case bool(value):
                return str(value).lower()
            case int(value) | float(value):
                return str(value)
            case _:
                return ""

    def integer(self, name: str, default: int = 0) -> int:
        text = self.text(name)
        try:
            return int(text) if text else default
        except ValueError:
            return 0  # what Telegram makes of words where it expects a number

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in {"true", "yes", "1"}

    def json(self, name: str, called: str) -> object:
        """The object, or None where the parameter is missing or empty.

        Raises:
            Refused: The text is not JSON; `called` is Telegram's name for it.

        """
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            parsed: object = orjson.loads(value)
        except orjson.JSONDecodeError as error:
            raise bad_request(f"can't parse {called} JSON object") from error
        return parsed

    def upload(self, name: str) -> Upload | None:
        """The file sent under this name, or under the one that `attach://` points to."""
        value = self.values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            value = self.values.get(value.removeprefix("attach://"))
        return value if isinstance(value, Upload) else None


async def read(request: web.Request) -> Params:
    """Everything the request carries; the body wins over the address.

    Raises:
        Refused: The body is not what its content type says.

    """
    values: dict[str, object] = dict(request.query)
    if request.content_type == "application/json":
        values |= _object(await request.read())
    elif request.can_read_body:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                values[name] = Upload(value.filename, value.file.read(), value.content_type)
            elif isinstance(value, str):
                values[name] = value
    return Params(values)


def _object(body: bytes) -> dict[str, object]:
    if not body:
        return {}
    try:
        parsed: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise bad_request("can't parse JSON object") from error
    if not isinstance(parsed, dict):
        raise bad_request("object expected")
    return parsed
