"""What a command must not overwrite, wherever it is asked to write: a slip in a name must not destroy a return."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from cedg_excel.errors import CannotWrite
from cedg_excel.master.history import history_folder
from cedg_excel.planfiles.plan_file import PLAN_FILE_NAMES
from cedg_excel.round.control_workbook import CONTROL_FILE
from cedg_excel.round.folder import MASTER, RoundFolder
from cedg_excel.round.passwords import PASSWORDS_FILE


def resolved(path: Path) -> Path:
    """Where a path leads. Unlike Path.resolve, this does not fail on a link that leads to itself."""
    return Path(os.path.realpath(path))


def refuse_inside_returns(path: Path, round_folder: RoundFolder) -> None:
    """Raises CannotWrite when the path is the folder of the returns, or inside it."""
    if resolved(path).is_relative_to(resolved(round_folder.returns_folder)):
        raise CannotWrite(
            f"{path} is where the returns are kept, and could overwrite one of them. Name another place; nothing was changed."
        )


def refuse_inside_outbox(path: Path, round_folder: RoundFolder) -> None:
    """Raises CannotWrite when the path is the outbox, or inside it."""
    if resolved(path).is_relative_to(resolved(round_folder.outbox)):
        raise CannotWrite(f"{path} is where the copies are kept, and could overwrite one of them. Name another place; nothing was changed.")


def refuse_kept_master(path: Path, master: Path) -> None:
    """Raises CannotWrite when the path is in the history of the master, or that of a master which people edited."""
    resolved, folder = path.resolve(), master.parent.resolve()
    is_edited = resolved.parent == folder and resolved.name.startswith(f"{master.stem}.edited")
    if is_edited or resolved.is_relative_to(history_folder(master).resolve()):
        raise CannotWrite(f"{path} is where earlier masters are kept, and could overwrite one. Name another place; nothing was changed.")


def refuse_overwrite(path: Path, round_folder: RoundFolder, returns: Iterable[Path], *others: Path) -> None:
    """Raises CannotWrite when the path is one of the `returns`, one of the round folder's own files, or one of the `others`."""
    place = resolved(path)
    if place in {resolved(file) for file in returns}:
        raise CannotWrite(f"{path} is one of the returns and would be overwritten. Name another place; nothing was changed.")
    own = [round_folder.root / name for name in (*PLAN_FILE_NAMES, MASTER, CONTROL_FILE, PASSWORDS_FILE)]
    if place in {resolved(file) for file in (*own, *others)}:
        raise CannotWrite(f"{path} is a file the round needs and would be overwritten. Name another place; nothing was changed.")
