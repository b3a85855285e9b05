"""The command line. Every command ends with 0, or with one sentence that says what to do and another number.

What only one command needs (the sandbox, the doctor, the tour, the diagrams) is imported by that command: a process
that serves Telegram does without it.
"""

# ruff: noqa: PLC0415 - as the docstring says

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from pathlib import Path

import click

from bot.app import App, build, load_service, played_world, read_service_file, real_world
from bot.clock import MovableClock
from bot.complaints import COMMANDS as OF_COMPLAINTS
from bot.keeping import COMMANDS, sqlite_file
from bot.logs import configure
from bot.plainly import EXIT_FAILED, plainly
from bot.settings import Settings, WrongSetting, read_settings
from conversations.service import Service
from storage import Conflict, Store
from storage.sqlite import lock_of

if sys.platform == "win32":  # uvloop is not made for it
    from asyncio import new_event_loop
else:
    from uvloop import new_event_loop


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pandu", prog_name="pandu")
def main() -> None:
    """Pandu guides employees through the renewal of their electronic certificate."""


for command in (*COMMANDS, *OF_COMPLAINTS):
    main.add_command(command)


@main.command()
@plainly
def run() -> None:
    """Serve Telegram, or without a token the sandbox on this machine."""
    settings = read_settings()
    configure(settings.log_format)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(settings, load_service(settings)))


@main.command()
@click.option("--language", type=click.Choice(["id", "en"]), default="id", show_default=True)
@plainly
def tour(language: str) -> None:
    """Play a whole renewal against the sandbox and print the chat."""
    from bot.tour import play

    configure("text")
    asyncio.run(play(load_service(read_settings()), language, click.echo))


@main.command()
@plainly
def doctor() -> None:
    """Check token, database, mail server, service file, catalogs and clock, and say what to do."""
    from bot.doctor import examine

    findings = asyncio.run(examine(read_settings()))
    for finding in findings:
        click.echo(f"{finding.sign} {finding.what}: {finding.says}")
    sys.exit(EXIT_FAILED if any(finding.bad for finding in findings) else 0)


@main.command()
@plainly
def migrate() -> None:
    """Bring the tables to this version. `run` does this by itself."""
    settings = read_settings()

    async def bring() -> None:
        await (await Store.open(settings.database, ring=settings.ring())).close()

    asyncio.run(bring())
    click.echo("The tables are those of this version.")


@main.command("check-service")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@plainly
def check_service(file: Path) -> None:
    """Check a service file; name the line that is wrong."""
    service = read_service_file(file)
    click.echo(f"{file.name} is in order: {service.unit.name.id}, {len(service.symptoms)} symptoms.")


@main.command(hidden=True)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@plainly
def diagrams(folder: Path) -> None:
    """Draw flows and the life of a complaint as diagrams, and who may use which command (`make diagrams`)."""
    from conversations.diagram import drawn, life, rights
    from conversations.flows import all_flows

    for flow in all_flows(load_service(read_settings())):
        (folder / f"flow-{flow.name}.md").write_text(drawn(flow), encoding="utf-8")
    (folder / "rights.md").write_text(rights(), encoding="utf-8")
    (folder / "complaint.md").write_text(life(), encoding="utf-8")


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
        async with build(settings, service, real_world(settings)) as app:
            await _run(app, stopping)
        return
    from bot.sandbox import Sandbox, SandboxError
    from bot.sandbox.staff import appoint

    clock = MovableClock()
    settings = settings.of_the_sandbox()
    try:
        async with Sandbox(clock, settings.sandbox_port) as sandbox:
            _forget(sqlite_file(settings))
            world = played_world(clock, token=sandbox.token, api=sandbox.api_url, smtp_url=sandbox.smtp_url)
            async with build(settings, service, world) as app:
                await appoint(app.store, clock.now())
                click.echo(f"Pandu runs in the sandbox. Open {sandbox.page_url} (Ctrl-C ends it).")
                await _run(app, stopping)
    except SandboxError as wrong:
        raise WrongSetting(str(wrong)) from None


async def _run(app: App, stopping: asyncio.Event) -> None:
    # What was loaded so far stays; the collector need not look at it again and again (a tenth of the work).
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 10, 50)
    await app.run(stopping)
