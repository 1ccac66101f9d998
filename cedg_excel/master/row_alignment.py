"""
Compares two versions of a sheet after aligning their rows, or their columns.

Compared address by address, one inserted row makes every cell below it differ; aligned, it is one thing to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from cedg_excel.excel_facts import Address, column_letter
from cedg_excel.text import shown

Cells = Mapping[Address, Any]
"""The values of a sheet that are not blank, by 1-based row and column."""
Line = tuple[Any, ...]
"""One row, or one column, with None where it is blank."""

MAX_WORK = 20_000_000
"""The most comparisons for aligning a sheet. Where more has changed, rows are compared by their position."""
WHOLE_LINE = 3
"""A line at the end with more cells than this was inserted. With fewer, somebody typed below or beside the table."""


@dataclass(frozen=True, slots=True)
class Change:
    """
    A cell whose value differs, None where it is blank. `address` is that in the newer version, and `old_address` that in the older.
    """

    address: Address
    old_address: Address
    after: Any
    before: Any


@dataclass(frozen=True, slots=True)
class Shift:
    """
    Rows or columns, 1-based and from first to last, that were inserted or deleted. `values` are those of the first one.

    Inserted ones are numbered as in the newer version, deleted ones as in the older.
    """

    what: Literal["row", "column"]
    inserted: bool
    first: int
    last: int
    values: Line

    @property
    def range(self) -> str:
        """As Excel writes it: `12:14` for rows, `C:C` for a column."""
        return ":".join(self._ends)

    @property
    def words(self) -> str:
        """`row 12 was inserted`, `rows 12 to 14 were deleted`, `column C was inserted`."""
        first, last = self._ends
        lines = f"{self.what} {first} was" if first == last else f"{self.what}s {first} to {last} were"
        return f"{lines} {'inserted' if self.inserted else 'deleted'}"

    def text(self, except_for: object = None) -> str:
        """The values of the first one, `north | 2.3 | Blue`, except for one that stands for something else."""
        return " | ".join(text for value in self.values if value != except_for and (text := shown(value)))

    @property
    def _ends(self) -> tuple[str, str]:
        first, last = ((str(n) if self.what == "row" else column_letter(n)) for n in (self.first, self.last))
        return first, last


@dataclass(frozen=True, slots=True)
class Alignment:
    """How the newer version of a sheet differs from the older."""

    shifts: tuple[Shift, ...]
    changes: tuple[Change, ...]

    @property
    def size(self) -> int:
        """How much there is to say about it."""
        return len(self.shifts) + len(self.changes)


def align(now: Cells, was: Cells) -> Alignment:
    """The differences of two versions of a sheet, by rows or by columns, whichever leaves less to say."""
    by_row = _aligned("row", now, was)
    if by_row.size <= WHOLE_LINE:
        return by_row
    by_column = _aligned("column", _transposed(now), _transposed(was))
    return by_column if by_column.size < by_row.size else by_row


def _transposed(cells: Cells) -> Cells:
    return {(column, row): value for (row, column), value in cells.items()}


def _aligned(what: Literal["row", "column"], now: Cells, was: Cells) -> Alignment:
    width = max((column for _, column in (*now, *was)), default=0)
    new, old = _lines(now, width), _lines(was, width)
    pairs, inserted, deleted = _matched(new, old)
    end = next((line for line in reversed(range(-1, len(new))) if line not in inserted), -1)
    typed = {line for line in inserted if line > end and sum(value is not None for value in new[line]) <= WHOLE_LINE}
    changes = [
        _change(what, (i, j), column, a, b)
        for i, j in sorted([*pairs, *((line, line) for line in typed)])
        for column, (a, b) in enumerate(zip(new[i], old[j] if (i, j) in pairs else (None,) * width, strict=True), 1)
        if a != b
    ]
    whole = sorted(inserted - typed)
    shifts = [Shift(what, True, first + 1, last + 1, new[first]) for first, last in _runs(whole)]
    shifts += [Shift(what, False, first + 1, last + 1, old[first]) for first, last in _runs(sorted(deleted))]
    return Alignment(tuple(shifts), tuple(changes))


def _lines(cells: Cells, width: int) -> list[Line]:
    lines: list[list[Any]] = [[None] * width for _ in range(max((row for row, _ in cells), default=0))]
    for (row, column), value in cells.items():
        lines[row - 1][column - 1] = value
    return [tuple(line) for line in lines]


def _change(what: str, lines: tuple[int, int], column: int, now: Any, was: Any) -> Change:
    addresses = [(line + 1, column) if what == "row" else (column, line + 1) for line in lines]
    return Change(addresses[0], addresses[1], now, was)


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and last of each run of numbers that follow one another."""
    start = 0
    for position, number in enumerate(numbers):
        if position + 1 == len(numbers) or numbers[position + 1] != number + 1:
            yield numbers[start], number
            start = position + 1


Matched = tuple[set[tuple[int, int]], set[int], set[int]]
"""Pairs of a new and an old line that are the same line, changed or not; new lines that were inserted; old ones that were deleted."""


def _matched(new: list[Line], old: list[Line]) -> Matched:
    """Lines that are equal at the start and at the end are left out of the search, which is then short."""
    start = 0
    while start < min(len(new), len(old)) and new[start] == old[start]:
        start += 1
    end = 0
    while end < min(len(new), len(old)) - start and new[-1 - end] == old[-1 - end]:
        end += 1
    pairs: set[tuple[int, int]] = set()
    inserted: set[int] = set()
    deleted: set[int] = set()
    for a, b in _blocks(new[start : len(new) - end], old[start : len(old) - end], start):
        block_pairs = _paired(new, old, a, b)
        pairs |= set(block_pairs)
        inserted |= set(a) - {i for i, _ in block_pairs}
        deleted |= set(b) - {j for _, j in block_pairs}
    return pairs, inserted, deleted


def _blocks(new: list[Line], old: list[Line], offset: int) -> Iterator[tuple[range, range]]:
    """The runs of lines that differ, as line numbers in both versions; `offset` is added to each."""
    if not _is_quick(new, old):
        yield range(offset, offset + len(new)), range(offset, offset + len(old))
        return
    for word, a, b, c, d in SequenceMatcher(None, new, old, autojunk=False).get_opcodes():
        if word != "equal":
            yield range(offset + a, offset + b), range(offset + c, offset + d)


def _is_quick(new: list[Line], old: list[Line]) -> bool:
    """Whether difflib needs little time. It compares each line with all those equal to it, once for each place that differs."""
    mine, theirs = Counter(new), Counter(old)
    repeated = sum(number * theirs[line] for line, number in mine.items())
    different = sum((mine - theirs).values()) + sum((theirs - mine).values())
    return (repeated + len(new)) * (1 + different) <= MAX_WORK


def _paired(new: list[Line], old: list[Line], a: range, b: range) -> list[tuple[int, int]]:
    """Which lines of a run that differs are the same line with other values: by position, or by likeness where some are too many."""
    if len(a) == len(b):
        return list(zip(a, b, strict=True))
    pairs, rest = [], list(a)
    for j in b:
        if (i := next((i for i in rest if _is_like(new[i], old[j])), None)) is not None:
            pairs.append((i, j))
            rest = [other for other in rest if other > i]
    return pairs


def _is_like(new: Line, old: Line) -> bool:
    """Whether at least half of the cells that are filled in either line are the same in both."""
    filled = [(a, b) for a, b in zip(new, old, strict=True) if a is not None or b is not None]
    return 2 * len([None for a, b in filled if a == b]) >= len(filled)
