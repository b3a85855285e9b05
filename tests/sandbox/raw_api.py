"""A bare client of the Bot API, and the moment at which the sandbox's clock stands in tests."""

from __future__ import annotations

from datetime import UTC, datetime

import aiohttp

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # 09.00 WIB


class Api:
    """The Bot API as raw as it gets: a method and its parameters, status and JSON back."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._base = base

    async def __call__(self, method: str, **params: object) -> dict[str, object]:
        async with self._session.post(f"{self._base}/{method}", json=params) as answer:
            body: dict[str, object] = await answer.json()
            assert answer.status == (200 if body["ok"] else body["error_code"])
            return body

    async def result(self, method: str, **params: object) -> dict[str, object]:
        body = await self(method, **params)
        assert body["ok"], body
        result = body["result"]
        assert isinstance(result, dict)
        return result

    async def updates(self, **params: object) -> list[dict[str, object]]:
        body = await self("getUpdates", **params)
        assert body["ok"], body
        result = body["result"]
        assert isinstance(result, list)
        return result

    async def refusal(self, method: str, **params: object) -> str:
        body = await self(method, **params)
        assert not body["ok"], body
        return str(body["description"])
