"""What the bot says of itself: who it is, its names, and its commands by scope and language."""

from __future__ import annotations

import re
from typing import TypeAlias

from bot.sandbox.errors import bad_request
from bot.sandbox.params import Params

Scope: TypeAlias = tuple[str, int, int]
"""Kind, chat and user; 0 where the kind has none."""
Command: TypeAlias = dict[str, str]

DEFAULT: Scope = ("default", 0, 0)
FIELDS = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}
NAME = re.compile(r"[a-z0-9_]{1,32}")
LANGUAGE = re.compile(r"[a-z]{2}")
MAX_COMMANDS = 100
MAX_DESCRIPTION = 256
TEXTS = {"name": 64, "description": 512, "short_description": 120}
"""What can be set with `setMyName` and its like, with the longest value of each."""


class Profile:
    """The bot as Telegram knows it."""

    def __init__(self, bot_id: int, first_name: str = "Pandu", username: str = "pandu_contoh_bot") -> None:
        self.bot_id = bot_id
        self.first_name = first_name
        self.username = username
        self._commands: dict[tuple[Scope, str], list[Command]] = {}
        self._texts: dict[tuple[str, str], str] = {}

    def user(self) -> dict[str, object]:
        return {"id": self.bot_id, "is_bot": True, "first_name": self.first_name, "username": self.username}

    def me(self) -> dict[str, object]:
        return self.user() | {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    @staticmethod
    def chat_of(params: Params) -> int:
        """The chat whose commands a request is about; 0 where it is about more than one chat."""
        return _scope(params)[1]

    def set_commands(self, params: Params) -> None:
        raw = params.json("commands", "commands")
        if not isinstance(raw, list):
            raise bad_request("expected an Array of BotCommand")
        if len(raw) > MAX_COMMANDS:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        commands = [_command(command) for command in raw]
        self._commands[_scope(params), _language(params)] = commands

    def get_commands(self, params: Params) -> list[Command]:
        return self._commands.get((_scope(params), _language(params)), [])

    def delete_commands(self, params: Params) -> None:
        self._commands.pop((_scope(params), _language(params)), None)

    def commands_for(self, person_id: int, language: str | None) -> list[Command]:
        """What a person sees behind the menu button, in the order in which Telegram looks."""
        for scope in (("chat", person_id, 0), ("all_private_chats", 0, 0), DEFAULT):
            for code in (language or "", ""):
                if commands := self._commands.get((scope, code)):
                    return commands
        return []

    def set_text(self, kind: str, params: Params) -> None:
        value = params.text(kind)
        if len(value) > TEXTS[kind]:
            raise bad_request(f"bot {kind.replace('_', ' ')} is too long")
        self._texts[kind, _language(params)] = value

    def get_text(self, kind: str, params: Params) -> str:
        fallback = self.first_name if kind == "name" else ""
        return self._texts.get((kind, _language(params))) or self._texts.get((kind, "")) or fallback


def _command(raw: object) -> Command:
    if not isinstance(raw, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name, description = raw.get("command"), raw.get("description")
    if not isinstance(name, str) or not isinstance(description, str):
        raise bad_request("can't parse BotCommand: expected command and description of type String")
    name = name.removeprefix("/")
    if not NAME.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= MAX_DESCRIPTION:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def _scope(params: Params) -> Scope:
    raw = params.json("scope", "BotCommandScope")
    if raw is None:
        return DEFAULT
    if not isinstance(raw, dict):
        raise bad_request("can't parse BotCommandScope: expected an Object")
    kind = raw.get("type")
    if not isinstance(kind, str) or kind not in FIELDS:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    ids = dict.fromkeys(("chat_id", "user_id"), 0)
    for name in FIELDS[kind]:
        try:
            ids[name] = int(raw.get(name, 0))
        except (TypeError, ValueError) as error:
            raise bad_request("chat not found") from error
    return kind, ids["chat_id"], ids["user_id"]


def _language(params: Params) -> str:
    code = params.text("language_code")
    if code and not LANGUAGE.fullmatch(code):
        raise bad_request("invalid language code specified")
    return code
