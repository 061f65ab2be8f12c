"""The table of what a run of tests proved: a test's docstring is its statement, `evidence` what was seen."""

from __future__ import annotations

from pathlib import Path

import pytest


def state(request: pytest.FixtureRequest) -> None:
    """Note what the requesting test proves."""
    request.node.user_properties.append(("statement", (request.function.__doc__ or "").strip()))


def write(terminalreporter: pytest.TerminalReporter, title: str) -> None:
    """Print a table of the tests that ran: their module, the statement, the evidence, the outcome."""
    rows = []
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, ()):
            found = dict(getattr(report, "user_properties", ()))
            if found.get("statement"):
                where = Path(report.nodeid.partition("::")[0]).stem.removeprefix("test_")
                row = (where, found["statement"].rstrip("."), found.get("evidence", ""), outcome)
                rows.append(f"| {' | '.join(row)} |")
    if rows:
        terminalreporter.write_sep("=", title)
        terminalreporter.write_line("| platform | what was proven | seen | result |\n|---|---|---|---|")
        for line in sorted(rows):
            terminalreporter.write_line(line)
