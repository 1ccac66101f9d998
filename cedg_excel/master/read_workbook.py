"""Reads the master workbook: its tables, its store, and what the group has written into its pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from cedg_excel.errors import CannotRead, NotAMaster
from cedg_excel.excel.grid import grid_of
from cedg_excel.excel.own_workbook import OwnWorkbook, Unreadable
from cedg_excel.excel_facts import Address
from cedg_excel.form.fields import split_key
from cedg_excel.master.group_cells import group_cells_of_page
from cedg_excel.master.master_stamp import MasterStamp, read_master_stamp
from cedg_excel.master.store import STORE, Store, object_frame, with_group_entries
from cedg_excel.master.tables import ADDED_LATER, COLUMNS
from cedg_excel.master.workbook import DATA_TITLE, STORE_TITLE
from cedg_excel.personal_data import mask_identifiers
from cedg_excel.tab_names import objective_number
from cedg_excel.text import shown


@dataclass(frozen=True, slots=True)
class HeldMaster:
    """
    A master as it is in its file: the store as the last merge wrote it, and what the group has in its pages now.

    `period` is the one that the pages show; `entries` are the pages' unlocked cells by key, None where they are blank; `places` are
    their sheets and addresses.
    """

    stored: Store = field(default_factory=Store)
    period: str | None = None
    entries: Mapping[str, str | None] = field(default_factory=dict)
    places: Mapping[str, tuple[str, Address]] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """The store with the group's entries that are now in the pages."""
        return with_group_entries(self.stored, self.period, self.entries) if self.period else self.stored


def read_master(path: Path, plan_id: str | None = None) -> Store:
    """
    The store of a master, including the group's entries in its pages; an empty store when there is no such file.

    Raises NotAMaster when the file is not a master, or not of the plan with this id.
    """
    return read_held(path, plan_id).store


def read_held(path: Path, plan_id: str | None = None) -> HeldMaster:
    """The same, with the group's entries apart from what is stored of them. Raises as `read_master` does."""
    if not path.exists():
        return HeldMaster()
    book = _open(path)
    stamp = _stamp(book)
    plan_of_master = stamp.plan if stamp else "an unknown plan"
    if plan_id is not None and plan_of_master != plan_id:
        raise NotAMaster(
            f"{path.name} is the master of another plan, {plan_of_master}. Name another file with --into; nothing was changed."
        )
    # A master made by an earlier version of the program has no versions of the plan.
    in_file = {name: columns for name, columns in STORE.items() if name != "plans" or STORE_TITLE + name in book.sheet_names}
    store = Store(**{name: _frame(book, path, STORE_TITLE + name, columns) for name, columns in in_file.items()})
    _refuse_unknown_fields(store, path)
    return HeldMaster(store, stamp.period, *_group_entries(book)) if stamp else HeldMaster(store)


def _refuse_unknown_fields(store: Store, path: Path) -> None:
    """An answer to a field that this version of the program does not have would be missing from all its tables."""
    for key in store.values["key"].unique():
        try:
            split_key(key)
        except (KeyError, ValueError, AttributeError):
            raise NotAMaster(
                f"{path.name} contains answers that this version of the program does not know ({key}). Use the version that wrote it, "
                "or restore the previous master; nothing was changed."
            ) from None


def _group_entries(book: OwnWorkbook) -> tuple[dict[str, str | None], dict[str, tuple[str, Address]]]:
    """What is in the unlocked cells of the objective pages, by key, None where they are blank; and where these cells are."""
    entries: dict[str, str | None] = {}
    places: dict[str, tuple[str, Address]] = {}
    for name in book.sheet_names:
        if objective_number(name) is not None:
            sheet = book.get_sheet_by_name(name)
            cells = grid_of(name, sheet.to_python(), sheet.start or (0, 0)).cells
            found = group_cells_of_page(cells)
            places |= {key: (name, address) for key, address in found.items()}
            entries |= {key: shown(cells.get(address)) for key, address in found.items()}
    # These texts go into the closure report and the release, so they must not identify a child either.
    return {key: text and mask_identifiers(text) for key, text in entries.items()}, places


def existing_master(path: Path) -> Path:
    """The path of a master. Raises CannotRead when there is no such file."""
    if not path.is_file():
        raise CannotRead(f"There is no master at {path}. Run merge first, or give the path of the master.")
    return path


def read_table(path: str | Path, name: str) -> pd.DataFrame:
    """
    One data table of a master, by the names of `merge.COLUMNS`: a frame of objects, blanks None.

    Raises CannotRead when there is no such file, NotAMaster when it is not a master.
    """
    path = existing_master(Path(path))
    return _frame(_open(path), path, DATA_TITLE + name, COLUMNS[name])


def tables(path: str | Path) -> dict[str, pd.DataFrame]:
    """
    Every data table of a master by its name, `tables("master.xlsx")["actions"]`; frames as `read_table` gives them.

    Raises as `read_table` does.
    """
    path = existing_master(Path(path))
    book = _open(path)
    return {name: _frame(book, path, DATA_TITLE + name, columns) for name, columns in COLUMNS.items()}


def _open(path: Path) -> OwnWorkbook:
    try:
        return OwnWorkbook(path.read_bytes(), path.name)
    except OSError as error:
        raise CannotRead(f"The master {path} cannot be read ({error.strerror or error}). Nothing was changed.") from error
    except Unreadable as error:
        raise NotAMaster(f"{path.name} {error.problem}, so it is not a master. Nothing was changed.") from error


def shown_period(path: Path) -> str | None:
    """The period a master's pages show. Raises as `read_master` does."""
    stamp = _stamp(_open(path))
    return stamp.period if stamp else None


def _stamp(book: OwnWorkbook) -> MasterStamp | None:
    """The stamp on a master's Summary; None where there is none."""
    if "Summary" not in book.sheet_names:
        return None
    values = (value for row in book.get_sheet_by_name("Summary").to_python() for value in row)
    return next((stamp for value in values if (stamp := read_master_stamp(value))), None)


_INTEGER_COLUMNS = {"row", "column", "cells", "objective", "source_row"}


def _frame(book: OwnWorkbook, path: Path, title: str, columns: Sequence[str]) -> pd.DataFrame:
    """A data sheet as a frame. Its columns are found by their headings."""
    if title not in book.sheet_names:
        raise NotAMaster(f"{path.name} has no sheet {title}, so it is not a master made by this program. Nothing was changed.")
    rows = book.get_sheet_by_name(title).to_python()
    headings = [str(value).strip() for value in rows[0]] if rows else []
    if missing := [name for name in columns if name not in headings and name not in ADDED_LATER]:
        raise NotAMaster(f"The sheet {title} of {path.name} has lost its column {missing[0]}. "
                         "Restore the previous master; nothing was changed.")  # fmt: skip
    found = {name: headings.index(name) for name in columns if name in headings}
    values = [[_value(row[found[name]], name) if name in found else None for name in columns] for row in rows[1:]]
    return object_frame(columns, [row for row in values if any(value is not None for value in row)])


def _value(value: Any, column: str) -> Any:
    if value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, float) and value == int(value) and (column in _INTEGER_COLUMNS or abs(value) < 1e15):
        return int(value)
    return value
