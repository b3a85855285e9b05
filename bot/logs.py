"""Log lines for the operator: text or JSON, and never a secret in them."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Literal

import structlog

from bot.settings import TOKEN

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

_TOKEN = re.compile(TOKEN)
_QUIET = ("httpx", "httpcore", "telegram", "aiosqlite", "alembic", "aiohttp.access", "mail.log")


def _without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {key: _TOKEN.sub("‹token›", value) if isinstance(value, str) else value for key, value in event.items()}


def configure(log_format: Literal["text", "json"]) -> None:
    """Send every log line to standard error in one shape; libraries speak from warnings on."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_secrets,
    ]
    last: Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
