"""Aligns a returned tab with the form: where each input cell is, and what is wrong with the form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from cedg_excel.excel.grid import Grid
from cedg_excel.excel_facts import Address
from cedg_excel.findings import Finding
from cedg_excel.form.as_issued import ISSUED
from cedg_excel.form.fields import Field
from cedg_excel.form.model import Sheet
from cedg_excel.returns.cell_locator import CellLocator
from cedg_excel.returns.typed_over import typed_over_formulas
from cedg_excel.returns.unexpected_content import UnexpectedContent, cells_unlike_form
from cedg_excel.tab_names import AS_ISSUED


@dataclass(frozen=True, slots=True)
class Aligned:
    """The address of each input cell; what is wrong with the form of the tab; the address of each slot that shows what was filled in."""

    fields: tuple[tuple[Field, Address], ...]
    findings: tuple[Finding, ...]
    issued: Mapping[str, Address] = field(default_factory=dict)


def align(sheet: Sheet, grid: Grid, file: str, compare_text: bool = True, formulas: Collection[Address] | None = None) -> Aligned:
    """
    Find every field of `sheet` in `grid`. A row or column whose position is missing or ambiguous is left out, with a finding.

    `compare_text` is False for copies made from another version of the plan, whose form rightly has different text. `formulas` are
    the addresses in the tab that have one; None where that is not known.
    """
    locator = CellLocator(sheet, grid, file)
    placed = locator.locate()
    unlike_form = locator.unlike_form if placed is sheet.issued_cells else cells_unlike_form(grid, placed.form_text)
    unexpected = UnexpectedContent(grid, placed, unlike_form, locator.unread_rows, file)
    typed_over = typed_over_formulas(placed, grid, formulas, file) if formulas is not None else ()
    issued = (
        {cell.slot: address for address, cell in placed.cells.items() if cell.slot.startswith(ISSUED)} if sheet.title == AS_ISSUED else {}
    )
    return Aligned(placed.fields, (*locator.findings, *unexpected.findings(compare_text), *typed_over), issued)
