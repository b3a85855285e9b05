"""The Bot API over HTTP: addresses, tokens, the envelope of answers, faults.

Any method that the sandbox does not know is answered with 404, as Telegram answers one that it does not know.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from aiohttp import web

from bot.sandbox import params as parameters
from bot.sandbox.chats import World
from bot.sandbox.errors import Refused, bad_request
from bot.sandbox.faults import TOO_MANY_REQUESTS, Fault, Faults
from bot.sandbox.messages import METHODS, Method
from bot.sandbox.params import Params
from bot.sandbox.profile import TEXTS

CALLS_KEPT = 20_000
TOO_LARGE = 413


@dataclass(slots=True)
class Call:
    """One call of the bot. `at` counts seconds of this machine's monotonic clock; `status` is 0 when no answer left."""

    at: float
    method: str
    chat_id: int | None
    status: int
    description: str


def _check_scope(world: World, params: Params) -> None:
    chat_id = world.profile.chat_of(params)
    if chat_id and chat_id not in world.chats:
        raise bad_request("chat not found")


def _set_commands(world: World, params: Params) -> object:
    _check_scope(world, params)
    world.profile.set_commands(params)
    world.tell("commands")
    return True


def _delete_commands(world: World, params: Params) -> object:
    _check_scope(world, params)
    world.profile.delete_commands(params)
    world.tell("commands")
    return True


def _delete_webhook(world: World, params: Params) -> object:
    if params.flag("drop_pending_updates"):
        world.updates.clear()
    return True


def _webhook_info(world: World, _params: Params) -> object:
    info: dict[str, object] = {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": world.updates.pending,
    }
    if world.updates.allowed is not None:
        info["allowed_updates"] = sorted(world.updates.allowed)
    return info


def _setter(kind: str) -> Method:
    def set_text(world: World, params: Params) -> object:
        world.profile.set_text(kind, params)
        return True

    return set_text


def _getter(kind: str) -> Method:
    def get_text(world: World, params: Params) -> object:
        return {kind: world.profile.get_text(kind, params)}

    return get_text


ABOUT_ITSELF: dict[str, Method] = {
    "getme": lambda world, _: world.profile.me(),
    "setmycommands": _set_commands,
    "getmycommands": lambda world, params: world.profile.get_commands(params),
    "deletemycommands": _delete_commands,
    "deletewebhook": _delete_webhook,
    "getwebhookinfo": _webhook_info,
    **{f"setmy{kind.replace('_', '')}": _setter(kind) for kind in TEXTS},
    **{f"getmy{kind.replace('_', '')}": _getter(kind) for kind in TEXTS},
}


class BotApi:
    """The side of the sandbox that the bot sees."""

    def __init__(self, world: World, faults: Faults, token: str) -> None:
        self._world = world
        self._faults = faults
        self._token = token
        self._methods = METHODS | ABOUT_ITSELF
        self.calls: deque[Call] = deque(maxlen=CALLS_KEPT)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/file/bot{token}/{path:.+}", self._download),
            web.route("*", "/bot{token}/{method}", self._handle),
        ]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"].lower()
        call = Call(time.monotonic(), name, None, 0, "")
        self.calls.append(call)
        try:
            self._check_token(request)
            params = await parameters.read(request)
            call.chat_id = params.integer("chat_id") or None
            fault = self._faults.strike(name, call.chat_id)
            if fault is None:
                answer = _ok(await self._carry_out(name, params))
            else:
                answer = await self._under(fault, name, params, request)
        except Refused as refused:
            call.description = refused.description
            answer = _refusal(refused)
        except web.HTTPRequestEntityTooLarge:
            answer = _refusal(Refused(TOO_LARGE, "Request Entity Too Large"))
        call.status = answer.status
        return answer

    def _check_token(self, request: web.Request) -> None:
        if not hmac.compare_digest(request.match_info["token"].encode(), self._token.encode()):
            raise Refused(401, "Unauthorized")

    async def _carry_out(self, name: str, params: Params) -> object:
        if name == "getupdates":
            return await self._get_updates(params)
        method = self._methods.get(name)
        if method is None:
            raise Refused(404, "Not Found")
        return method(self._world, params)

    async def _get_updates(self, params: Params) -> list[Mapping[str, object]]:
        allowed = params.json("allowed_updates", "allowed updates")
        if allowed is not None:
            if not isinstance(allowed, list) or not all(isinstance(kind, str) for kind in allowed):
                raise bad_request("can't parse allowed updates: expected an Array of String")
            self._world.updates.allow(allowed)
        return await self._world.updates.get(
            params.integer("offset"), params.integer("limit", 100), params.integer("timeout")
        )

    async def _under(self, fault: Fault, name: str, params: Params, request: web.Request) -> web.Response:
        if fault.answer == "delay":
            await asyncio.sleep(fault.seconds)
            return _ok(await self._carry_out(name, params))
        if fault.carried_out:
            await self._carry_out(name, params)
        if fault.answer == "silence":
            await asyncio.sleep(fault.seconds)
        if fault.answer != "error":
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)  # goes nowhere: the connection is gone
        retry_after = fault.retry_after if fault.code == TOO_MANY_REQUESTS else None
        raise Refused(fault.code, fault.words(), retry_after)

    async def _download(self, request: web.Request) -> web.Response:
        try:
            self._check_token(request)
        except Refused as refused:
            return _refusal(refused)
        file = self._world.files.at(request.match_info["path"])
        if file is None:
            return _refusal(Refused(404, "Not Found"))
        return web.Response(body=file.content.ljust(file.size, b"\0"), content_type="application/octet-stream")


def _json(status: int, body: object) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")


def _ok(result: object) -> web.Response:
    return _json(200, {"ok": True, "result": result})


def _refusal(refused: Refused) -> web.Response:
    body: dict[str, object] = {"ok": False, "error_code": refused.code, "description": refused.description}
    if refused.retry_after is None:
        return _json(refused.code, body)
    answer = _json(refused.code, body | {"parameters": {"retry_after": refused.retry_after}})
    answer.headers["Retry-After"] = str(refused.retry_after)
    return answer
