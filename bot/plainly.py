"""Every command ends with 0, or with one sentence that says what to do and another number."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec

import click

from bot.errors import DeliveryError, Fatal
from bot.settings import WrongSetting
from conversations.service import ServiceError
from storage import StorageError

EXIT_WRONG = 2
EXIT_FAILED = 1

P = ParamSpec("P")


def plainly(command: Callable[P, None]) -> Callable[P, None]:
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
        except DeliveryError as wrong:
            click.echo(
                f"Telegram does not answer ({type(wrong).__name__}). Check the network, then try again.", err=True
            )
            sys.exit(EXIT_FAILED)
        except OSError as wrong:
            click.echo(f"{wrong.filename or 'The system'}: {wrong.strerror or wrong}.", err=True)
            sys.exit(EXIT_FAILED)

    return run
