"""Brings back an earlier master from its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cedg_excel.errors import CannotRead, CannotWrite, NotAMaster
from cedg_excel.round.folder import RoundFolder
from cedg_excel.round.options import MergeOptions
from cedg_excel.round.outcomes import edit_sentences

if TYPE_CHECKING:
    from cedg_excel.master.edits import Edit

MOST_NAMED = 12
"""How many earlier masters are named where the one asked for does not exist."""


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """
    The master that is an earlier one again, and where the one before is kept. `changed` is False when the two were the same.

    `edits` are what people had done to the one before outside the group's cells, and `edited_copy` is the file that still has it.
    """

    master: Path
    earlier: Path
    previous: Path
    changed: bool
    edits: Sequence[Edit] = ()
    edited_copy: Path | None = None

    @property
    def sentences(self) -> list[str]:
        if not self.changed:
            return [f"{self.master} is already the same as {self.earlier}."]
        return [
            f"{self.master} is {self.earlier.name} again. The one before is kept as {self.previous.name}.",
            *edit_sentences(self.edits, self.edited_copy),
            f"The next cedg merge reads everything in returns/ again. With --group-from {self.previous.name} it also takes "
            "what the group had entered there.",
        ]


def run_restore(round_folder: RoundFolder, file: Path, options: MergeOptions) -> RestoreResult:
    """
    Put an earlier master in the place of the master, and keep that one as any merge does.

    `file` is a path, or the name of a file in history/. Raises CannotRead, CannotWrite, MasterInUse, NotAMaster; the master is then
    as it was.
    """
    from cedg_excel.master.master_file import master_lock, previous_master, restore_master
    from cedg_excel.master.read_workbook import read_held

    master = options.master or round_folder.master
    if options != MergeOptions(master=options.master):
        raise CannotWrite("--restore only brings back an earlier master, so --into and --plan are the only options it can be used with. "
                          "Merge afterwards; nothing was changed.")  # fmt: skip
    earlier = _earlier_master(master, file)
    with master_lock(master):
        try:
            held = read_held(earlier, round_folder.plan.about.id)
        except NotAMaster as error:
            raise NotAMaster(f"{earlier} is not a master of this plan. Name another file with --restore; nothing was changed.") from error
        replaced = restore_master(earlier.read_bytes(), held, master, round_folder.plan)
    return RestoreResult(master, earlier, previous_master(master), replaced.changed, replaced.edits, replaced.edited_copy)


def _earlier_master(master: Path, file: Path) -> Path:
    from cedg_excel.master.history import generations, history_folder

    for path in (file, history_folder(master) / file.name):
        if path.is_file():
            return path
    names = [path.name for path in generations(master)[:MOST_NAMED]]
    kept = f"Name one of these: {', '.join(names)}" if names else f"{history_folder(master)} has no earlier master"
    raise CannotRead(f"There is no file {file}. {kept}; nothing was changed.")
