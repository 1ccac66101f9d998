"""Takes a return out of the master, or in again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cedg_excel.errors import CannotRead
from cedg_excel.round.folder import RoundFolder
from cedg_excel.round.outcomes import edit_sentences

if TYPE_CHECKING:
    from cedg_excel.master.merged import Merged


def run_withdraw(round_folder: RoundFolder, agency: str, period: str, path: Path, undo: bool = False) -> list[str]:
    """
    Withdraw the return in use of an agency for a period, or undo that. Returns the sentences that say what counts now, and what
    people had done to the master.

    Raises CannotRead when there is nothing to withdraw or to undo, CannotWrite, MasterInUse, NotAMaster.
    """
    from cedg_excel.master.master_file import master_lock, previous_master, replace_master
    from cedg_excel.master.merge import undo_withdraw, withdraw
    from cedg_excel.master.read_workbook import existing_master, read_master

    plan, master = round_folder.plan, existing_master(path)
    with master_lock(master):
        held = read_master(master, plan.about.id)
        merged = (undo_withdraw if undo else withdraw)(plan, held, agency, period)
        if merged is None:
            nothing = "no withdrawn return" if undo else "no return"
            raise CannotRead(f"{master} holds {nothing} from {agency} for {period}. Run cedg status to see who has sent one.")
        replaced = replace_master(merged, master)
    done = "taken in again" if undo else "withdrawn"
    kept = f"The previous master is kept as {previous_master(master).name}."
    sentence = f"The return from {agency} for {period} is {done}. {_what_counts(merged, agency, period)} {kept}"
    return [sentence, *edit_sentences(replaced.edits, replaced.edited_copy)]


def _what_counts(merged: Merged, agency: str, period: str) -> str:
    """`Its return old.xlsx counts now.`"""
    in_use = merged.in_use.get((agency, period))
    if in_use is None:
        return f"{merged.plan.agency_by_id[agency].name} counts as not heard from."
    names = dict(zip(merged.store.files["sha256"], merged.store.files["file"], strict=True))
    files = [names[sha] for sha in in_use.members]
    return f"{' and '.join(files)} {'counts' if len(files) == 1 else 'count'} now."
