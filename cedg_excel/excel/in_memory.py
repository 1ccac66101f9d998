"""A workbook written in memory, as the parts of its file."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.writer.excel import ExcelWriter


class _Parts(dict[str, bytes]):
    """Collects the parts that openpyxl writes, by name. It stands in for the ZipFile that openpyxl expects."""

    def writestr(self, name: str, data: str | bytes) -> None:
        self[name] = data.encode() if isinstance(data, str) else data

    def write(self, sheet: BytesIO, name: str) -> None:
        self[name] = sheet.getvalue()

    def namelist(self) -> list[str]:
        return list(self)

    def close(self) -> None:
        """Does nothing: there is no file to close."""


class _Writer(ExcelWriter):
    """Writes the sheets in memory: openpyxl uses a temporary file for each, which can take as long as everything else."""

    def __init__(self, workbook: Workbook, parts: Any) -> None:
        super().__init__(workbook, parts)
        self.parts = parts

    def write_worksheet(self, ws: Any) -> None:
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
        writer: Any = WorksheetWriter(ws, BytesIO())
        writer.write()
        ws._rels = writer._rels
        self.parts.write(writer.out, ws.path[1:])
        self.manifest.append(ws)


def workbook_parts(workbook: Workbook) -> dict[str, bytes]:
    """Every part of the workbook by name, in the order in which openpyxl writes them."""
    parts = _Parts()
    _Writer(workbook, parts).save()
    return parts
