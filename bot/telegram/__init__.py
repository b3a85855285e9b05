"""Telegram: the transport, the sender, and the decoding of updates."""
