"""The library's own echo bot, with its default settings: what Pandu is compared with.

python tests/bench/echo.py --api http://127.0.0.1:8099
"""

from __future__ import annotations

import argparse
import logging

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters


async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    if update.message is not None and update.message.text is not None:
        await update.message.reply_text(update.message.text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--api", required=True, help="base address of the Bot API")
    parser.add_argument("--token", default="123456:bench")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    application = Application.builder().token(arguments.token).base_url(f"{arguments.api}/bot").build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling()


if __name__ == "__main__":
    main()
