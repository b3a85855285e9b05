"""Telegram's errors in the words of `bot.errors`.

Telegram has no error codes beyond HTTP's: what a 400 means is in its description. The pieces looked for here are the
descriptions of the Bot API server, compared without regard to case, because the library changes it.
"""

from __future__ import annotations

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)

from bot.errors import AlreadySo, DeliveryError, Fatal, Migrated, Refused, TryLater, Unknown, Unreachable
from bot.telegram.transport import Flooded, NoAnswer, NotReached

NOT_MODIFIED = ("message is not modified",)
BAD_ENTITIES = ("can't parse entities", "can't parse message text", "entities_too_long", "entity_bounds_invalid")
GONE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message not found",
)
DELETED = ("message to delete not found", "message can't be deleted", "message_delete_forbidden")
UNREACHABLE = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "user is deactivated",
    "input_user_deactivated",
    "user_is_blocked",
    "chat_write_forbidden",
    "have no rights to send a message",
    "not enough rights to send",
    "group chat was deactivated",
)

WEBHOOK = "A webhook is set for this bot, so Telegram lets nobody poll: remove it by the Bot API's deleteWebhook"
POLLED = "Another program polls with this bot's token: stop it, or give this one a bot of its own"


class BadEntities(Refused):
    """The markup of the text is wrong: it is sent again as plain text."""


class Gone(Refused):
    """The message to change is not there any more, or is too old to be changed."""


def translated(error: TelegramError) -> DeliveryError:
    """Say what has to be done about an error of the library."""
    text = error.message
    match error:
        case Flooded():
            return TryLater(text, after=error.seconds, reached=True)
        case NotReached():
            return TryLater(text, after=None, reached=False)
        case NoAnswer():
            return Unknown(text)
        case ChatMigrated():
            return Migrated(text, error.new_chat_id)
        case Forbidden():
            return Unreachable(text)
        case InvalidToken() | EndPointNotFound():
            return Fatal("Telegram does not accept the token: check PANDU_TELEGRAM_TOKEN and PANDU_TELEGRAM_API")
        case Conflict():
            return Fatal(WEBHOOK if "webhook" in text.casefold() else POLLED)
        case BadRequest():
            return _refusal(text)
        case NetworkError():  # the statuses left are 3xx and 4xx, answered by Telegram itself
            return Refused(text)
        case _:
            return Unknown(text)


def _refusal(text: str) -> DeliveryError:
    lowered = text.casefold()
    for words, kind in (
        (NOT_MODIFIED, AlreadySo),
        (DELETED, AlreadySo),  # gone already, or as gone as Telegram lets it be
        (BAD_ENTITIES, BadEntities),
        (GONE, Gone),
        (UNREACHABLE, Unreachable),
    ):
        if any(word in lowered for word in words):
            return kind(text)
    return Refused(text)
