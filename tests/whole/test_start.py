"""Telegram may be away when the program starts: it can be stopped all the same, and makes up for it later."""

from __future__ import annotations

import asyncio
from signal import SIGTERM

from bot.sandbox import Fault, People
from tests.whole.program import Program, eventually


async def test_it_can_be_stopped_while_telegram_does_not_answer(program: Program) -> None:
    asked, over = asyncio.Event(), asyncio.Event()

    async def be_silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await over.wait()
        writer.close()

    async with await asyncio.start_server(be_silent, "127.0.0.1", 0) as silence:
        port = silence.sockets[0].getsockname()[1]
        program.env["PANDU_TELEGRAM_API"] = f"http://127.0.0.1:{port}"
        program.start()
        await asyncio.wait_for(asked.wait(), 30)
        program.kill(SIGTERM)
        assert await program.ended(within=5) == 0, program.output
        over.set()


async def test_commands_are_registered_as_soon_as_telegram_is_back(program: Program, people: People) -> None:
    await people.fail(Fault(answer="reset", method="getMe"))
    await people.fail(Fault(answer="reset", method="setMyCommands"))
    await program.serve()

    async def registered() -> bool:
        calls = await people.calls()
        return sum(call.method == "setmycommands" and call.status == 200 for call in calls) >= 3

    await eventually(registered, lambda: f"the commands to be registered:\n{program.output}")
    assert program.output.count("serving @") == 1
    siti = await people.named("Siti")
    await siti.start()
    await siti.hears("Selamat datang")
    await program.stop()
