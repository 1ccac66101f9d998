"""Progress on a terminal: how many files are done and how long the others will take. In a pipe there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from cedg_excel.round.progress import NO_PROGRESS_BAR, Progress

Item = TypeVar("Item")

MANY = 200
"""From how many returns on the steps after reading take so long that they are named."""


class TerminalProgress(Progress):
    """Shows how far a run is on the terminal's other stream, and takes it away again when the run is done."""

    def each(self, items: Iterable[Item], words: str, total: int) -> Iterator[Item]:
        """The same items, with a bar."""
        # Only now: what writes to a pipe should not wait for what draws on a terminal.
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn(words), BarColumn(), MofNCompleteColumn(), TextColumn("files,"), TimeRemainingColumn(), TextColumn("left"))
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            yield from bar.track(items, total=total)

    def busy(self, words: str, files: int) -> AbstractContextManager[object]:
        """The name of the step, where there is so much of it that it takes a second."""
        from rich.console import Console

        return Console(stderr=True).status(words) if files >= MANY else nullcontext()


def progress() -> Progress:
    """Progress where somebody is there to see it."""
    return TerminalProgress() if sys.stderr.isatty() else NO_PROGRESS_BAR
