"""Progress on a terminal: how many files are done and how much time is left. In a pipe nothing is shown."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from cedg_excel.round.progress import NO_PROGRESS, Progress

Item = TypeVar("Item")

MIN_FILES_FOR_STEPS = 200
"""With fewer files, the steps after reading are over before anybody could read their names."""


class TerminalProgress(Progress):
    """Shows progress on stderr while a step runs, and clears it afterwards."""

    def track(self, items: Iterable[Item], description: str, total: int) -> Iterator[Item]:
        """The same items, with a bar."""
        # Imported here, so that a command that writes to a pipe does not wait for it.
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn(description), BarColumn(), MofNCompleteColumn(), TextColumn("files,"), TimeRemainingColumn(), TextColumn("left"),
        )  # fmt: skip
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            yield from bar.track(items, total=total)

    def show_step(self, description: str, files: int) -> AbstractContextManager[object]:
        """The name of the step, where there are so many files that it takes a second or more."""
        from rich.console import Console

        return Console(stderr=True).status(description) if files >= MIN_FILES_FOR_STEPS else nullcontext()


def terminal_progress() -> Progress:
    """Progress that is shown when stderr is a terminal."""
    return TerminalProgress() if sys.stderr.isatty() else NO_PROGRESS
