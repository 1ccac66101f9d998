"""How `cedg reconcile` prints its result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cedg_excel.master.reconcile import MemoryRows, Reconciled

MAX_REFS = 10
"""How many refs of one table are named in a line."""


def reconciled_as_dict(result: Reconciled) -> dict[str, Any]:
    """For JSON."""
    return {
        "cells": result.cells,
        "returns": result.returns,
        "missing": result.missing,
        "differences": [{"sheet": d.place.sheet, "cell": d.cell, "master": d.master, "returns": d.returns} for d in result.differences],
        "group_entries": [
            {"sheet": entry.sheet, "cell": entry.cell, "key": entry.key, "before": entry.before, "after": entry.after}
            for entry in result.group_entries
        ],
        "memory": [
            {"table": rows.table, "period": rows.period, "agency": rows.agency, "refs": rows.refs, "file": rows.file}
            for rows in result.memory
        ],
    }  # fmt: skip


def reconciled_lines(result: Reconciled) -> Iterator[str]:
    """Each difference, what rests on the master's memory, the group's entries, and the verdict."""
    yield from (difference.as_line() for difference in result.differences)
    yield from (_missing_line(file, [rows for rows in result.memory if rows.file == file]) for file in dict.fromkeys(result.missing))
    yield from _group_lines(result)
    verdict = f"{len(result.differences):,} differ" if result.differences else "the master equals them"
    yield f"{result.returns:,} returns read again, {result.cells:,} cells of the master compared: {verdict}."


def _missing_line(file: str, rows: list[MemoryRows]) -> str:
    start = f"{file} is in the master but not among the files given, so it could not be compared"
    if not rows:
        return f"{start}."
    tables = "; ".join(f"{item.table} of {item.agency} for {item.period}: {_refs(item.refs)}" for item in rows)
    return f"{start}. These rows rest only on the master's memory: {tables}."


def _refs(refs: tuple[str, ...]) -> str:
    more = len(refs) - MAX_REFS
    return ", ".join(refs[:MAX_REFS]) + (f" and {more} more" if more > 0 else "")


def _group_lines(result: Reconciled) -> Iterator[str]:
    yield from (entry.as_line() for entry in result.group_entries if entry.key)
    follow = [entry for entry in result.group_entries if not entry.key]
    if follow:
        first, number = follow[0], len(follow)
        cells = "1 other cell" if number == 1 else f"{number:,} other cells"
        yield f"The next merge takes these entries over and changes {cells} because of them, the first being {first.sheet}!{first.cell}."
