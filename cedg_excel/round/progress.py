"""Where a progress bar comes in."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

Item = TypeVar("Item")


class Progress:
    """Where a progress bar comes in; this one shows nothing."""

    def each(self, items: Iterable[Item], words: str, total: int) -> Iterable[Item]:
        """The same items, one after the other, of so many in all."""
        del words, total
        return items

    def busy(self, words: str, files: int) -> AbstractContextManager[object]:
        """A step over so many files that cannot be counted on the way."""
        del words, files
        return nullcontext()


NO_PROGRESS_BAR = Progress()
