"""A stand-in for the Bot API with a crowd of people behind it, in one process; prints what it measured as JSON.

    python tests/bench/crowd.py --people 50 --seconds 10 --bot "python tests/bench/echo.py --api {url}"

Each person follows the script in a closed loop: says or presses something, waits for the bot's reply, goes on at once.
Without `--bot` the address is printed first, and whatever polls there is measured. A script is a JSON list of steps:

    {"say": "/perbarui"}              a text; {n} in it becomes the number of this person's update
    {"press": "yes"}                  the button whose data ends in this option, on the newest message that has it
    {"say": "x", "hear": "Langkah"}   the reply is the message that contains this

Unless `hear` says otherwise, the reply to a step is the next message or edit that has the button which the following
step presses, or the next new message if the following step is said; give `hear` where the bot answers in place.

lost: no reply within `--patience` seconds; repeated: the same new message twice; out of order: a message whose number
(the turn in its buttons, or what follows # in its text) is lower than that of an earlier one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shlex
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias, TypedDict, cast

from uvloop import new_event_loop

from tests.telegram_server import ApiServer, Call

BOT = {"id": 123456, "is_bot": True, "first_name": "Pandu", "username": "PanduBot"}
BATCH = 100
REMEMBERED = 16
DATE = 1793581200
NUMBER = re.compile(r"#(\d+)")

Button: TypeAlias = dict[str, str]
Keyboard: TypeAlias = list[list[Button]]


class Step(TypedDict, total=False):
    """What a person does next."""

    say: str
    press: str
    hear: str


ECHO: list[Step] = [{"say": "halo #{n}"}] * 8


@dataclass(slots=True)
class Shown:
    """A message as the person sees it."""

    message_id: int
    text: str
    buttons: list[str]
    new: bool

    def button(self, option: str) -> str | None:
        """The data of the button with that option."""
        return next((data for data in self.buttons if data == option or data.endswith(f":{option}")), None)

    def number(self) -> int | None:
        """Its place in the conversation, as far as it shows one."""
        for data in self.buttons:
            parts = data.split(":")
            if len(parts) == 4 and parts[2].isdigit():
                return int(parts[2])
        found = NUMBER.search(self.text)
        return int(found[1]) if found else None


@dataclass(slots=True)
class Person:
    """One of the crowd: where she is in the script, and what she has seen."""

    chat_id: int
    step: int = 0
    updates: int = 0
    asked_at: float | None = None
    last_number: int = -1
    shown: deque[Shown] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    seen: deque[tuple[str, tuple[str, ...]]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))


@dataclass(slots=True)
class Tally:
    """What was counted while the clock ran."""

    latencies: list[float] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    repeated: int = 0
    out_of_order: int = 0


class Crowd:
    """The people, their updates on the way to the bot, and the bot's calls on the way to them."""

    def __init__(self, people: int, script: Sequence[Step], latency: float = 0.0) -> None:
        first = time.time_ns() // 1_000_000  # a database that was used before knows none of them
        self.people = {number: Person(number) for number in range(first, first + people)}
        self.tally = Tally()
        self.polled = asyncio.Event()
        self._script = script
        self._latency = latency
        self._queue: deque[dict[str, object]] = deque()
        self._poll: Call | None = None
        self._last_update = time.time_ns() // 10_000  # and has seen none of these
        self._last_message = 0
        self._answering = False
        self._asleep = False

    def begin(self) -> None:
        """Everybody does the first step."""
        for person in self.people.values():
            self._act(person)

    def measure(self) -> None:
        """Forget what was counted so far: the bot is warm."""
        self.tally = Tally()

    def end(self) -> None:
        """Nobody goes on from here."""
        self._asleep = True

    def give_up(self, patience: float) -> None:
        """Whoever has waited longer than that many seconds counts the reply as lost and starts over."""
        now = time.perf_counter()
        for person in self.people.values():
            if person.asked_at is not None and now - person.asked_at > patience:
                self.tally.lost += 1
                person.step = 0
                self._act(person)

    # The people

    def _act(self, person: Person) -> None:
        if self._asleep:
            person.asked_at = None
            return
        step = self._script[person.step]
        person.updates += 1
        sender = {"id": person.chat_id, "is_bot": False, "first_name": "Siti", "language_code": "id"}
        chat = {"id": person.chat_id, "type": "private", "first_name": "Siti"}
        if (option := step.get("press")) is not None:
            data, message_id = self._find(person, option)
            message = {"message_id": message_id, "from": BOT, "chat": chat, "date": DATE, "text": "x"}
            press = {
                "id": str(self._last_update),
                "from": sender,
                "message": message,
                "chat_instance": "1",
                "data": data,
            }
            self._queue_update("callback_query", press)
        else:
            text = step.get("say", "").replace("{n}", str(person.updates))
            self._last_message += 1
            said = {"message_id": self._last_message, "from": sender, "chat": chat, "date": DATE, "text": text}
            if text.startswith("/"):
                said["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
            self._queue_update("message", said)
        person.asked_at = time.perf_counter()

    def _find(self, person: Person, option: str) -> tuple[str, int]:
        for shown in reversed(person.shown):
            if (data := shown.button(option)) is not None:
                return data, shown.message_id
        raise SystemExit(f"A person was to press {option!r}, and no message has such a button.")

    def _sees(self, person: Person, shown: Shown) -> None:
        for earlier in [earlier for earlier in person.shown if earlier.message_id == shown.message_id]:
            person.shown.remove(earlier)
        person.shown.append(shown)
        number = shown.number()
        if number is not None:
            self.tally.out_of_order += number < person.last_number and person.asked_at is not None
            person.last_number = number
        if shown.new:
            signature = (shown.text, tuple(shown.buttons))
            self.tally.repeated += number is not None and signature in person.seen
            person.seen.append(signature)
        if person.asked_at is not None and self._is_reply(person, shown):
            self.tally.latencies.append(time.perf_counter() - person.asked_at)
            person.step = (person.step + 1) % len(self._script)
            if person.step == 0:
                person.last_number = -1
            self._act(person)

    def _is_reply(self, person: Person, shown: Shown) -> bool:
        hear = self._script[person.step].get("hear")
        if hear is not None:
            return hear in shown.text
        following = self._script[(person.step + 1) % len(self._script)].get("press")
        return shown.new if following is None else shown.button(following) is not None

    # The Bot API

    def answer(self, call: Call) -> None:
        """Carry out a call of the bot."""
        if call.method == "getUpdates":
            self._take_poll(call)
        elif self._latency:
            asyncio.get_running_loop().call_later(self._latency, self._carry_out, call)
        else:
            self._carry_out(call)

    def _carry_out(self, call: Call) -> None:
        self.tally.calls[call.method] += 1
        match call.method:
            case "sendMessage" | "editMessageText" | "editMessageReplyMarkup":
                self._show(call, call.params, new=call.method == "sendMessage")
            case "getMe":
                call.ok(BOT)
            case "getMyCommands":
                call.ok([])
            case _:
                call.ok(True)  # noqa: FBT003 - it is what Telegram answers

    def _show(self, call: Call, params: dict[str, object], *, new: bool) -> None:
        chat_id = int(str(params["chat_id"]))
        if new:
            self._last_message += 1
        message_id = self._last_message if new else int(str(params["message_id"]))
        text = str(params.get("text", ""))
        chat = {"id": chat_id, "type": "private"}
        call.ok({"message_id": message_id, "from": BOT, "chat": chat, "date": DATE, "text": text or "x"})
        markup = cast("dict[Literal['inline_keyboard'], Keyboard]", params.get("reply_markup") or {})
        rows = markup.get("inline_keyboard", [])
        buttons = [button["callback_data"] for row in rows for button in row if "callback_data" in button]
        self._sees(self.people[chat_id], Shown(message_id, text, buttons, new))

    def _queue_update(self, kind: str, content: object) -> None:
        self._last_update += 1
        self._queue.append({"update_id": self._last_update, kind: content})
        self._serve_soon()

    def _take_poll(self, call: Call) -> None:
        self.polled.set()
        params = call.params
        offset = int(str(params.get("offset") or 0))
        while self._queue and cast("int", self._queue[0]["update_id"]) < offset:
            self._queue.popleft()
        if self._poll is not None:
            self._poll.refuse(409, "Conflict: terminated by other getUpdates request")
        self._poll = call
        if self._queue:
            self._serve_soon()
        else:
            wait = min(float(str(params.get("timeout") or 0)), 5.0)
            asyncio.get_running_loop().call_later(wait, self._serve, call)

    def _serve_soon(self) -> None:
        """Answer the poll after this turn of the loop, with everything that came in it."""
        if self._poll is not None and not self._answering:
            self._answering = True
            asyncio.get_running_loop().call_soon(self._serve, self._poll)

    def _serve(self, call: Call) -> None:
        self._answering = False
        if self._poll is call:
            self._poll = None
            self.tally.calls["getUpdates"] += 1
            call.ok([self._queue[place] for place in range(min(BATCH, len(self._queue)))])


def figures(crowd: Crowd, seconds: float) -> dict[str, object]:
    """What was measured in that many seconds."""
    tally = crowd.tally
    latencies = sorted(tally.latencies)
    updates = len(latencies)

    def percentile(share: float) -> float:
        return round(1000 * latencies[min(updates - 1, int(share * updates))], 2) if latencies else 0.0

    calls = sum(number for method, number in tally.calls.items() if method != "getUpdates")
    return {
        "people": len(crowd.people),
        "seconds": round(seconds, 2),
        "updates": updates,
        "updates_per_second": round(updates / seconds, 1),
        "latency_ms": {"p50": percentile(0.5), "p99": percentile(0.99), "max": percentile(1.0)},
        "calls_per_update": round(calls / updates, 3) if updates else None,
        "calls": dict(tally.calls),
        "lost": tally.lost,
        "repeated": tally.repeated,
        "out_of_order": tally.out_of_order,
    }


async def measured(arguments: argparse.Namespace, script: Sequence[Step]) -> dict[str, object]:
    """Run the crowd against a bot, and its process with it if there is one to start."""
    crowd = Crowd(arguments.people, script, arguments.latency / 1000)
    async with ApiServer(crowd.answer, port=arguments.port) as server:
        print(json.dumps({"url": server.url}), file=sys.stderr, flush=True)  # noqa: T201 - the way to be found
        process = await started(arguments.bot, server.url) if arguments.bot else None
        try:
            await crowd.polled.wait()
            crowd.begin()
            await rest(crowd, arguments.warmup, arguments.patience)
            crowd.measure()
            begun, before = time.perf_counter(), cpu_seconds(process)
            await rest(crowd, arguments.seconds, arguments.patience)
            result = figures(crowd, time.perf_counter() - begun)
            if process is not None:
                used = cpu_seconds(process) - before
                result["cpu_seconds_per_1000_updates"] = round(1000 * used / max(1, len(crowd.tally.latencies)), 3)
                result["max_memory_mb"] = round(max_memory(process), 1)
            crowd.end()
        finally:
            if process is not None:
                process.terminate()
                await process.wait()
    return result


def cpu_seconds(process: asyncio.subprocess.Process | None) -> float:
    """What a process has used so far (proc(5): fields 14 and 15, in clock ticks); 0 if there is none."""
    if process is None:
        return 0.0
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def max_memory(process: asyncio.subprocess.Process) -> float:
    """The most memory that a process has held at a time, in MiB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


async def started(command: str, url: str) -> asyncio.subprocess.Process:
    environment = {**os.environ, "PANDU_TELEGRAM_API": url, "PANDU_TELEGRAM_TOKEN": "123456:bench-bench"}
    return await asyncio.create_subprocess_exec(*shlex.split(command.replace("{url}", url)), env=environment)


async def rest(crowd: Crowd, seconds: float, patience: float) -> None:
    """Let the crowd go on for a while, counting who waits in vain."""
    end = time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0:
        await asyncio.sleep(min(left, 1.0))
        crowd.give_up(patience)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long is measured")
    parser.add_argument("--warmup", type=float, default=2.0, help="seconds before that")
    parser.add_argument("--latency", type=float, default=0.0, help="milliseconds that each call takes")
    parser.add_argument("--patience", type=float, default=30.0, help="seconds until a reply counts as lost")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", help="a JSON file of steps; eight texts if it is left out")
    parser.add_argument("--bot", help="command that starts the bot; {url} in it becomes the address")
    arguments = parser.parse_args()
    script = json.loads(Path(arguments.script).read_text()) if arguments.script else ECHO
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        print(json.dumps(runner.run(measured(arguments, script)), indent=2))  # noqa: T201 - the result


if __name__ == "__main__":
    main()
