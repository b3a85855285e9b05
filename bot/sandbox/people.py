"""The people API: what the page, the tour and the tests do and see on the people's side. JSON in, JSON out.

    GET    /people                              everybody: id, name, language, role, started, blocked
    POST   /people                              {first_name, language_code?, role?, id?}
    POST   /people/ID/start                     {payload?}               press Start; sends an opened link's payload
    POST   /people/ID/start                     {payload?}               press Start; sends what an opened link says
                                                chat, as from a mail: {payload}; the bot hears nothing before Start
    POST   /people/ID/messages                  {text, reply_to?, chat?} write to the bot, or in a group
    PATCH  /people/ID/messages/MESSAGE          {text}                   edit an own message
    POST   /people/ID/presses                   {message, data | button, stale?, chat?}   `button` counts from 0
    POST   /people/ID/attachments               {kind, caption?, name?, size?, reply_to?}
    POST   /people/ID/albums                    {items: [{kind, caption?, name?, size?}], reply_to?}
    POST   /people/ID/forwards                  {message} | {text, author?}
    POST   /people/ID/block, /people/ID/unblock
    POST   /people/ID/groups                    {title}                  found a group with the bot in it
    GET    /people/ID/commands                  what stands behind the menu button
    GET    /people/chats/CHAT?after=V&wait=S    what changed in a chat since version V; waits up to S seconds for it
    GET    /people/events                       server-sent events: {"topics": ["chat:ID", "people", "mailbox", …]};
                                                the first one names the sandbox: {"sandbox": …, "topics": []}
    GET    /people/clock                        {now}, an ISO moment in UTC
    POST   /people/clock                        {seconds} | {to}         forward only
    GET    /people/mailbox?after=NUMBER         mails that arrived
    GET    /people/mailbox/faults               faults of the mailbox that wait (see `faults`)
    POST   /people/mailbox/faults               add one; {"answer": "down"} closes the mailbox
    DELETE /people/mailbox/faults               take all away, and open the mailbox again
    GET    /people/files/FILE                   an image, or a file to save
    GET    /people/calls                        what the bot called: [{at, method, chat_id, status, description}]
    GET    /people/faults                       faults that wait (see `faults`)
    POST   /people/faults                       add one
    DELETE /people/faults                       take all away
    POST   /people/updates                      put a raw update into the bot's queue, as it stands

What cannot be done is answered with a 4xx status and {"error": sentence}.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ValidationError

from bot.sandbox import acts, views
from bot.sandbox.bodies import (
    Album,
    Attached,
    Edited,
    Forwarded,
    Founded,
    Moved,
    NewPerson,
    Opened,
    Pressed,
    Said,
    Start,
)
from bot.sandbox.chats import Chat, Group, Person, World
from bot.sandbox.errors import Impossible
from bot.sandbox.faults import Fault, Faults, MailFault
from bot.sandbox.files import image_type
from bot.sandbox.telegram import BotApi

MAX_WAIT = 60.0
HEARTBEAT = 15.0  # seconds; shows a closed connection
JSON = "application/json"


Body = TypeVar("Body", bound=BaseModel)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PeopleApi:
    """The side of the sandbox that people see."""

    def __init__(self, world: World, faults: Faults, bot_api: BotApi) -> None:
        self._world = world
        self._faults = faults
        self._bot_api = bot_api

    def routes(self) -> list[web.RouteDef]:
        one = r"/people/{person:\d+}"
        table: tuple[tuple[str, str, Handler], ...] = (
            ("GET", "/people", self._everybody),
            ("POST", "/people", self._add),
            ("POST", f"{one}/start", self._start),
            ("POST", f"{one}/links", self._open),
            ("POST", f"{one}/messages", self._say),
            ("PATCH", one + r"/messages/{message:\d+}", self._edit),
            ("POST", f"{one}/presses", self._press),
            ("POST", f"{one}/attachments", self._attach),
            ("POST", f"{one}/albums", self._send_album),
            ("POST", f"{one}/forwards", self._forward),
            ("POST", f"{one}/block", self._block),
            ("POST", f"{one}/unblock", self._unblock),
            ("POST", f"{one}/groups", self._found),
            ("GET", f"{one}/commands", self._commands),
            ("GET", r"/people/chats/{chat:-?\d+}", self._chat),
            ("GET", "/people/events", self._events),
            ("GET", "/people/clock", self._clock),
            ("POST", "/people/clock", self._move),
            ("GET", "/people/mailbox", self._mailbox),
            ("GET", "/people/mailbox/faults", self._list_mail_faults),
            ("POST", "/people/mailbox/faults", self._add_mail_fault),
            ("DELETE", "/people/mailbox/faults", self._clear_mail_faults),
            ("GET", "/people/files/{file}", self._file),
            ("GET", "/people/calls", self._calls),
            ("GET", "/people/faults", self._list_faults),
            ("POST", "/people/faults", self._add_fault),
            ("DELETE", "/people/faults", self._clear_faults),
            ("POST", "/people/updates", self._put_update),
        )
        return [web.route(method, path, _guarded(handler)) for method, path, handler in table]

    # Who and where

    def _person(self, request: web.Request) -> Person:
        person = self._world.people.get(int(request.match_info["person"]))
        if person is None:
            raise Impossible("There is no such person.", status=404)
        return person

    def _group(self, chat_id: int) -> Chat:
        chat = self._world.chats.get(chat_id)
        if chat is None or not isinstance(chat.peer, Group):
            raise Impossible("There is no such group.", status=404)
        return chat

    async def _everybody(self, _: web.Request) -> web.Response:
        return _json([views.person(person) for person in self._world.people.values()])

    async def _add(self, request: web.Request) -> web.Response:
        body = await _read(request, NewPerson)
        person = self._world.add_person(body.first_name, body.language_code, body.role, body.id)
        return _json(views.person(person), 201)

    # What people do

    async def _start(self, request: web.Request) -> web.Response:
        body = await _read(request, Start)
        return _json(views.message(acts.start(self._world, self._person(request), body.payload)), 201)

    async def _open(self, request: web.Request) -> web.Response:
        body = await _read(request, Opened)
        return _json({"payload": acts.open_link(self._world, self._person(request), body.url)}, 201)

    async def _say(self, request: web.Request) -> web.Response:
        body = await _read(request, Said)
        person = self._person(request)
        if body.chat is None or body.chat == person.id:
            return _json(views.message(acts.say(self._world, person, body.text, body.reply_to)), 201)
        message, heard = acts.say_in_group(self._world, person, self._group(body.chat), body.text)
        return _json({**views.message(message), "heard": heard}, 201)

    async def _edit(self, request: web.Request) -> web.Response:
        body = await _read(request, Edited)
        message_id = int(request.match_info["message"])
        return _json(views.message(acts.edit(self._world, self._person(request), message_id, body.text)))

    async def _press(self, request: web.Request) -> web.Response:
        body = await _read(request, Pressed)
        person = self._person(request)
        if body.chat is None or body.chat == person.id:
            chat = acts.private_chat(self._world, person)
        else:
            chat = self._group(body.chat)
        data = _nth_data(chat, body.message, body.button or 0) if body.data is None else body.data
        press = acts.press(self._world, chat, person, body.message, data, stale=body.stale)
        return _json({"query": press.id, "data": data}, 201)

    async def _attach(self, request: web.Request) -> web.Response:
        body = await _read(request, Attached)
        message = acts.attach(self._world, self._person(request), body.sending(), body.reply_to)
        return _json(views.message(message), 201)

    async def _send_album(self, request: web.Request) -> web.Response:
        body = await _read(request, Album)
        items = [item.sending() for item in body.items]
        messages = acts.send_album(self._world, self._person(request), items, body.reply_to)
        return _json([views.message(message) for message in messages], 201)

    async def _forward(self, request: web.Request) -> web.Response:
        body = await _read(request, Forwarded)
        message = acts.forward(self._world, self._person(request), body.message, body.text, body.author)
        return _json(views.message(message), 201)

    async def _block(self, request: web.Request) -> web.Response:
        person = self._person(request)
        acts.block(self._world, person)
        return _json(views.person(person))

    async def _unblock(self, request: web.Request) -> web.Response:
        person = self._person(request)
        acts.unblock(self._world, person)
        return _json(views.person(person))

    async def _found(self, request: web.Request) -> web.Response:
        body = await _read(request, Founded)
        group = acts.found_group(self._world, self._person(request), body.title)
        return _json({"id": group.id, "title": group.title}, 201)

    # What people see

    async def _commands(self, request: web.Request) -> web.Response:
        person = self._person(request)
        return _json(self._world.profile.commands_for(person.id, person.language_code))

    async def _chat(self, request: web.Request) -> web.Response:
        chat = self._world.chats.get(int(request.match_info["chat"]))
        if chat is None:
            raise Impossible("There is no such chat.", status=404)
        after = int(_number(request, "after"))
        loop = asyncio.get_running_loop()
        deadline = loop.time() + min(_number(request, "wait"), MAX_WAIT)
        while chat.version <= after and (left := deadline - loop.time()) > 0:
            await chat.changed.wait(left)
        return _json(views.chat(self._world, chat, after))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        topics = self._world.listen()
        try:
            await response.prepare(request)
            hello = orjson.dumps({"sandbox": self._world.id, "topics": []})
            await response.write(b"retry: 1000\ndata: " + hello + b"\n\n")
            while True:
                try:
                    changed = await asyncio.wait_for(topics.next(), HEARTBEAT)
                except TimeoutError:
                    await response.write(b": still here\n\n")
                else:
                    await response.write(b"data: " + orjson.dumps({"topics": changed}) + b"\n\n")
        except ConnectionResetError:
            return response
        finally:
            self._world.leave(topics)

    async def _mailbox(self, request: web.Request) -> web.Response:
        after = _number(request, "after")
        return _json([views.mail(mail) for mail in self._world.mailbox.mails if mail.number > after])

    async def _file(self, request: web.Request) -> web.Response:
        file = self._world.files.named(request.match_info["file"])
        if file is None:
            raise Impossible("There is no such file.", status=404)
        mime = image_type(file.content)
        headers = {} if mime else {"Content-Disposition": "attachment"}
        return web.Response(body=file.content, content_type=mime or "application/octet-stream", headers=headers)

    # The stage: clock, calls, faults

    async def _clock(self, _: web.Request) -> web.Response:
        return _json({"now": self._world.clock.now().isoformat()})

    async def _move(self, request: web.Request) -> web.Response:
        body = await _read(request, Moved)
        by = timedelta(seconds=body.seconds or 0) if body.to is None else body.to - self._world.clock.now()
        if by < timedelta():
            raise Impossible("The clock can only be moved forward.", status=422)
        now: datetime = self._world.clock.move(by)
        self._world.tell("clock")
        return _json({"now": now.isoformat()})

    async def _calls(self, _: web.Request) -> web.Response:
        return _json(list(self._bot_api.calls))

    async def _list_faults(self, _: web.Request) -> web.Response:
        return _json([fault.model_dump() for fault in self._faults.waiting])

    async def _add_fault(self, request: web.Request) -> web.Response:
        fault = await _read(request, Fault)
        self._faults.add(fault)
        return _json(fault.model_dump(), 201)

    async def _clear_faults(self, _: web.Request) -> web.Response:
        self._faults.clear()
        return _json([])

    async def _list_mail_faults(self, _: web.Request) -> web.Response:
        return _json([fault.model_dump() for fault in self._world.mailbox.faults.waiting])

    async def _add_mail_fault(self, request: web.Request) -> web.Response:
        fault = await _read(request, MailFault)
        await self._world.mailbox.fail(fault)
        return _json(fault.model_dump(), 201)

    async def _clear_mail_faults(self, _: web.Request) -> web.Response:
        await self._world.mailbox.heal()
        return _json([])

    async def _put_update(self, request: web.Request) -> web.Response:
        raw: object = orjson.loads(await request.read())
        if not isinstance(raw, dict):
            raise Impossible("An update is a JSON object.", status=422)
        return _json({"update_id": self._world.updates.put_raw(raw)}, 201)


def _nth_data(chat: Chat, message_id: int, index: int) -> str:
    message = chat.message(message_id)
    buttons = [button for row in message.keyboard for button in row] if message is not None else []
    if index >= len(buttons):
        raise Impossible("The message has no such button.", status=404)
    data = buttons[index].data
    if data is None:
        raise Impossible("That button is a link: it opens a page and tells the bot nothing.")
    return data


def _number(request: web.Request, name: str) -> float:
    try:
        return max(float(request.query.get(name, "0")), 0)
    except ValueError as error:
        raise Impossible(f"{name} takes a number.", status=422) from error


async def _read(request: web.Request, model: type[Body]) -> Body:
    raw = await request.read()
    if request.content_type != JSON and raw:
        raise Impossible("Send JSON (Content-Type: application/json).", status=415)
    return model.model_validate_json(raw or b"{}")


def _guarded(handler: Handler) -> Handler:
    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Impossible as impossible:
            return _json({"error": str(impossible)}, impossible.status)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "body"
            return _json({"error": f"{where}: {first['msg']}"}, 422)
        except orjson.JSONDecodeError as error:
            return _json({"error": f"body: {error}"}, 422)

    return guarded


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(
        status=status, body=orjson.dumps(body), content_type=JSON, headers={"Cache-Control": "no-store"}
    )
