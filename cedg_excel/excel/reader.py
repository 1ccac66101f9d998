"""The one way to read a workbook that came from outside: what was inspected, what its XML says, and the values of its tabs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cedg_excel.excel.gate import Opened
from cedg_excel.excel.grid import Grid, read_grids
from cedg_excel.excel.sheet_details import details_by_title
from cedg_excel.excel.sheet_xml import SheetDetails
from cedg_excel.excel.workbook_info import WorkbookInfo, workbook_info


@dataclass(frozen=True, slots=True)
class ReadWorkbook:
    """A workbook that was read; `details` and `grids` are those of every tab that is read, by title, in the order of the tabs."""

    opened: Opened
    info: WorkbookInfo
    details: Mapping[str, SheetDetails]
    grids: Mapping[str, Grid]


def read_workbook(opened: Opened) -> ReadWorkbook:
    """Read a workbook that the gate has let in. Raises Refused."""
    info = workbook_info(opened.parts)
    details = details_by_title(opened.parts, info)
    return ReadWorkbook(opened, info, details, read_grids(opened, info, details))
