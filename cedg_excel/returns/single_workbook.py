"""The one workbook that a command needs which takes a single file: the file itself, or the only one in an e-mail or zip file."""

from __future__ import annotations

from pathlib import Path

from cedg_excel.errors import CannotRead
from cedg_excel.excel import gate
from cedg_excel.returns.file_names import own_name, shown_name
from cedg_excel.returns.inbox import received_in
from cedg_excel.returns.model import Return


def single_workbook(path: Path) -> bytes:
    """
    The bytes of the workbook, after the gate has inspected it.

    Raises CannotRead when there is no such file, no workbook in it that may be opened, or more than one.
    """
    found: dict[str, bytes] = {}

    def read(file: str, data: bytes) -> Return:
        gate.open_data(data, own_name(file))
        found[file] = data
        return Return(file, "")

    name = shown_name(path.name)
    received = received_in(path, name, read)
    if len(found) > 1:
        raise CannotRead(f"{name} contains several workbooks: {', '.join(found)}. Save the one that you mean, and name that.")
    if not found:
        finding = next(finding for item in received for finding in item.returned.findings)
        raise CannotRead(f"{finding.file}: {finding.message} {finding.fix}")
    return next(iter(found.values()))
