"""How fast messages may leave: per chat in short bursts, campaigns within what conversations leave free."""

from __future__ import annotations

from dataclasses import dataclass

MANY = 4096  # lanes remembered before those that owe nothing are forgotten


@dataclass(frozen=True, slots=True)
class Rates:
    """Limits in messages a second; 0 switches a limit off.

    A lane may send `lane_burst` messages at once, then `lane_per_second`. Campaigns may use what is left of
    `campaign_per_second` after what conversations use. Telegram allows about 1 a second in a chat and 30 in all.
    """

    lane_burst: int = 30
    lane_per_second: float = 1.0
    campaign_per_second: float = 25.0


class LaneMeter:
    """A bucket a lane, kept as one number: the moment (seconds) when it will be full again."""

    def __init__(self, rates: Rates) -> None:
        self._gap = 1 / rates.lane_per_second if rates.lane_per_second else 0.0
        self._depth = self._gap * max(rates.lane_burst, 1)
        self._full_at: dict[str, float] = {}
        self._forget_at = MANY

    def wait(self, lane: str, now: float) -> float:
        """Seconds until the lane may send its next message."""
        full_at = self._full_at.get(lane, now)
        # A clock that was set back must not make anybody wait longer than an empty bucket does.
        return max(0.0, min(full_at - now, self._depth) + self._gap - self._depth)

    def count(self, lane: str, now: float) -> None:
        """Count one message sent."""
        if not self._gap:
            return
        full_at = min(self._full_at.get(lane, now), now + self._depth)
        self._full_at[lane] = max(full_at, now) + self._gap
        if len(self._full_at) > self._forget_at:
            self._full_at = {name: moment for name, moment in self._full_at.items() if moment > now}
            self._forget_at = max(MANY, 2 * len(self._full_at))


class CampaignMeter:
    """One bucket that every message empties and only campaigns wait for."""

    def __init__(self, rates: Rates) -> None:
        self._gap = 1 / rates.campaign_per_second if rates.campaign_per_second else 0.0
        self._free_at = 0.0

    def wait(self, now: float) -> float:
        """Seconds until a campaign may send its next message."""
        return max(0.0, min(self._free_at - now, 1.0))

    def count(self, now: float) -> None:
        """Count one message sent, of whatever kind; a debt of more than a second is forgiven."""
        self._free_at = min(max(self._free_at, now) + self._gap, now + 1.0)
