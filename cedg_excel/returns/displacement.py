"""What was done to rows and columns that have moved, told from where they were made and where they stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

MAX_CUTS = 3
"""How many inserted or deleted rows of one tab are told one by one."""

Displacement = tuple[str, int, int]
"""What has moved, the row or column it was made in, and the one it stands in now."""


def _shifts(moves: Sequence[Displacement]) -> list[tuple[Displacement, int]]:
    """
    Where a table was cut: the first of those that moved together, and by how many rows or columns more than those before it.

    Those in another order have no such place: each of them stands for itself, by 0.
    """
    ordered = all(first[2] < second[2] for first, second in pairwise(moves))
    found, before = [], 0
    for move in moves:
        shift = move[2] - move[1]
        if shift != before and (ordered or shift):
            found.append((move, shift - before if ordered else 0))
        before = shift
    return found


def describe_displacements(moves: Sequence[Displacement], line: str, name: Callable[[int], str]) -> tuple[Displacement, str] | None:
    """The first that has moved, and how: `A row was inserted above 2.3, which has moved from row 7 to row 8`."""
    shifts = _shifts(moves)
    if not shifts:
        return None
    # Of those in another order, the first that the reader meets.
    first, delta = shifts[0] if shifts[0][1] else min(shifts, key=lambda item: item[0][2])
    what, made, now = first
    moved = f"from {line} {name(made)} to {line} {name(now)}"
    if delta:
        said = [_cut_told(move, number, line, name) for move, number in shifts[:MAX_CUTS]]
        return first, "; ".join(said) + (f"; and {len(shifts) - MAX_CUTS} more of the kind" if len(shifts) > MAX_CUTS else "")
    if len(shifts) > 1:
        return first, f"The {line}s stand in another order: {what} has moved {moved}"
    together = sum(place - number == now - made for _, number, place in moves)
    return first, f"The {line} {what} was moved {moved}" + (f", with {together - 1} more" if together > 1 else "")


def _cut_told(move: Displacement, delta: int, line: str, name: Callable[[int], str]) -> str:
    what, made, now = move
    number = f"A {line} was" if abs(delta) == 1 else f"{abs(delta)} {line}s were"
    done = f"{'inserted' if delta > 0 else 'deleted'} {'above' if line == 'row' else 'before'}"
    return f"{number} {done} {what}, which has moved from {line} {name(made)} to {line} {name(now)}"
