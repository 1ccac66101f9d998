"""Earlier masters, kept in `history/` next to the master under names that say what they held."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from cedg_excel.files import numbered_file, replace_file, unfinished_files

HISTORY = "history"
KEPT = 12
"""How many generations are kept. Beyond these, the latest of each period stays as well: the master as the group last read it."""

_NAME = re.compile(r"(?P<stem>.+)_(?P<period>[A-Za-z0-9][A-Za-z0-9.-]*)_\d+-returns?(_\d{4}-\d\d-\d\dT\d\d-\d\d)?(-\d+)?\.xlsx")


def history_folder(master: Path) -> Path:
    """Where the generations of a master are kept."""
    return master.parent / HISTORY


def is_generation(path: Path) -> bool:
    """Whether a path is that of an earlier master in a folder of them. It is never a return."""
    return path.parent.name == HISTORY and _NAME.fullmatch(path.name) is not None


def generation_name(master: Path, period: str | None, returns: int, last_saved: str | None) -> str:
    """
    The name of a generation: `master_2019-20-Q4_22-returns_2020-04-14T10-30.xlsx`.

    `returns` is how many it held, `last_saved` when the latest of them was saved (`2020-04-14T10:30:00Z`); neither is today's date.
    """
    noun = "return" if returns == 1 else "returns"
    when = f"_{last_saved[:16].replace(':', '-')}" if last_saved else ""
    return f"{master.stem}_{period or 'no-period'}_{returns}-{noun}{when}.xlsx"


def generations(master: Path) -> list[Path]:
    """The generations of a master, the latest first: by when each was last its content."""
    return [path for _, _, path in sorted(_generations(master), reverse=True)]


def _generations(master: Path) -> Iterator[tuple[int, str, Path]]:
    folder = history_folder(master)
    for path in folder.iterdir() if folder.is_dir() else ():
        if _is_named_for(master, path.name) and path.is_file():
            yield path.stat().st_mtime_ns, path.name, path


def _is_named_for(master: Path, name: str) -> bool:
    match = _NAME.fullmatch(name)
    return match is not None and match["stem"] == master.stem


def remove_unfinished_generations(master: Path) -> None:
    """Delete the temporary files that an interrupted run left. The caller must hold the lock of the master."""
    for name, unfinished in unfinished_files(history_folder(master)):
        if _is_named_for(master, name):
            unfinished.unlink(missing_ok=True)


def generations_named(master: Path, name: str) -> list[Path]:
    """The generations of a master that have this name, or this name and a number; the latest first."""
    stem = name.removesuffix(".xlsx")
    numbered = re.compile(re.escape(stem) + r"(-\d+)?\.xlsx")
    return [path for path in generations(master) if numbered.fullmatch(path.name)]


def kept_generation(master: Path, content: bytes) -> Path | None:
    """The generation that has this content; None when there is none."""
    same_size = (path for path in generations(master) if path.stat().st_size == len(content))
    return next((path for path in same_size if path.read_bytes() == content), None)


def keep_generation(master: Path, name: str, content: bytes) -> None:
    """Keep this content, which is or will be the master, unless it is kept already. Raises CannotWrite."""
    if kept := kept_generation(master, content):
        # It is the latest again, so that it is not the first to be deleted.
        with contextlib.suppress(OSError):
            os.utime(kept)
        return
    replace_file(numbered_file(history_folder(master) / name, content), content)


def delete_oldest(master: Path) -> None:
    """Delete the generations beyond KEPT, except the latest of each period. One that is open in another program stays for now."""
    periods: set[str] = set()
    for number, path in enumerate(generations(master)):
        match = _NAME.fullmatch(path.name)
        period = match["period"] if match else ""
        if number >= KEPT and period in periods:
            with contextlib.suppress(OSError):
                path.unlink()
        periods.add(period)
