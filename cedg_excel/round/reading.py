"""Reading and checking the files of a round, in a pool of processes where that is faster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cedg_excel.plan.model import Plan
from cedg_excel.returns.model import Return
from cedg_excel.returns.read import read_files
from cedg_excel.round.folder import RoundFolder
from cedg_excel.round.passwords import passwords_to_open
from cedg_excel.round.process_pool import reading_pool
from cedg_excel.round.progress import NO_PROGRESS, Progress

if TYPE_CHECKING:
    from cedg_excel.checking.check import Checked


@contextmanager
def open_returns(
    paths: Sequence[Path], round_folder: RoundFolder, passwords: Sequence[str], earlier: Sequence[Plan], progress: Progress = NO_PROGRESS
) -> Iterator[Iterable[Return]]:
    """
    The returns, read by the version of the plan that each was made from, and opened with these passwords and those of the round.

    Where a pool reads them it has started when this returns, so that the caller can load its libraries in the meantime.
    """
    known = passwords_to_open(passwords, round_folder.passwords_file, round_folder.plan)
    with reading_pool(len(paths)) as executor:
        files = progress.track(read_files(paths, round_folder.plan, executor, known, earlier), "Reading returns", len(paths))
        yield (returned for returns in files for returned in returns)


def read_and_check(
    paths: Sequence[Path], round_folder: RoundFolder, passwords: Sequence[str], progress: Progress = NO_PROGRESS
) -> list[Checked]:
    """These files with their findings. Raises CannotRead, PlanError."""
    earlier = round_folder.plan_versions().before(round_folder.plan)
    with open_returns(paths, round_folder, passwords, earlier, progress) as returns:
        from cedg_excel.checking.check import check  # loads pandas while the pool reads

        return check(returns, round_folder.plan, earlier)
