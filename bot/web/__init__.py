"""The bot's own web edge: one-time links out of mails. Off unless `PANDU_WEB_PORT` is set."""
