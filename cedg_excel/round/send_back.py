"""The copies to send back, as files: written for each return that needs correcting, deleted once it no longer does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cedg_excel.copy_names import copy_stem
from cedg_excel.excel.encryption import encrypt
from cedg_excel.files import remove_file, replace_file
from cedg_excel.round.folder import RoundFolder
from cedg_excel.round.overwrite import refuse_overwrite
from cedg_excel.round.progress import Progress

if TYPE_CHECKING:
    from cedg_excel.checking.check import Checked
    from cedg_excel.copies.feedback import Feedback


def write_copies_to_send_back(
    checked: Sequence[Checked], round_folder: RoundFolder, folder: Path, returns: Sequence[Path], progress: Progress
) -> int:
    """Write or delete the workbook and the e-mail text of each agency and period. Returns how many were written."""
    from cedg_excel.copies.feedback import feedback_on
    from cedg_excel.copies.issue import prefills
    from cedg_excel.copies.latest import latest_of_each

    plans = (round_folder.plan, *round_folder.plan_versions().before(round_folder.plan))
    latest = latest_of_each(checked, round_folder.plan)
    prefill_of = {
        number: prefills(plans[number], round_folder.own_master) for number in {item.returned.version for item in latest.values()}
    }
    for agency, period in latest:
        for path in _paths(folder, agency, period):
            refuse_overwrite(path, round_folder, returns)
    written = 0
    for (agency, period), item in progress.track(latest.items(), "Writing copies to send back", len(latest)):
        # By the version that the return was made from, so that the agency sees what it answered.
        number = item.returned.version
        asked = round_folder.plan.is_active(agency, period)
        feedback = feedback_on(item, plans[number], prefill_of[number](agency, period).locked) if asked else None
        _write_or_delete(_paths(folder, agency, period), feedback, item.returned.password)
        written += feedback is not None
    return written


def _paths(folder: Path, agency: str, period: str) -> tuple[Path, Path]:
    """Where the workbook and the text of its e-mail are written."""
    stem = folder / copy_stem(agency, period)
    return stem.with_name(f"{stem.name}.xlsx"), stem.with_name(f"{stem.name}.txt")


def _write_or_delete(paths: tuple[Path, Path], feedback: Feedback | None, password: str | None) -> None:
    workbook, message = paths
    if feedback is None:
        remove_file(workbook)
        remove_file(message)
        return
    replace_file(workbook, encrypt(feedback.workbook, password) if password else feedback.workbook)
    replace_file(message, feedback.message.encode("utf-8"))
