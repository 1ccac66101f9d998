"""What a command may not write over, wherever it is told to write: a slip in a name must not cost a return."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cedg_excel.errors import CannotWrite
from cedg_excel.planfiles.plan_file import PLAN_FILE_NAMES
from cedg_excel.round.control_workbook import CONTROL_FILE
from cedg_excel.round.folder import MASTER, Round
from cedg_excel.round.passwords import PASSWORDS_FILE


def refuse_among_returns(folder: Path, here: Round) -> None:
    """Raises CannotWrite when the folder is the round's returns, or lies among them."""
    if folder.resolve().is_relative_to(here.returns.resolve()):
        raise CannotWrite(f"{folder} is where the returns are kept, and could cost one of them. Name another place; nothing was changed.")


def refuse_among_copies(folder: Path, here: Round) -> None:
    """Raises CannotWrite when the folder is where the round's copies are kept, or lies among them."""
    if folder.resolve().is_relative_to(here.copies.resolve()):
        raise CannotWrite(f"{folder} is where the copies are kept, and could cost one of them. Name another place; nothing was changed.")


def refuse_overwrite(path: Path, here: Round, read: Iterable[Path], *others: Path) -> None:
    """Raises CannotWrite when the file is one of those `read`, one of the round's own, or one of the `others`."""
    place = path.resolve()
    if place in {file.resolve() for file in read}:
        raise CannotWrite(f"{path} is one of the returns, and would be written over. Name another place; nothing was changed.")
    own = [here.root / name for name in (*PLAN_FILE_NAMES, MASTER, CONTROL_FILE, PASSWORDS_FILE)]
    if place in {file.resolve() for file in (*own, *others)}:
        raise CannotWrite(f"{path} is a file the round needs, and would be written over. Name another place; nothing was changed.")
