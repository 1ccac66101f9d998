"""A file put in its place whole, or not at all. It knows no spreadsheet library, so that what only needs this starts at once."""

from __future__ import annotations

import contextlib
import glob
import os
import tempfile
from pathlib import Path

from cedg_excel.errors import CannotWrite

UNFINISHED = ".tmp"


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


def remove_file(path: Path) -> None:
    """Take a file away, if there is one. Raises CannotWrite, as where another program has it open."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise CannotWrite(f"{path} cannot be taken away ({error.strerror}). Close it and run this again.") from error


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
