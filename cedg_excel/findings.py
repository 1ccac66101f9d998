"""Findings: what there is to know about a return, where in Excel's own terms, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from cedg_excel.excel_facts import a1
from cedg_excel.tab_names import tab_order


class Severity(StrEnum):
    """How serious a finding is. Only errors change the exit status."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the most serious."""
        return list(Severity).index(self)


class Place(NamedTuple):
    """
    A cell as Excel shows it: `Place("Objective 4", 7, 8)` is H7 of that tab.

    Row and column are 1-based. Row 0 means the whole sheet, an empty sheet the whole file.
    """

    sheet: str = ""
    row: int = 0
    column: int = 0

    @property
    def cell(self) -> str | None:
        """The A1 address, or None where no single cell is meant."""
        return a1(self.row, self.column) if self.row and self.column else None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about a return. `value` is what was typed, as text; `held_back` means that it is not merged."""

    code: str
    severity: Severity
    file: str
    place: Place
    message: str
    fix: str
    key: str | None = None
    value: str | None = None
    held_back: bool = False

    @property
    def where(self) -> str:
        """`Objective 4!H7`, or the tab alone, or nothing for the whole file."""
        cell = self.place.cell
        return f"{self.place.sheet}!{cell}" if cell else self.place.sheet

    @property
    def order(self) -> tuple[Any, ...]:
        """The sort key: errors first, then by file, tab, row and column."""
        place = self.place
        return (
            self.severity.rank,
            self.file,
            tab_order(place.sheet),
            place.row,
            place.column,
            self.code,
            self.value or "",
        )

    def as_dict(self) -> dict[str, Any]:
        """The finding for other programs; blanks are None."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "file": self.file,
            "sheet": self.place.sheet or None,
            "cell": self.place.cell,
            "key": self.key,
            "value": self.value,
            "message": self.message,
            "fix": self.fix,
            "held_back": self.held_back,
        }

    def as_line(self) -> str:
        """`south-yorkshire-police.xlsx  Objective 4!H7  Blue needs ... Enter it ...  [CODE]`."""
        typed = f'"{shortened(self.value)}": ' if self.held_back and self.value else ""
        parts = (self.file, self.where, f"{typed}{self.message} {self.fix}".strip(), f"[{self.code}]")
        return "  ".join(part for part in parts if part)


def shortened(text: str, limit: int = 80) -> str:
    """A text on one line, cut to `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
