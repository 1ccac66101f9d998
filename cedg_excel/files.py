"""Files written whole or not at all. Imports no spreadsheet library, so that commands which need none start at once."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cedg_excel.errors import CannotWrite

UNFINISHED_SUFFIX = ".tmp"


def replace_file(path: Path, content: bytes, backup: Path | None = None) -> None:
    """
    Write `content` to `path` whole, or leave the existing file unchanged. The existing file is first copied to `backup`.

    Raises CannotWrite.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", suffix=UNFINISHED_SUFFIX, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            _set_permissions(Path(name), path)
            if backup and path.exists():
                replace_file(backup, path.read_bytes())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _flush_folder(path.parent)
    except PermissionError as error:
        problem = f"{path} cannot be written: it is open in another program, or the folder is read-only"
        raise CannotWrite(problem, "Close it and run this again") from error
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written ({error.strerror})", "Free some disk space or choose another folder") from error


def unfinished_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The temporary files that interrupted runs left in a folder, each with the name of the file that it was for."""
    for unfinished in folder.glob(f".*{UNFINISHED_SUFFIX}"):
        yield unfinished.name[1:].rpartition("-")[0], unfinished


def numbered_file(path: Path, content: bytes) -> Path:
    """The first of `x.xlsx`, `x-2.xlsx`, `x-3.xlsx` ... that does not exist, or has this content already."""
    number, candidate = 1, path
    while candidate.exists() and not (candidate.is_file() and candidate.read_bytes() == content):
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate


def _flush_folder(folder: Path) -> None:
    """Write the folder's entries to disk, so that the new name survives a power cut. Windows cannot do this, and need not."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _set_permissions(new: Path, old: Path) -> None:
    """Give a new file the old one's permissions, or the usual ones: mkstemp lets only the owner read, but others share the drive."""
    if old.exists():
        mode = old.stat().st_mode & 0o777
    else:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    new.chmod(mode)


def remove_file(path: Path) -> None:
    """Delete a file, if it exists. Raises CannotWrite, for example where another program has it open."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise CannotWrite(f"{path} cannot be deleted ({error.strerror}). Close it and run this again.") from error


def new_file(path: Path, content: bytes) -> bool:
    """
    Write `content` to `path` unless a different file exists there. Returns False when the same content is there already.

    For files that people edit: their work is never overwritten. Raises CannotWrite.
    """
    if path.exists():
        if path.is_file() and path.read_bytes() == content:
            return False
        raise CannotWrite(f"{path} already exists and differs from what would be written now; somebody may have edited it. "
                          "Name another file with --out, or move that one; nothing was changed.")  # fmt: skip
    replace_file(path, content)
    return True
