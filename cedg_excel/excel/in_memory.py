"""A workbook as the parts of its file, written in memory."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.writer.excel import ExcelWriter


class _Parts(dict[str, bytes]):
    """What openpyxl writes, by name, where it expects a zip file to write to."""

    def writestr(self, name: str, data: str | bytes) -> None:
        self[name] = data.encode() if isinstance(data, str) else data

    def write(self, sheet: BytesIO, name: str) -> None:
        self[name] = sheet.getvalue()

    def namelist(self) -> list[str]:
        return list(self)

    def close(self) -> None:
        """There is no file to close."""


class _Writer(ExcelWriter):
    """Writes the sheets in memory: openpyxl has a file made and deleted for each, which can take as long as all the rest."""

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
    """Every part of the workbook by its name, as openpyxl writes it and in its order."""
    parts = _Parts()
    _Writer(workbook, parts).save()
    return parts
