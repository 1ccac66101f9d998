"""Describes how rows and columns have moved, from their positions in the form and in the returned tab."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

MAX_CUTS = 3
"""How many insertions or deletions of one tab are described one by one."""

Displacement = tuple[str, int, int]
"""The name of a row or column, its number in the form, and its number in the returned tab."""


def _shifts(moves: Sequence[Displacement]) -> list[tuple[Displacement, int]]:
    """
    Where rows or columns were inserted or deleted: the first one after each place, and how many were inserted (negative: deleted).

    Rows or columns in a different order have no such place: each one that has moved is listed with 0.
    """
    ordered = all(first[2] < second[2] for first, second in pairwise(moves))
    shifts, previous_shift = [], 0
    for move in moves:
        shift = move[2] - move[1]
        if shift != previous_shift and (ordered or shift):
            shifts.append((move, shift - previous_shift if ordered else 0))
        previous_shift = shift
    return shifts


def describe_displacements(moves: Sequence[Displacement], line: str, name: Callable[[int], str]) -> tuple[Displacement, str] | None:
    """
    The first that has moved, and how: `A row was inserted above 2.3, which has moved from row 7 to row 8`.

    `line` is "row" or "column", `name` writes its number as Excel shows it. None when nothing has moved.
    """
    shifts = _shifts(moves)
    if not shifts:
        return None
    # Of those in a different order, the first from the top or left.
    first, number = shifts[0] if shifts[0][1] else min(shifts, key=lambda item: item[0][2])
    title, before, after = first
    route = f"from {line} {name(before)} to {line} {name(after)}"
    if number:
        cuts = "; ".join(_describe_cut(move, cut, line, name) for move, cut in shifts[:MAX_CUTS])
        return first, cuts + (f"; and {len(shifts) - MAX_CUTS} more such changes" if len(shifts) > MAX_CUTS else "")
    if len(shifts) > 1:
        return first, f"The {line}s are in a different order: {title} has moved {route}"
    together = sum(new - old == after - before for _, old, new in moves)
    return first, f"The {line} {title} was moved {route}" + (f", with {together - 1} more" if together > 1 else "")


def _describe_cut(move: Displacement, number: int, line: str, name: Callable[[int], str]) -> str:
    title, before, after = move
    subject = f"A {line} was" if abs(number) == 1 else f"{abs(number)} {line}s were"
    verb = f"{'inserted' if number > 0 else 'deleted'} {'above' if line == 'row' else 'before'}"
    return f"{subject} {verb} {title}, which has moved from {line} {name(before)} to {line} {name(after)}"
