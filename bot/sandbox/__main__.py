"""`python -m bot.sandbox`: the sandbox alone, for a bot that runs in another process."""

from __future__ import annotations

import asyncio
import signal
import sys

import click

from bot.clock import MovableClock
from bot.sandbox.errors import PortTaken
from bot.sandbox.server import DEFAULT_PORT, Sandbox


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="0: a free one.")
@click.option("--smtp-port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0: a free one.")
@click.option("--token", default=None, help="The bot's token; a random one if left out.")
def main(port: int, smtp_port: int, token: str | None) -> None:
    """Serve the stand-in for Telegram until Ctrl-C or SIGTERM."""
    try:
        asyncio.run(_serve(Sandbox(MovableClock(), port, token, smtp_port)))
    except (PortTaken, ValueError) as error:
        click.echo(error, err=True)
        sys.exit(2)


async def _serve(sandbox: Sandbox) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with sandbox:
        click.echo(f"page:  {sandbox.page_url}")
        click.echo(f"api:   {sandbox.api_url}")
        click.echo(f"token: {sandbox.token}")
        click.echo(f"smtp:  {sandbox.smtp_url}")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    main()
