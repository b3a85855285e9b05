"""What comes with the program, read once for all tests of a process: reading it takes longer than most of them."""

from __future__ import annotations

from typing import Final

from bot import catalogs
from bot.app import load_service
from bot.settings import Settings
from conversations.advance import Guide

SERVICE: Final = load_service(Settings(_env_file=None))  # type: ignore[call-arg] # pydantic-settings takes it
CATALOGS: Final = catalogs.load(SERVICE.zone.tz)
GUIDE: Final = Guide(SERVICE)
