"""How fast messages may leave."""

from __future__ import annotations

from bot.relay.rates import MANY, CampaignMeter, LaneMeter, Rates


def sends(meter: LaneMeter, *, seconds: float, step: float = 0.05) -> int:
    count = 0
    for tick in range(int(seconds / step) + 1):
        while meter.wait("a", tick * step) <= 0:
            meter.count("a", tick * step)
            count += 1
    return count


def test_a_lane_bursts_and_then_goes_steadily() -> None:
    meter = LaneMeter(Rates(lane_burst=30, lane_per_second=1.0))

    assert sends(meter, seconds=0) == 30
    assert sends(meter, seconds=10) == 10


def test_lanes_do_not_wait_for_each_other() -> None:
    meter = LaneMeter(Rates(lane_burst=1, lane_per_second=1.0))
    meter.count("a", 0.0)

    assert meter.wait("a", 0.0) == 1.0
    assert meter.wait("b", 0.0) == 0.0


def test_zero_switches_the_limits_off() -> None:
    rates = Rates(lane_per_second=0, campaign_per_second=0)
    lane, campaign = LaneMeter(rates), CampaignMeter(rates)
    for _ in range(1000):
        lane.count("a", 5.0)
        campaign.count(5.0)

    assert lane.wait("a", 5.0) == campaign.wait(5.0) == 0.0


def test_a_clock_set_back_makes_nobody_wait_longer_than_an_empty_bucket() -> None:
    meter = LaneMeter(Rates(lane_burst=3, lane_per_second=1.0))
    for _ in range(3):
        meter.count("a", 1_000_000.0)

    assert meter.wait("a", 0.0) <= 1.0


def test_lanes_that_owe_nothing_are_forgotten() -> None:
    meter = LaneMeter(Rates(lane_burst=30, lane_per_second=1.0))
    for number in range(10 * MANY):
        meter.count(str(number), float(number))

    assert len(meter._full_at) <= MANY + 1


def test_campaigns_get_what_conversations_leave() -> None:
    meter = CampaignMeter(Rates(campaign_per_second=25))
    sent = 0
    for tick in range(1000):  # 10 seconds; conversations use 10 a second
        now = tick / 100
        if tick % 10 == 0:
            meter.count(now)
        if meter.wait(now) <= 0:
            meter.count(now)
            sent += 1

    assert 130 <= sent <= 151
