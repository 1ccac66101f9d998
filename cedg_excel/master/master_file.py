"""The master as a file: locked during a merge, replaced whole, with the previous version kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from cedg_excel.errors import CannotWrite, MasterInUse, NotAMaster
from cedg_excel.files import numbered_file, replace_file, unfinished_files
from cedg_excel.master.as_written import as_written, name_of_generation
from cedg_excel.master.edits import Edit, edits_of, was_saved_elsewhere
from cedg_excel.master.history import delete_oldest, keep_generation, kept_generation, remove_unfinished_generations
from cedg_excel.master.merged import Merged
from cedg_excel.master.read_workbook import HeldMaster, read_held
from cedg_excel.master.workbook import master_bytes
from cedg_excel.plan.model import Plan

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
            _remove_unfinished(path)
            yield
    except Timeout as error:
        raise MasterInUse(f"Another merge is writing {path.name}. Run this again when it is done; nothing was changed.") from error
    except PermissionError as error:
        raise CannotWrite(f"The folder of {path} is read-only. Choose another with --into; nothing was changed.") from error
    except OSError as error:
        raise CannotWrite(f"The folder of {path} cannot be written ({error.strerror or error}). Nothing was changed.") from error


def _remove_unfinished(path: Path) -> None:
    """Delete the temporary files for the master and what is kept of it."""
    for name, unfinished in unfinished_files(path.parent):
        if name in (path.name, previous_master(path).name) or name.startswith(f"{path.stem}.edited"):
            unfinished.unlink(missing_ok=True)
    remove_unfinished_generations(path)


@dataclass(frozen=True, slots=True)
class Replacement:
    """
    What happened to the master: whether it was `changed`; what people had done to it outside the group's cells, and the copy of the
    file with that in it.
    """

    changed: bool
    edits: tuple[Edit, ...] = ()
    edited_copy: Path | None = None


def write_master(merged: Merged, path: Path) -> bool:
    """Replace the master whole and keep the previous version. Returns False when nothing in it has changed."""
    return replace_master(merged, path).changed


def replace_master(merged: Merged, path: Path) -> Replacement:
    """
    The same, and find what people did to it. Nothing of that is lost: a file with it is kept as `master.edited.xlsx` first.

    Raises CannotWrite, TooBig; the master is then as it was.
    """
    return _replace(path, master_bytes(merged), name_of_generation(path, merged.period, merged.store), merged.plan)


def restore_master(content: bytes, held: HeldMaster, path: Path, plan: Plan) -> Replacement:
    """Replace the master by an earlier one with this content, in the same way. Raises CannotWrite."""
    return _replace(path, content, name_of_generation(path, held.period, held.stored), plan)


def _replace(path: Path, content: bytes, name: str, plan: Plan) -> Replacement:
    """`name` is that of the new master in the history."""
    old = path.read_bytes() if path.exists() else None
    edits, edited_copy = _keep_old(path, old, plan) if old not in (None, content) else ((), None)
    # Before the master itself: what is in its place is then always in its history too, as it was written.
    generation = keep_generation(path, name, content)
    if old != content:
        replace_file(path, content, backup=previous_master(path))
    delete_oldest(path, generation)
    return Replacement(old != content, edits, edited_copy)


def _keep_old(path: Path, old: bytes | None, plan: Plan) -> tuple[tuple[Edit, ...], Path | None]:
    """
    Keep the master that is about to be replaced: in the history, or as an edited one where people did something to it.

    The history only has masters as this program wrote them: what the group types may identify a child until it has been read.
    """
    if old is None or (not was_saved_elsewhere(old) and kept_generation(path, old)):
        return (), None
    try:
        held = read_held(path)
    except NotAMaster:  # some other file, which the caller has decided to replace
        return (), None
    if not was_saved_elsewhere(old):
        keep_generation(path, name_of_generation(path, held.period, held.stored), old)
        return (), None
    edits = edits_of(path, as_written(path, held, plan))
    if not edits:
        return (), None
    edited_copy = numbered_file(edited_master(path), old)
    replace_file(edited_copy, old)
    return edits, edited_copy


def edited_master(path: Path) -> Path:
    """The path of a master that people edited: `master.edited.xlsx`."""
    return path.with_name(f"{path.stem}.edited{path.suffix}")


def previous_master(path: Path) -> Path:
    """The path of the previous version: `master.previous.xlsx`."""
    return path.with_name(f"{path.stem}.previous{path.suffix}")
