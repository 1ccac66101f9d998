"""The errors that people meet. Each message is one plain sentence and tells them what to do next."""

from __future__ import annotations


class CedgError(Exception):
    """Something the program cannot do. The command line prints it and ends with exit status 2."""


class PlanError(CedgError):
    """The plan cannot be used as it is written; each mistake names its key."""


class NoPlan(CedgError):
    """No plan was given, and this is not a round folder."""


class NotAMaster(CedgError):
    """The file named as the master is not a master workbook of this plan."""


class MasterInUse(CedgError):
    """The master is open somewhere else, or another merge is writing it."""


class CannotWrite(CedgError):
    """
    A file or folder cannot be written.

    With a `remedy` the message is made of the problem, the remedy, and that nothing was changed; a command that has changed
    something else by then makes its own from the two.
    """

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(f"{problem}. {remedy}; nothing was changed." if remedy else problem)
        self.problem, self.remedy = problem, remedy


class CannotRead(CedgError):
    """A file or folder the command needs is missing or is not what it should be."""


class NotInstalled(CedgError):
    """Another program that this command needs is not installed."""


class Stopped(CedgError):
    """Somebody pressed Ctrl-C."""


class CountsDisagree(CedgError):
    """What was read and what was made of it do not add up: a fault in the program, found before anything is written."""


class TooBig(CedgError):
    """The result does not fit into an Excel sheet or cell, and nothing is left out silently."""
