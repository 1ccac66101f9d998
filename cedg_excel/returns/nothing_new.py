"""A return with nothing to report whose cells are as they were issued: what was filled in for the agency is not its answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from cedg_excel.excel.grid import Grid
from cedg_excel.excel_facts import Address, serial
from cedg_excel.form.as_issued import ISSUED, has_nothing_new
from cedg_excel.returns.model import Entry

_WITHDRAWN = ("STRUCK_OUT", "STRUCK_PART")
"""A line through a text changes it, though not its letters."""


def issued_values(grid: Grid, slots: Mapping[str, Address]) -> dict[str, Any]:
    """What a copy was filled in with, by the key of the input cell, from its own tab. `slots` are the addresses in that tab."""
    found = {slot.removeprefix(ISSUED): grid.cells.get(address) for slot, address in slots.items()}
    return {key: value for key, value in found.items() if value is not None}


def without_unchanged(entries: Mapping[str, Entry], typed: Mapping[str, Any], issued: Mapping[str, Any]) -> Mapping[str, Entry]:
    """
    The entries; where nothing is to report and nothing is new, what was filled in as blank cells.

    `typed` is what the file holds in each input cell, `issued` what it was issued with. If any other cell is filled in, everything
    counts, and the return has the finding that it has answers.
    """
    nil = entries.get("cover/nil_return")
    filled = [key for key, entry in entries.items() if not key.startswith("cover/") and not entry.blank]
    unchanged = [key for key in filled if _is_unchanged(typed.get(key), issued.get(key)) and entries[key].rule_code not in _WITHDRAWN]
    if not has_nothing_new(nil is not None and nil.value == "Yes", filled, unchanged):
        return entries
    return {key: _blank(entry) if key in unchanged else entry for key, entry in entries.items()}


def _blank(entry: Entry) -> Entry:
    return Entry(entry.field, entry.place, None, None, None)


def _is_unchanged(typed: Any, issued: Any) -> bool:
    """As EXACT compares in the sheet, to which a date is a number."""
    return issued is not None and _as_in_sheet(typed) == _as_in_sheet(issued)


def _as_in_sheet(value: Any) -> Any:
    if isinstance(value, datetime):
        return value if value.time() != time() else float(serial(value.date()))
    return float(serial(value)) if isinstance(value, date) else float(value) if isinstance(value, int) else value
