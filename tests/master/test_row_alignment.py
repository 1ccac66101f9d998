"""Two versions of a sheet are aligned by rows or columns before their cells are compared."""

from __future__ import annotations

import random

import pytest

from cedg_excel.master.row_alignment import Alignment, Cells, align

TABLE = """
    | Ref | Agency | Rating |
    | 2.1 | north  | Red    |
    | 2.3 | north  | Blue   |
    | 2.3 | south  | Green  |
    | 2.4 | north  | Amber  |
"""


def cells(table: str) -> Cells:
    lines = [line.strip().strip("|").split("|") for line in table.strip().splitlines()]
    return {(r, c): text.strip() for r, line in enumerate(lines, 1) for c, text in enumerate(line, 1) if text.strip()}


def said(found: Alignment) -> list[str]:
    """What differs, as `row 3 was inserted` and `C4 Green -> Blue`."""
    letters = " ABCDEFGH"
    changes = [f"{letters[c.address[1]]}{c.address[0]} {c.before} -> {c.after}" for c in found.changes]
    return [*(shift.words for shift in found.shifts), *changes]


CASES = {
    "nothing": (TABLE, []),
    "a row inserted": (TABLE.replace("    | 2.3 | south", "    | 2.2 | north  | Red    |\n    | 2.3 | south"), ["row 4 was inserted"]),
    "a blank row inserted": (TABLE.replace("    | 2.3 | south", "    |  |  |\n    | 2.3 | south"), ["row 4 was inserted"]),
    "two rows inserted": (TABLE.replace("    | 2.4", "    | | |\n    | | |\n    | 2.4"), ["rows 5 to 6 were inserted"]),
    "a row deleted": (TABLE.replace("    | 2.3 | south  | Green  |\n", ""), ["row 4 was deleted"]),
    "a row inserted and a cell changed": (
        TABLE.replace("    | 2.3 | south  | Green", "    | | |\n    | 2.3 | south  | Blue"), ["row 4 was inserted", "C5 Green -> Blue"],
    ),
    "a row deleted and the next one changed": (
        TABLE.replace("    | 2.3 | north  | Blue   |\n", "").replace("Green", "Red"), ["row 3 was deleted", "C3 Green -> Red"],
    ),
    "a column inserted": (TABLE.replace(" | north", " | | north").replace(" | south", " | | south").replace("Ref |", "Ref | |"),
                          ["column B was inserted"]),
    "a column deleted": (TABLE.replace("| Agency ", "").replace("| north  ", "").replace("| south  ", ""), ["column B was deleted"]),
    "one cell typed below": (TABLE.rstrip() + "\n| | |\n| | see minutes |", ["B7 None -> see minutes"]),
    "a cell cleared": (TABLE.replace("Amber", "     "), ["C5 Amber -> None"]),
    "a whole table row typed below": (TABLE.rstrip() + "\n| 2.5 | north | Red | by hand |", ["row 6 was inserted"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_differs(name: str) -> None:
    now, expected = CASES[name]
    assert said(align(cells(now), cells(TABLE))) == expected


def test_there_is_something_to_say_exactly_when_something_differs() -> None:
    rng = random.Random(0)  # noqa: S311 the changes need not be unpredictable
    for _ in range(300):
        old = [[rng.choice(["a", "b", "c", None]) for _ in range(3)] for _ in range(8)]
        new = [list(row) for row in old]
        for _ in range(rng.randint(1, 4)):
            place = rng.randrange(len(new))
            change = rng.choice(["insert", "delete", "cell"])
            if change == "insert":
                new.insert(place, [rng.choice(["x", "a", None]) for _ in range(3)])
            elif change == "delete" and len(new) > 1:
                del new[place]
            else:
                new[place][rng.randrange(3)] = rng.choice(["y", None])
        now, was = as_cells(new), as_cells(old)
        found = align(now, was)
        assert (found.size == 0) == (now == was), (old, new)


def as_cells(rows: list[list[str | None]]) -> Cells:
    return {(r, c): value for r, row in enumerate(rows, 1) for c, value in enumerate(row, 1) if value is not None}


def test_a_large_table_that_has_changed_everywhere_is_compared_by_position() -> None:
    """Aligning it would take hours, and this test would not end."""
    old = {(row, column): f"{row} {column}" for row in range(1, 20_001) for column in range(1, 6)}
    new = {address: f"{value}!" for address, value in old.items()}
    assert len(align(new, old).changes) == 100_000
