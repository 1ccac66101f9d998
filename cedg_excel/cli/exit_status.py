"""How a command ends, for the shell and other programs."""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """STOPPED is what every shell reports for Ctrl-C."""

    CLEAN = 0
    FINDINGS = 1
    """There are findings of severity error, or the master and the returns differ."""
    REFUSED = 2
    """The command could not run."""
    STOPPED = 130
