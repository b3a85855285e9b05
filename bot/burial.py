"""Updates that could not be handled are kept with their error; person and admins are told so with a reference."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from bot.catalogs import DEFAULT, Catalog
from bot.compose import compose
from bot.scene import Outcome, lane_of, row_key
from conversations.effects import Say
from conversations.guard import identity_in, secret_in
from conversations.people import Role
from conversations.text import N_, Text
from storage import Conflict
from storage.records import DeadLetter

if TYPE_CHECKING:
    from bot.outlet import Outlet
    from storage import Store

log = logging.getLogger(__name__)

MASK = "•••"

_APOLOGY = N_(
    "I am sorry, something went wrong on our side with your last message. It has been noted under the number "
    "<b>{reference}</b>. Please go on with the guide, or try again with /menu."
)
_NOTICE = N_(
    "An update could not be handled. It is kept under the number <b>{reference}</b>; <code>pandu doctor</code> says "
    "more."
)


class Burial:
    """Buries one update at a time, each in a transaction of its own. `count` is how many since the start."""

    def __init__(
        self,
        store: Store,
        catalogs: Mapping[str, Catalog],
        outlet: Outlet,
    ) -> None:
        self._store, self._catalogs, self._outlet = store, catalogs, outlet
        self.count = 0

    async def bury(
        self, key: str, chat_id: int | None, raw: object, error: Exception, at: datetime, *,
        alarm: str | None = None,
    ) -> None:  # fmt: skip
        """Keep what could not be handled with its error, and tell the person, if there is one, with a reference."""
        for last in (False, False, True):
            try:
                await self._bury_as(secrets.token_hex(3).upper(), key, chat_id, raw, error, at, alarm)
            except Conflict:  # a reference is short, to be read out on the telephone: some day one comes twice
                if last:
                    raise
            else:
                return

    async def _bury_as(
        self, reference: str, key: str, chat_id: int | None, raw: object, error: Exception, at: datetime,
        alarm: str | None,
    ) -> None:  # fmt: skip
        log.error("an update was buried as %s (%s): see `pandu doctor`", reference, type(error).__name__)
        letter = DeadLetter(
            reference, key, chat_id, json.dumps(masked(raw), default=str), f"{type(error).__name__}: {error}", at
        )
        outcome = Outcome({}, self._outlet.claim())
        async with self._store.transaction() as tx:
            await tx.confirm(self._store.epoch)
            if alarm is not None and chat_id is not None:
                await tx.drop_alarms([(chat_id, alarm)])
            if await tx.seen([key]):
                return
            await tx.remember([key], at)
            await tx.bury([letter])
            told = await tx.staff.chats(Role.ADMIN)
            for number, (admin, language) in enumerate(told):
                self._say(outcome, row_key(key, f"buried{number}", at), admin, language, _NOTICE, reference, at)
            if chat_id is not None and chat_id > 0:
                language = (await tx.languages([chat_id])).get(chat_id)  # the session may be what does not open
                self._say(outcome, row_key(key, "sorry", at), chat_id, language, _APOLOGY, reference, at)
            if outcome.rows:
                await tx.enqueue(outcome.rows)
        self.count += 1
        self._outlet.take(outcome.rows)

    def _say(
        self, outcome: Outcome, key: str, chat_id: int, language: str | None, msgid: str, reference: str, at: datetime
    ) -> None:
        catalog = self._catalogs[language or DEFAULT]
        said = compose(Say((Text(msgid, {"reference": reference}),)), chat_id, None, catalog)
        if said is not None:
            outcome.add(key, lane_of(chat_id), said.payload, at)


def masked(raw: object) -> object:
    """The same update without what nobody may keep."""
    match raw:
        case dict():
            return {name: masked(value) for name, value in raw.items()}
        case list():
            return [masked(value) for value in raw]
        case str() if identity_in(raw) or secret_in(raw, expects_code=False):
            return MASK
        case _:
            return raw


def nameless(update: object) -> str:
    """The key of an update without a number: the same one that comes again is the same letter."""
    return f"malformed:{_hashed(json.dumps(update, sort_keys=True, default=str))}"


def _hashed(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
