"""The commands that keep what is stored: copies, keys, retention, the audit, and the first admin."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import click
from sqlalchemy import make_url

from bot.app import load_service
from bot.clock import SystemClock
from bot.commands.staff import LIFETIME
from bot.delivery import Pause
from bot.plainly import plainly
from bot.settings import Settings, WrongSetting, read_settings
from bot.telegram.sender import TelegramSender
from bot.tokens import RandomTokens
from bot.upkeep import horizons
from conversations.facts import Book
from conversations.flow import Refused
from conversations.identity import AnyEmail, PersonName
from conversations.people import Role
from storage import Conflict, SealBroken, StorageError, Store, WrongSchema
from storage import restore as put_back
from storage.keyfile import keys_in
from storage.keyfile import write as write_keys
from storage.sealing import Ring

FILE = click.Path(dir_okay=False, path_type=Path)


def sqlite_file(settings: Settings) -> Path:
    """The file of the database. Raises StorageError: it is on a server."""
    address = make_url(settings.database)
    if address.drivername != "sqlite+aiosqlite" or not address.database:
        raise StorageError("PANDU_DATABASE_URL names a PostgreSQL database. Put its copies back with pg_restore.")
    return Path(address.database)


@asynccontextmanager
async def opened(settings: Settings, *, read_only: bool = False) -> AsyncIterator[Store]:
    store = await Store.open(settings.database, ring=settings.ring(make=not read_only), read_only=read_only)
    try:
        yield store
    finally:
        await store.close()


@click.command()
@click.argument("file", type=FILE)
@plainly
def backup(file: Path) -> None:
    """Copy the SQLite database, also while it is served, then open, check and count the copy."""

    async def copy() -> None:
        async with opened(read_settings(), read_only=True) as store:
            counts = await store.backup(file)
        click.echo(f"{file}: checked, {sum(counts.rows.values())} rows. Keep the key (secret.key) elsewhere.")

    asyncio.run(copy())


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@plainly
def restore(file: Path) -> None:
    """Put a checked copy in the place of the SQLite database; nobody may serve it meanwhile."""
    settings = read_settings()
    asyncio.run(_unlock(file, settings))
    counts = put_back(file, sqlite_file(settings))
    click.echo(f"Restored, {sum(counts.rows.values())} rows. What was there lies beside it as *.before-restore.")


async def _unlock(file: Path, settings: Settings) -> None:
    """See that our key opens a copy before it takes the place of what is there. Raises StorageError."""
    try:
        await (await Store.open(f"sqlite+aiosqlite:///{file}", ring=settings.ring(), read_only=True)).close()
    except SealBroken:
        said = "was sealed with another key. Put the key of its time back (secret.key.before-…), then try again"
        raise SealBroken(f"{file} {said}.") from None
    except WrongSchema:
        pass  # of an earlier version, which sealed nothing; if it is of a later one, that is said next


@click.command("rotate-key")
@plainly
def rotate_key() -> None:
    """Seal everything with a new key; nobody may serve the database meanwhile.

    Ended in the middle, it is finished by the next start: until then the key file holds both keys.
    """
    settings = read_settings()
    if settings.secret_key is not None:
        said = (
            "The key is given by PANDU_SECRET_KEY. Put a new one in front of it, start Pandu once, then leave out the"
        )
        raise WrongSetting(f"{said} old one: PANDU_SECRET_KEY={Ring.new_key()},<the old key>")

    kept = settings.key_file.with_name(f"{settings.key_file.name}.before-{SystemClock().now():%Y%m%dT%H%M%S}")

    async def turn() -> None:
        async with opened(settings):
            pass  # nobody serves it, and an earlier change of the key is finished
        new, old = Ring.new_key(), keys_in(settings.key_file)
        write_keys(kept, old)
        write_keys(settings.key_file, [new, *old])
        async with opened(settings):
            pass  # whatever was sealed with an older key is sealed anew
        write_keys(settings.key_file, [new])

    asyncio.run(turn())
    click.echo(f"Everything is sealed with a new key. Copies made before need the old one, kept as {kept}.")
    click.echo("Delete that file together with the last of those copies.", err=True)


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be forgotten, and forget nothing.")
@plainly
def retention(dry_run: bool) -> None:  # noqa: FBT001 - click gives it by name
    """Say what the periods of the service file would make Pandu forget now. It does so itself each night."""
    if not dry_run:
        raise WrongSetting("Pandu forgets by itself, each night. `pandu retention --dry-run` says what it would be.")
    settings = read_settings()
    due = horizons(load_service(settings).retention, SystemClock().now())

    async def count() -> None:
        async with opened(settings, read_only=True) as store, store.reading() as tx:
            rows = (await tx.would_purge(due)).rows
        for table, number in rows.items():
            click.echo(f"{number:8} {table}")

    asyncio.run(count())


@click.group()
def audit() -> None:
    """Look after the audit."""


@audit.command()
@click.option("--expect", metavar="NUMBER:HASH", help="What an earlier check ended with: finds entries cut off since.")
@plainly
def verify(expect: str | None) -> None:
    """Check that no entry of the audit was changed or removed."""

    async def check() -> None:
        async with opened(read_settings(), read_only=True) as store, store.reading() as tx:
            verdict = await tx.audit.verify(expect)
        if verdict.broken_at is not None:
            raise StorageError(f"The audit is broken at entry {verdict.broken_at}: it or one before was changed.")
        click.echo(f"{verdict.count} entries are in order. To compare later: {verdict.count}:{verdict.last_hash}")

    asyncio.run(check())


@click.group()
def staff() -> None:
    """Who has which role."""


@staff.command()
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.option("--name", required=True, help="The name that colleagues see.")
@click.option("--email", default="", help="Where mail reaches them.")
@plainly
def invite(role: str, name: str, email: str) -> None:
    """Make a one-time link that gives a role to whoever opens it first. The first admin is made like this."""
    settings = read_settings()
    if settings.sandboxed:
        raise WrongSetting("PANDU_TELEGRAM_TOKEN is not set. The sandbox has its own staff; a link needs a real bot.")

    at = SystemClock().now()
    facts = Book.of(load_service(settings)).facts(at)
    if isinstance(PersonName().read(name, at, facts), Refused):
        raise WrongSetting("--name takes the name of a person, as people write it.")
    if email and isinstance(AnyEmail().read(email, at, facts), Refused):
        raise WrongSetting("--email takes an address such as name@example.go.id.")

    async def make() -> None:
        clock, token = SystemClock(), RandomTokens().token()
        sender = TelegramSender(
            settings.telegram_token.get_secret_value(), pause=Pause(clock), api=settings.telegram_api
        )
        async with sender:
            me = await sender.me()
        async with opened(settings) as store, store.transaction() as tx:
            at, lookup = clock.now(), tx.fingerprint("token", token)
            number = await tx.staff.invite(Role(role), name, email, lookup, at + LIFETIME, at)
            await tx.audit.append("cli", "invited", f"staff:{number}", {"role": role}, at)
        click.echo(f"https://t.me/{me.username}?start={token}")
        click.echo("Pass it on to nobody else: it serves once, within 48 hours.", err=True)

    try:
        asyncio.run(make())
    except Conflict:
        said = "Pandu serves this database now. An admin can invite in the chat, with /petugas; or stop Pandu first."
        raise Conflict(said) from None


COMMANDS = (backup, restore, rotate_key, retention, audit, staff)
"""What `pandu` offers of this; `staff` and `audit` are groups."""
