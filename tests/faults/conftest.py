"""The table that all faults write into, printed at the end."""

import pytest

from tests.faults.tally import Tally

_tally = pytest.StashKey[Tally]()


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """Where a fault writes down what it came to."""
    return request.config.stash.setdefault(_tally, Tally())


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    tally = config.stash.get(_tally, Tally())
    if tally.lines:
        terminalreporter.section("faults")
        for line in tally.table():
            terminalreporter.write_line(line)
