"""A workbook as a file: no author, fixed times, rows that grow, the same bytes for the same content, replaced whole."""

from __future__ import annotations

import os
import re
import tempfile
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook

from cedg_excel.errors import CannotWrite

ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_CUSTOM_HEIGHT = re.compile(rb'(<row\b[^>]*?) customHeight="(?:1|true)"')
_CREATOR = re.compile(rb"<dc:creator>.*?</dc:creator>")
_TIME = re.compile(rb'(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)')
_APP = re.compile(rb"<(Application|AppVersion)>[^<]*</\1>")


def to_bytes(workbook: Workbook, when: datetime) -> bytes:
    """
    The workbook as the bytes of an .xlsx file, the same for the same content.

    `when` is written as the time it was made and last changed; it must come from the content, never from the clock.
    """
    raw = BytesIO()
    workbook.save(raw)
    out = BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            info = zipfile.ZipInfo(name, ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            target.writestr(info, _mended(name, source.read(name), when))
    return out.getvalue()


def _mended(name: str, part: bytes, when: datetime) -> bytes:
    if name.startswith("xl/worksheets/sheet"):
        return _CUSTOM_HEIGHT.sub(rb"\1", part)
    if name == "docProps/core.xml":
        stamp = when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
        return _TIME.sub(rb"\g<1>" + stamp + rb"\g<3>", _CREATOR.sub(b"", part))
    if name == "docProps/app.xml":
        return _APP.sub(b"", part)
    return part


def replace_file(path: Path, content: bytes, keep: Path | None = None) -> None:
    """
    Put `content` at `path` whole, or leave what is there alone; what was there is kept at `keep`.

    Raises CannotWrite.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".cedg-", suffix=path.suffix, dir=path.parent)
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
    except PermissionError as error:
        raise CannotWrite(f"{path} cannot be written: it is open in another program, or the folder is read-only. "
                          "Close it and run this again; nothing was changed.") from error  # fmt: skip
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written ({error.strerror}). Nothing was changed.") from error


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
