"""The master as a file: locked during a merge, replaced whole, with the previous version kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from cedg_excel.errors import CannotWrite, MasterInUse
from cedg_excel.files import remove_unfinished, replace_file
from cedg_excel.master.merged import Merged
from cedg_excel.master.workbook import master_bytes

LOCK_SECONDS = 60


@contextmanager
def master_lock(path: Path) -> Iterator[None]:
    """
    Lock the master for one merge. A second merge waits, for a minute at most.

    Raises MasterInUse when it is open in an office program, or when another merge does not finish; CannotWrite when the folder
    cannot be written.
    """
    for lock_mark in (path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#")):
        if lock_mark.exists():
            raise MasterInUse(
                f"{path.name} is open in another program. Close it and run this again; nothing was changed. "
                f"(If nobody has it open, delete {lock_mark.name}, which that program left behind.)"
            )
    lock = path.with_name(f".{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(lock, timeout=LOCK_SECONDS):
            for file in (path, previous_master(path)):
                remove_unfinished(file)
            yield
    except Timeout as error:
        raise MasterInUse(f"Another merge is writing {path.name}. Run this again when it is done; nothing was changed.") from error
    except PermissionError as error:
        raise CannotWrite(f"The folder of {path} is read-only. Choose another with --into; nothing was changed.") from error
    except OSError as error:
        raise CannotWrite(f"The folder of {path} cannot be written ({error.strerror or error}). Nothing was changed.") from error


def write_master(merged: Merged, path: Path) -> bool:
    """Replace the master whole and keep the previous version. Returns False when nothing in it has changed."""
    content = master_bytes(merged)
    if path.exists() and path.read_bytes() == content:
        return False
    replace_file(path, content, backup=previous_master(path))
    return True


def previous_master(path: Path) -> Path:
    """The path of the previous version: `master.previous.xlsx`."""
    return path.with_name(f"{path.stem}.previous{path.suffix}")
