"""From a row to the exact call, and from Telegram's answer to what has to be done about it."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from telegram import Bot

from bot.delivery import Pause, Sent
from bot.errors import AlreadySo, DeliveryError, Fatal, Migrated, Refused, TryLater, Unknown, Unreachable
from bot.telegram.sender import Me, TelegramSender, Timeouts
from bot.telegram.transport import ApiRequest
from storage.records import Outgoing
from tests.clocks import START, FakeClock
from tests.telegram_server import Answer, ApiServer, Call

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

TOKEN = "123456:canary-token"
TEXT = {"chat_id": 7, "text": "<b>Halo</b> &amp; selamat", "parse_mode": "HTML"}


def row(method: str = "sendMessage", params: Mapping[str, object] = TEXT, **more: object) -> Outgoing:
    return Outgoing("k", "telegram:7", {"method": method, "params": params, **more}, START)


EDIT = {**TEXT, "message_id": 40}
TIMEOUTS = Timeouts(connect=0.2, read=0.1)


class Scene:
    """A sender, the server it speaks to, and what the server heard."""

    def __init__(self, sender: TelegramSender, server: ApiServer, clock: FakeClock) -> None:
        self.sender = sender
        self.server = server
        self.clock = clock
        self.heard: list[tuple[str, dict[str, object]]] = []


@asynccontextmanager
async def scene(*answers: Answer, url: str | None = None) -> AsyncIterator[Scene]:
    """Each answer serves one call, the last one all that follow."""

    def answer(call: Call) -> None:
        one.heard.append((call.method, call.params))
        answers[min(len(one.heard), len(answers)) - 1](call)

    clock = FakeClock()
    async with (
        ApiServer(answer) as server,
        TelegramSender(TOKEN, pause=Pause(clock), api=url or server.url, timeouts=TIMEOUTS) as sender,
    ):
        one = Scene(sender, server, clock)
        yield one


def ok(call: Call) -> None:
    call.ok({"message_id": 41, "chat": {"id": 7}})


def refusing(code: int, description: str, **parameters: object) -> Answer:
    return lambda call: call.refuse(code, description, parameters or None)


def silent(call: Call) -> None:
    """Never answer."""


async def failure(*answers: Answer, of: Outgoing | None = None, url: str | None = None) -> DeliveryError:
    async with scene(*answers, url=url) as one:
        with pytest.raises(DeliveryError) as error:
            await one.sender.send(of or row())
        assert TOKEN not in repr(error.value)
        assert error.value.__cause__ is None
        return error.value


async def test_a_row_is_the_exact_call() -> None:
    async with scene(ok) as one:
        markup = {"inline_keyboard": [[{"text": "Ya", "callback_data": "a:b:1:yes"}]]}
        params = {**TEXT, "reply_markup": markup, "link_preview_options": {"is_disabled": True}}

        assert await one.sender.send(row(params=params)) == Sent(41)
        assert one.heard == [("sendMessage", params)]


@pytest.mark.parametrize(
    ("code", "description", "parameters", "kind"),
    [
        (429, "Too Many Requests: retry after 9", {"retry_after": 9}, TryLater),
        (429, "Too Many Requests", {}, TryLater),
        (500, "Internal Server Error", {}, Unknown),
        (502, "Bad Gateway", {}, Unknown),
        (403, "Forbidden: bot was blocked by the user", {}, Unreachable),
        (403, "Forbidden: user is deactivated", {}, Unreachable),
        (400, "Bad Request: chat not found", {}, Unreachable),
        (400, "Bad Request: PEER_ID_INVALID", {}, Unreachable),
        (400, "Bad Request: message text is empty", {}, Refused),
        (400, "Bad Request: BUTTON_DATA_INVALID", {}, Refused),
        (413, "Request Entity Too Large", {}, Refused),
        (400, "Bad Request: group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": -1007}, Migrated),
        (401, "Unauthorized", {}, Fatal),
        (404, "Not Found", {}, Fatal),
        (409, "Conflict: terminated by other getUpdates request", {}, Fatal),
    ],
)
async def test_each_refusal_has_its_class(
    code: int, description: str, parameters: dict[str, object], kind: type[DeliveryError]
) -> None:
    assert type(await failure(refusing(code, description, **parameters))) is kind


async def test_a_429_opens_the_pause_for_as_long_as_telegram_said() -> None:
    async with scene(refusing(429, "Too Many Requests", retry_after=9)) as one:
        with pytest.raises(TryLater) as error:
            await one.sender.send(row())

        assert (error.value.after, error.value.reached) == (9, True)
        assert one.sender.pause.left() == 9


async def test_a_refused_connection_was_not_reached() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening
        error = await failure(ok, url=f"http://127.0.0.1:{taken.getsockname()[1]}")

    assert isinstance(error, TryLater)
    assert (error.after, error.reached) == (None, False)


async def test_an_unknown_host_was_not_reached() -> None:
    error = await failure(ok, url="http://no-such-host.invalid")

    assert isinstance(error, TryLater)
    assert not error.reached


async def test_a_full_pool_was_not_reached() -> None:
    async with scene(silent) as one:
        request = ApiRequest(connections=1, connect_timeout=0.02, read_timeout=0.3)
        bot = Bot(TOKEN, base_url=f"{one.server.url}/bot", request=request, get_updates_request=request)
        await request.initialize()
        first, second = await asyncio.gather(bot.get_me(), bot.get_me(), return_exceptions=True)
        await request.shutdown()

    assert {type(first).__name__, type(second).__name__} == {"NoAnswer", "NotReached"}


@pytest.mark.parametrize("answer", [silent, Call.reset, lambda call: call.reply(200, b"<html>")])
async def test_no_usable_answer_leaves_it_unknown(answer: Answer) -> None:
    assert type(await failure(answer)) is Unknown


async def test_a_file_is_given_the_time_that_a_large_one_takes() -> None:
    def late(call: Call) -> None:
        asyncio.get_running_loop().call_later(3 * TIMEOUTS.read, ok, call)

    file = {"chat_id": 7, "document": {"filename": "aduan.csv", "content": "x" * 1000}}
    async with (
        ApiServer(late) as server,
        TelegramSender(TOKEN, pause=Pause(FakeClock()), api=server.url, timeouts=TIMEOUTS) as sender,
    ):
        assert await sender.send(row("sendDocument", file)) == Sent(41)
        with pytest.raises(Unknown):
            await sender.send(row())
        with pytest.raises(Unknown):
            await sender.send(row("sendDocument", {"chat_id": 7, "document": "BQACAgUAAx"}))


async def test_a_portal_in_between_is_not_a_person_who_blocked_the_bot() -> None:
    error = await failure(lambda call: call.reply(403, b"<html>Internet Positif</html>"))

    assert isinstance(error, TryLater)
    assert not error.reached


async def test_a_connection_the_server_has_closed_is_not_used_again() -> None:
    async with scene(ok) as one:
        for _ in range(20):
            await one.sender.send(row())
            one.server.hang_up()
            for _ in range(5):  # turns of the loop in which the end of the connection is seen
                await asyncio.sleep(0)

        assert len(one.heard) == 20


async def test_bad_entities_are_sent_once_more_as_plain_text() -> None:
    bad = refusing(400, 'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 0')
    async with scene(bad, ok) as one:
        assert await one.sender.send(row(params={**TEXT, "text": "<b>1 < 2</b> &amp; 3 > 2"})) == Sent(41)
        assert one.heard[1] == ("sendMessage", {"chat_id": 7, "text": "1 < 2 & 3 > 2"})


async def test_bad_entities_twice_are_refused() -> None:
    assert isinstance(await failure(refusing(400, "Bad Request: can't parse entities: x")), Refused)


GONE = refusing(400, "Bad Request: message to edit not found")


async def test_an_edit_whose_message_is_gone_is_sent_anew_if_so_wished() -> None:
    async with scene(GONE, ok) as one:
        assert await one.sender.send(row("editMessageText", EDIT, if_gone="send")) == Sent(41)
        assert one.heard == [("editMessageText", EDIT), ("sendMessage", TEXT)]


async def test_an_edit_whose_message_is_gone_is_let_be_otherwise() -> None:
    async with scene(GONE) as one:
        assert await one.sender.send(row("editMessageText", EDIT, if_gone="skip")) == Sent(None)
        assert len(one.heard) == 1


@pytest.mark.parametrize(("if_gone", "calls"), [("send", [("sendMessage", TEXT)]), ("skip", [])])
async def test_an_edit_of_nobody_knows_what_is_like_one_whose_message_is_gone(if_gone: str, calls: object) -> None:
    async with scene(ok) as one:
        await one.sender.send(row("editMessageText", TEXT, if_gone=if_gone), message_id=None)
        assert one.heard == calls


async def test_the_message_found_by_the_relay_is_the_one_edited() -> None:
    async with scene(ok) as one:
        await one.sender.send(row("editMessageText", TEXT), message_id=40)
        assert one.heard == [("editMessageText", EDIT)]


async def test_an_unchanged_edit_is_already_so_and_names_its_message() -> None:
    said = "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"
    error = await failure(refusing(400, said), of=row("editMessageText", EDIT))

    assert isinstance(error, AlreadySo)
    assert error.message_id == 40


@pytest.mark.parametrize(
    "wrong",
    [{"method": "sendNothing"}, {"method": None}, {"params": None}, {"params": {"text": "x"}}, {"if_gone": "cry"}],
)
async def test_a_malformed_payload_is_refused_without_a_call(wrong: dict[str, object]) -> None:
    async with scene(ok) as one:
        payload = {"method": "sendMessage", "params": TEXT, **wrong}
        with pytest.raises(Refused):
            await one.sender.send(Outgoing("k", "telegram:7", payload, START))
        assert not one.heard


async def test_an_acknowledgement_is_not_waited_for_and_may_fail() -> None:
    arrived = asyncio.Event()

    def answer(call: Call) -> None:
        call.refuse(400, "Bad Request: query is too old")
        arrived.set()

    async with scene(answer) as one:
        one.sender.call("answerCallbackQuery", callback_query_id="9")
        await arrived.wait()
        assert one.heard == [("answerCallbackQuery", {"callback_query_id": "9"})]


async def test_a_message_does_not_wait_for_acknowledgements() -> None:
    def answer(call: Call) -> None:
        if call.method == "sendMessage":
            ok(call)

    async with (
        ApiServer(answer) as server,
        TelegramSender(TOKEN, pause=Pause(FakeClock()), api=server.url, connections=1, timeouts=TIMEOUTS) as sender,
    ):
        for number in range(3):
            sender.call("answerCallbackQuery", callback_query_id=str(number))
        await asyncio.sleep(0)
        assert await sender.send(row()) == Sent(41)


async def test_nothing_is_acknowledged_inside_a_pause() -> None:
    async with scene(ok) as one:
        one.sender.pause.extend(5)
        one.sender.call("sendChatAction", chat_id=7, action="typing")
        one.clock.advance(5)
        await one.sender.send(row())
        assert [method for method, _ in one.heard] == ["sendMessage"]


async def test_updates_come_as_telegram_wrote_them() -> None:
    updates = [{"update_id": 5, "message": {"nobody": "parses this"}}, {"update_id": 6, "new_kind": {}}]
    async with scene(lambda call: call.ok(updates)) as one:
        assert await one.sender.get_updates(5, 0, ["message"]) == updates
        assert one.heard == [
            ("getUpdates", {"offset": 5, "timeout": 0, "allowed_updates": ["message"], "limit": 100}),
        ]


async def test_nothing_is_polled_inside_a_pause() -> None:
    async with scene(lambda call: call.ok([])) as one:
        one.sender.pause.extend(5)
        one.clock.advance(2)
        with pytest.raises(TryLater) as error:
            await one.sender.get_updates(None, 0, [])
        assert (error.value.after, one.heard) == (3, [])

        one.clock.advance(3)
        assert await one.sender.get_updates(None, 0, []) == []


@pytest.mark.parametrize(
    ("said", "to_do"),
    [
        (
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it",
            "remove it by",
        ),
        ("Conflict: terminated by other getUpdates request; make sure that only one bot instance runs", "stop it"),
    ],
)
async def test_a_conflict_says_what_to_do(said: str, to_do: str) -> None:
    async with scene(refusing(409, said)) as one:
        with pytest.raises(Fatal, match=to_do):
            await one.sender.get_updates(None, 0, [])


async def test_polling_does_not_wait_for_sends() -> None:
    polled = asyncio.Event()
    async with scene(lambda _: polled.set(), ok) as one:
        polling = asyncio.create_task(one.sender.get_updates(None, 0, []))
        await polled.wait()
        assert await one.sender.send(row()) == Sent(41)
        with pytest.raises(Unknown):
            await polling


async def test_who_am_i_and_the_menu_of_commands() -> None:
    async with scene(lambda call: call.ok({"id": 9, "is_bot": True, "username": "PanduBot"})) as one:
        assert await one.sender.me() == Me(9, "PanduBot")
        await one.sender.set_commands({"menu": "Menu utama"}, "id")
        commands = [{"command": "menu", "description": "Menu utama"}]
        assert one.heard[1] == ("setMyCommands", {"commands": commands, "language_code": "id"})


async def test_a_rebuilt_client_goes_on() -> None:
    async with scene(ok) as one:
        await one.sender.send(row())
        await one.sender.rebuild()
        assert await one.sender.send(row()) == Sent(41)


async def test_no_log_holds_the_token_or_a_text(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for answer in (ok, silent, Call.reset, refusing(400, "Bad Request: x"), lambda call: call.reply(400, b"Halo")):
        async with scene(answer) as one:
            one.sender.call("sendMessage", **TEXT)
            await asyncio.gather(one.sender.send(row()), return_exceptions=True)

    assert TOKEN not in caplog.text
    assert "Halo" not in caplog.text
