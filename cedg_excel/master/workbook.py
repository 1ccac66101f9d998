"""The master workbook: tables to workbook and back. Its data sheets are its memory; the pages are made from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import python_calamine
from filelock import FileLock, Timeout
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo

from cedg_excel.errors import CannotRead, CannotWrite, MasterInUse, NotAMaster
from cedg_excel.excel.page import Book
from cedg_excel.excel.save import to_bytes
from cedg_excel.excel.table_rows import Styles, sheet_rows
from cedg_excel.excel_facts import column_letter
from cedg_excel.files import clear_unfinished, replace_file
from cedg_excel.findings import Place
from cedg_excel.master.merge import COLUMNS, Merged
from cedg_excel.master.objective_page import written_in_page
from cedg_excel.master.pages import write_pages
from cedg_excel.master.store import STORE, Store, frame, with_group
from cedg_excel.personal_data import unidentifying
from cedg_excel.returns.alignment import grid_of

DATA_TITLE, STORE_TITLE = "Data ", "Store "
MASTER_PROPERTY = "cedg.master"
LOCK_SECONDS = 60


def master_bytes(merged: Merged) -> bytes:
    """
    The master workbook as a file, the same bytes for the same store.

    Raises TooBig where a table or a text would not fit into a sheet.
    """
    return with_formulas(merged)[0]


def with_formulas(merged: Merged) -> tuple[bytes, frozenset[Place]]:
    """The same, and the cells that hold formulas: a program that does not calculate saves them without results."""
    book = Book(f"{merged.plan.about.title}: master")
    write_pages(book, merged)
    for name, columns in COLUMNS.items():
        _data_sheet(book, DATA_TITLE + name, columns, merged.tables[name])
    for name, columns in STORE.items():
        _data_sheet(book, STORE_TITLE + name, columns, getattr(merged.store, name))
    book.property(MASTER_PROPERTY, merged.plan.about.id)
    places = frozenset(Place(title, *address) for title, cells in book.results.items() for address in cells)
    return to_bytes(book.workbook, merged.last_change, book.results, book.rows), places


def _data_sheet(book: Book, title: str, columns: Sequence[str], rows: pd.DataFrame) -> None:
    page = book.page(title, [_width(name) for name in columns])
    page.sheet.sheet_properties.tabColor = "8A939C"
    styles = Styles(*(book.style_number(page, name) for name in ("data", "data.date", "data.number")))
    book.rows[title] = sheet_rows(title, columns, rows, styles)
    last = max(2, len(rows) + 1)  # an Excel table has at least one row under its headings
    table = Table(displayName=title.replace(" ", "_").lower(), ref=f"A1:{column_letter(len(columns))}{last}")
    table.tableColumns = [TableColumn(id=number, name=name) for number, name in enumerate(columns, 1)]
    table.autoFilter = AutoFilter(ref=table.ref)
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    page.sheet.add_table(table)
    page.sheet.freeze_panes = "A2"
    page.sheet.sheet_view.showGridLines = True
    page.print_on_a4(title, "1:1")


def _width(name: str) -> float:
    return {"evidence": 60, "message": 60, "fix": 50, "value": 40, "remedial_action": 40, "comment": 40}.get(name, 16)


def read_master(path: Path, plan_id: str | None = None) -> Store:
    """
    What a master holds; an empty store when there is no such file.

    Raises NotAMaster when the file is not a master, or not of the plan with this id.
    """
    if not path.exists():
        return Store()
    book = _open(path)
    owner, _ = _stamp(book)
    if plan_id is not None and owner != plan_id:
        raise NotAMaster(f"{path.name} is the master of another plan, {owner}. Name another file with --into; nothing was changed.")
    frames = {name: _frame(book, path, STORE_TITLE + name, columns) for name, columns in STORE.items()}
    store, (_, period) = Store(**frames), _stamp(book)
    return with_group(store, period, _written_in(book)) if period else store


def _written_in(book: python_calamine.CalamineWorkbook) -> dict[str, str | None]:
    """What the group has written into the unlocked cells of the objective pages, by key; None where they are blank."""
    found: dict[str, str | None] = {}
    for name in book.sheet_names:
        if name.startswith("Objective "):
            sheet = book.get_sheet_by_name(name)
            found |= written_in_page(grid_of(name, sheet.to_python(), sheet.start or (0, 0)).cells)
    # These words go into the closure report and the release, so nothing in them may identify a child either.
    return {key: text and unidentifying(text) for key, text in found.items()}


def there(path: Path) -> Path:
    """The path of a master. Raises CannotRead when nothing is there."""
    if not path.is_file():
        raise CannotRead(f"There is no master at {path}. Run merge first, or name the master.")
    return path


def read_table(path: str | Path, name: str) -> pd.DataFrame:
    """
    One data table of a master, by the names of `merge.COLUMNS`: a frame of objects, blanks None.

    Raises CannotRead when there is no such file, NotAMaster when it is not a master.
    """
    path = there(Path(path))
    return _frame(_open(path), path, DATA_TITLE + name, COLUMNS[name])


def tables(path: str | Path) -> dict[str, pd.DataFrame]:
    """
    Every data table of a master by its name, `tables("master.xlsx")["actions"]`; frames as `read_table` gives them.

    Raises as `read_table` does.
    """
    path = there(Path(path))
    book = _open(path)
    return {name: _frame(book, path, DATA_TITLE + name, columns) for name, columns in COLUMNS.items()}


def _open(path: Path) -> python_calamine.CalamineWorkbook:
    try:
        return python_calamine.CalamineWorkbook.from_filelike(BytesIO(path.read_bytes()))
    except OSError as error:
        raise CannotRead(f"The master {path} cannot be read ({error.strerror or error}). Nothing was changed.") from error
    except (python_calamine.CalamineError, ValueError) as error:
        raise NotAMaster(f"{path.name} is not a workbook that can be read, so it is no master. Nothing was changed.") from error


def shown_period(path: Path) -> str | None:
    """The period a master's pages show. Raises as `read_master` does."""
    return _stamp(_open(path))[1]


def _stamp(book: python_calamine.CalamineWorkbook) -> tuple[str, str | None]:
    """The plan a master belongs to and the period it shows, as its Summary says under About this workbook."""
    if "Summary" in book.sheet_names:
        for row in book.get_sheet_by_name("Summary").to_python():
            for value in row:
                if isinstance(value, str) and value.startswith("cedg master | ") and value.count(" | ") == 3:
                    _, plan, _, period = value.split(" | ")
                    return plan, period
    return "an unknown plan", None


_WHOLE = {"row", "column", "cells", "objective", "source_row"}


def _frame(book: python_calamine.CalamineWorkbook, path: Path, title: str, columns: Sequence[str]) -> pd.DataFrame:
    """A data sheet as a frame, its columns found by their headings."""
    if title not in book.sheet_names:
        raise NotAMaster(f"{path.name} has no sheet {title}, so it is no master of this program. Nothing was changed.")
    rows = book.get_sheet_by_name(title).to_python()
    head = [str(value).strip() for value in rows[0]] if rows else []
    if missing := [name for name in columns if name not in head]:
        raise NotAMaster(f"The sheet {title} of {path.name} has lost its column {missing[0]}. "
                         "Put back the master kept before it; nothing was changed.")  # fmt: skip
    places = [head.index(name) for name in columns]
    found = [[_value(row[place], name) for place, name in zip(places, columns, strict=True)] for row in rows[1:]]
    return frame(columns, [row for row in found if any(value is not None for value in row)])


def _value(value: Any, column: str) -> Any:
    if value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, float) and value == int(value) and (column in _WHOLE or abs(value) < 1e15):
        return int(value)
    return value


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """
    Hold the master for one merge. A second merge waits, a minute at most.

    Raises MasterInUse when it is open in an office program, or another merge does not finish.
    """
    for mark in (path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#")):
        if mark.exists():
            raise MasterInUse(
                f"{path.name} is open in another program. Close it and run this again; nothing was changed. "
                f"(If nobody has it open, delete {mark.name}, which that program left behind.)"
            )
    lock = path.with_name(f".{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(lock, timeout=LOCK_SECONDS):
            for file in (path, previous(path)):
                clear_unfinished(file)
            yield
    except Timeout as error:
        raise MasterInUse(f"Another merge is writing {path.name}. Run this again when it is done; nothing was changed.") from error
    except PermissionError as error:
        raise CannotWrite(f"The folder of {path} is read-only. Choose another with --into; nothing was changed.") from error
    except OSError as error:
        raise CannotWrite(f"The folder of {path} cannot be written ({error.strerror or error}). Nothing was changed.") from error


def write_master(merged: Merged, path: Path) -> bool:
    """Replace the master whole, keeping the one before it. Returns False when nothing in it has changed."""
    content = master_bytes(merged)
    if path.exists() and path.read_bytes() == content:
        return False
    replace_file(path, content, keep=previous(path))
    return True


def previous(path: Path) -> Path:
    """Where the master before this one is kept: `master.previous.xlsx`."""
    return path.with_name(f"{path.stem}.previous{path.suffix}")
