"""Brings back an earlier master from its history."""

from __future__ import annotations

from pathlib import Path

from cedg_excel.errors import CannotRead, CannotWrite, NotAMaster
from cedg_excel.round.folder import RoundFolder
from cedg_excel.round.options import MergeOptions
from cedg_excel.round.outcomes import edit_sentences

MOST_NAMED = 12


def run_restore(round_folder: RoundFolder, file: Path, options: MergeOptions) -> list[str]:
    """
    Put an earlier master in the place of the master, and keep that one as any merge does. Returns the sentences that report it.

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
    if not replaced.changed:
        return [f"{master} is already the same as {earlier}."]
    return [
        f"{master} is {earlier.name} again. The one before is kept as {previous_master(master).name}.",
        *edit_sentences(replaced.edits, replaced.edited_copy),
        f"The next cedg merge reads everything in returns/ again. With --group-from {previous_master(master).name} it also takes "
        "what the group had entered there.",
    ]


def _earlier_master(master: Path, file: Path) -> Path:
    from cedg_excel.master.history import generations, history_folder

    for path in (file, history_folder(master) / file.name):
        if path.is_file():
            return path
    names = [path.name for path in generations(master)[:MOST_NAMED]]
    kept = f"Name one of these: {', '.join(names)}" if names else f"{history_folder(master)} has no earlier master"
    raise CannotRead(f"There is no file {file}. {kept}; nothing was changed.")
