"""The command line. Every command ends with 0, or with one sentence that says what to do and another number.

What only one command needs (the sandbox, the doctor, the tour, the diagrams) is imported by that command: a process
that serves Telegram does without it.
"""

# ruff: noqa: PLC0415 - as the docstring says

from __future__ import annotations

import asyncio
import functools
import gc
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

import click
from sqlalchemy import make_url

from bot.app import build, load_service, read_service_file
from bot.clock import Clock, MovableClock, SystemClock
from bot.errors import Fatal
from bot.logs import configure
from bot.settings import Settings, WrongSetting, read_settings
from conversations.service import Service, ServiceError
from storage import Conflict, StorageError, Store
from storage import restore as put_back
from storage.sqlite import lock_of

EXIT_WRONG = 2
EXIT_FAILED = 1

if sys.platform == "win32":  # uvloop is not made for it
    from asyncio import new_event_loop
else:
    from uvloop import new_event_loop

P = ParamSpec("P")


def _plainly(command: Callable[P, None]) -> Callable[P, None]:
    """Say what went wrong in one sentence, without a traceback."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (WrongSetting, ServiceError) as wrong:
            click.echo(str(wrong), err=True)
            sys.exit(EXIT_WRONG)
        except StorageError as wrong:
            click.echo(str(wrong), err=True)
            sys.exit(EXIT_FAILED)
        except Fatal:
            click.echo("Telegram refuses the token. Check PANDU_TELEGRAM_TOKEN with BotFather.", err=True)
            sys.exit(EXIT_WRONG)
        except OSError as wrong:
            click.echo(f"{wrong.filename or 'The system'}: {wrong.strerror or wrong}.", err=True)
            sys.exit(EXIT_FAILED)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pandu", prog_name="pandu")
def main() -> None:
    """Pandu guides employees through the renewal of their electronic certificate."""


@main.command()
@_plainly
def run() -> None:
    """Serve Telegram, or without a token the sandbox on this machine."""
    settings = read_settings()
    configure(settings.log_format)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(settings, load_service(settings)))


@main.command()
@click.option("--language", type=click.Choice(["id", "en"]), default="id", show_default=True)
@_plainly
def tour(language: str) -> None:
    """Play a whole renewal against the sandbox and print the chat."""
    from bot.tour import play

    configure("text")
    asyncio.run(play(load_service(read_settings()), language, click.echo))


@main.command()
@_plainly
def doctor() -> None:
    """Check token, database, mail server, service file, catalogs and clock, and say what to do."""
    from bot.doctor import examine

    findings = asyncio.run(examine(read_settings()))
    for finding in findings:
        click.echo(f"{finding.sign} {finding.what}: {finding.says}")
    sys.exit(EXIT_FAILED if any(finding.bad for finding in findings) else 0)


@main.command()
@_plainly
def migrate() -> None:
    """Bring the tables to this version. `run` does this by itself."""
    settings = read_settings()

    async def bring() -> None:
        await (await Store.open(settings.database)).close()

    asyncio.run(bring())
    click.echo("The tables are those of this version.")


@main.command("check-service")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_plainly
def check_service(file: Path) -> None:
    """Check a service file; name the line that is wrong."""
    service = read_service_file(file)
    click.echo(f"{file.name} is in order: {service.unit.name.id}, {len(service.symptoms)} symptoms.")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_plainly
def backup(file: Path) -> None:
    """Copy the SQLite database, also while it is served, then open, check and count the copy."""
    settings = read_settings()

    async def copy() -> None:
        store = await Store.open(settings.database, read_only=True)
        try:
            counts = await store.backup(file)
        finally:
            await store.close()
        click.echo(f"{file}: checked, {sum(counts.rows.values())} rows.")

    asyncio.run(copy())


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_plainly
def restore(file: Path) -> None:
    """Put a checked copy in the place of the SQLite database; nobody may serve it meanwhile."""
    counts = put_back(file, _sqlite_file(read_settings()))
    click.echo(f"Restored, {sum(counts.rows.values())} rows.")


@main.command(hidden=True)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@_plainly
def diagrams(folder: Path) -> None:
    """Draw every flow as a Mermaid diagram (`make diagrams`)."""
    from conversations.diagram import drawn
    from conversations.flows import all_flows

    for flow in all_flows(load_service(read_settings())):
        (folder / f"flow-{flow.name}.md").write_text(drawn(flow), encoding="utf-8")


def _sqlite_file(settings: Settings) -> Path:
    """The file of the database. Raises StorageError: it is on a server."""
    address = make_url(settings.database)
    if address.drivername != "sqlite+aiosqlite" or not address.database:
        raise StorageError("PANDU_DATABASE_URL names a PostgreSQL database. Put its copies back with pg_restore.")
    return Path(address.database)


def _forget(file: Path) -> None:
    """Remove what an earlier sandbox stored: its world, with the numbers of its updates, ended with it.

    Raises Conflict, having removed nothing, while another sandbox is at work.
    """
    lock = lock_of(file)
    try:
        lock.acquire()
    except Conflict:
        raise Conflict(f"Another sandbox uses {file}. Stop it, or set PANDU_DATA_DIR to another folder.") from None
    try:
        for part in ("-wal", "-shm", ""):
            file.with_name(f"{file.name}{part}").unlink(missing_ok=True)
    finally:
        lock.release()


async def _serve(settings: Settings, service: Service) -> None:
    stopping = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stopping.set)
    if not settings.sandboxed:
        token = settings.telegram_token.get_secret_value()
        await _run(settings, service, SystemClock(), token, settings.telegram_api, stopping)
        return
    from bot.sandbox import Sandbox, SandboxError

    clock = MovableClock()
    settings = settings.of_the_sandbox()
    try:
        async with Sandbox(clock, settings.sandbox_port) as sandbox:
            _forget(_sqlite_file(settings))
            page = f"Pandu runs in the sandbox. Open {sandbox.page_url} (Ctrl-C ends it)."
            await _run(settings, service, clock, sandbox.token, sandbox.api_url, stopping, greeting=page)
    except SandboxError as wrong:
        raise WrongSetting(str(wrong)) from None


async def _run(
    settings: Settings,
    service: Service,
    clock: Clock,
    token: str,
    api: str,
    stopping: asyncio.Event,
    *,
    greeting: str = "",
) -> None:
    async with build(settings, service, clock, token=token, api=api) as app:
        if greeting:
            click.echo(greeting)
        # What was loaded so far stays; the collector need not look at it again and again (a tenth of the work).
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 50, 100)
        await app.run(stopping)
