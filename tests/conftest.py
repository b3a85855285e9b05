"""Options that all tests share."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "pandu",
    deadline=None,  # a busy machine may pause for longer than any rule takes
    suppress_health_check=[HealthCheck.too_slow],  # the same
    derandomize="CI" in os.environ,  # a change is judged by what it changed, not by the luck of the draw
    print_blob=True,
)
settings.load_profile("pandu")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite", action="store_true", help="write the transcripts anew from what was said")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures that tests have reported with `record_property("figure", …)`."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, ())]
    figures = [str(value) for report in reports for name, value in report.user_properties if name == "figure"]
    if figures:
        terminalreporter.section("figures")
        terminalreporter.write("".join(f"{figure}\n" for figure in sorted(set(figures))))
