"""How the steps of a round report their progress: they call these methods, and the command line shows bars."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

Item = TypeVar("Item")


class Progress:
    """Reports progress to nobody; `TerminalProgress` of the command line shows it."""

    def track(self, items: Iterable[Item], description: str, total: int) -> Iterable[Item]:
        """The same items; each one taken counts as progress towards `total`."""
        del description, total
        return items

    def show_step(self, description: str, files: int) -> AbstractContextManager[object]:
        """A step over this number of files whose progress cannot be counted, for as long as the context lasts."""
        del description, files
        return nullcontext()


NO_PROGRESS = Progress()
