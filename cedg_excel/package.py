"""An Office document as a file: no author, fixed times, rows that grow, the same bytes for the same content, replaced whole."""

from __future__ import annotations

import contextlib
import glob
import os
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

from openpyxl import Workbook

from cedg_excel.errors import CannotWrite
from cedg_excel.findings import column_number

CHART_WORDS = "Stacked bars: how many actions of each objective are Red, Amber, Green, Blue or not rated, as in the table beside it."
_NAMELESS_CHART = re.compile(rb'(<(?:xdr:)?cNvPr id="\d+" name="Chart \d+")')
UNFINISHED = ".tmp"
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_CUSTOM_HEIGHT = re.compile(rb'(<row\b[^>]*?) customHeight="(?:1|true)"')
_CREATOR = re.compile(rb"<dc:creator[^>]*>.*?</dc:creator>")
_TIME = re.compile(rb'(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)')
_APP = re.compile(rb"<(Application|AppVersion)>[^<]*</\1>")


Results = Mapping[str, Mapping[tuple[int, int], str | int]]
"""What formulas come to: by tab, then by row and column, both 1-based."""


def to_bytes(workbook: Workbook, when: datetime, results: Results | None = None) -> bytes:
    """
    The workbook as the bytes of an .xlsx file, the same for the same content.

    `when` is written as the time it was made and last changed; it must come from the content, never from the clock.
    `results` are written as the values of its formulas, for programs that show a file without calculating it.
    """
    by_part = {f"xl/worksheets/sheet{n}.xml": (results or {}).get(title, {}) for n, title in enumerate(workbook.sheetnames, 1)}
    raw = BytesIO()
    workbook.save(raw)
    return packed(raw, lambda name, part: _mended(name, part, when, by_part.get(name, {})))


def packed(raw: BytesIO, mended: Callable[[str, bytes], bytes]) -> bytes:
    """A zip written again with fixed times and each part mended, so that it is the same bytes for the same content."""
    with zipfile.ZipFile(raw) as source:
        return zipped((name, mended(name, source.read(name))) for name in source.namelist())


def zipped(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """Parts with their names as a zip, the same bytes for the same parts, wherever and whenever."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in parts:
            info = zipfile.ZipInfo(name, ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3  # or Windows would write other bytes
            info.external_attr = 0o600 << 16
            target.writestr(info, part)
    return out.getvalue()


def _mended(name: str, part: bytes, when: datetime, results: Mapping[tuple[int, int], str | int]) -> bytes:
    if name.startswith("xl/worksheets/sheet"):
        return _with_results(_CUSTOM_HEIGHT.sub(rb"\1", part), results)
    if name.startswith("xl/drawings/drawing"):
        return _NAMELESS_CHART.sub(rb'\1 descr="' + CHART_WORDS.encode() + rb'"', part)
    return nameless(name, part, when)


def nameless(name: str, part: bytes, when: datetime) -> bytes:
    """A part of an Office file without the author, the program and the clock that its writer puts in."""
    if name == "docProps/core.xml":
        stamp = when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
        return _TIME.sub(rb"\g<1>" + stamp + rb"\g<3>", _CREATOR.sub(b"", part))
    if name == "docProps/app.xml":
        return _APP.sub(b"", part)
    return part


_FORMULA = re.compile(rb'<c r="([A-Z]+)(\d+)"((?: s="\d+")?)(?: t="\w+")?>(<f>.*?</f>)<v ?/?>(?:</v>)?</c>')


def _with_results(part: bytes, results: Mapping[tuple[int, int], str | int]) -> bytes:
    """The sheet with a value beside each formula. openpyxl writes none."""

    def valued(match: re.Match[bytes]) -> bytes:
        letters, row, style, formula = match.groups()
        value = results.get((int(row), column_number(letters.decode())))
        if value is None:
            return match[0]
        kind, text = (b' t="str"', escape(value)) if isinstance(value, str) else (b"", str(value))
        return b'<c r="%s%s"%s%s>%s<v>%s</v></c>' % (letters, row, style, kind, formula, text.encode())

    return _FORMULA.sub(valued, part) if results else part


def replace_file(path: Path, content: bytes, keep: Path | None = None) -> None:
    """
    Put `content` at `path` whole, or leave what is there alone; what was there is kept at `keep`.

    Raises CannotWrite.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", suffix=UNFINISHED, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            _like_its_neighbours(Path(name), path)
            if keep and path.exists():
                _keep(path, keep)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _settle(path.parent)
    except PermissionError as error:
        raise CannotWrite(f"{path} cannot be written: it is open in another program, or the folder is read-only. "
                          "Close it and run this again; nothing was changed.") from error  # fmt: skip
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written ({error.strerror}). Make room or choose another folder; "
                          "nothing was changed.") from error  # fmt: skip


def clear_unfinished(path: Path) -> None:
    """Take away what a run that was cut off had begun to write beside `path`. Only for who holds its lock."""
    for left in path.parent.glob(f".{glob.escape(path.name)}-*{UNFINISHED}"):
        left.unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """Have the new name on the disk too, where the system has a way to ask for it; Windows has none, and needs none."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def remove_file(path: Path) -> None:
    """Take a file away, if there is one. Raises CannotWrite, as where another program has it open."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise CannotWrite(f"{path} cannot be taken away ({error.strerror}). Close it and run this again.") from error


def _like_its_neighbours(new: Path, old: Path) -> None:
    """mkstemp makes files only their owner can read; a master on a shared drive is for others too."""
    if old.exists():
        mode = old.stat().st_mode & 0o777
    else:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    new.chmod(mode)


def _keep(path: Path, keep: Path) -> None:
    """A second name for the old file, so that at no moment is there neither the old nor the new one."""
    content = path.read_bytes()
    replace_file(keep, content)


def new_file(path: Path, content: bytes) -> bool:
    """
    Put `content` at `path` unless something else stands there already. Returns False when the same stands there.

    For what people go on to edit: their work is never written over. Raises CannotWrite.
    """
    if path.exists():
        if path.is_file() and path.read_bytes() == content:
            return False
        raise CannotWrite(f"{path} is there already and is not what would be written now; somebody may have edited it. "
                          "Name another file with --out, or move that one away; nothing was changed.")  # fmt: skip
    replace_file(path, content)
    return True
