"""Earlier masters, kept in `history/` next to the master under names that say what they held."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from cedg_excel.files import replace_file, unfinished_files

HISTORY = "history"
KEPT = 12
"""How many generations are kept. Beyond these, the latest of each period stays as well: the master as the group last read it."""

_NAME = re.compile(
    r"(?P<held>(?P<stem>.+)_(?P<period>[A-Za-z0-9][A-Za-z0-9.-]*)_(?P<returns>\d+)-returns?(_(?P<saved>\d{4}-\d\d-\d\dT\d\d-\d\d))?)"
    r"(-(?P<number>\d+))?\.xlsx"
)


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
    """
    The generations of a master, the latest first: by when the latest of their returns was saved, by how many there are, and of those
    that held the same, by their number. Not by the times of the files, which copying changes.
    """
    folder = history_folder(master)
    found = [path for path in folder.iterdir() if _is_named_for(master, path.name) and path.is_file()] if folder.is_dir() else []
    return sorted(found, key=_age, reverse=True)


def _age(path: Path) -> tuple[str, int, int]:
    match = _NAME.fullmatch(path.name)
    assert match  # noqa: S101 for mypy: only names that match are sorted
    return match["saved"] or "", int(match["returns"]), int(match["number"] or 1)


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
    return [path for path in generations(master) if (match := _NAME.fullmatch(path.name)) and f"{match['held']}.xlsx" == name]


def kept_generation(master: Path, content: bytes) -> Path | None:
    """The generation that has this content; None when there is none."""
    same_size = (path for path in generations(master) if path.stat().st_size == len(content))
    return next((path for path in same_size if path.read_bytes() == content), None)


def keep_generation(master: Path, name: str, content: bytes) -> Path:
    """Keep this content, which is or will be the master, unless it is kept already. Returns where it is. Raises CannotWrite."""
    if kept := kept_generation(master, content):
        return kept
    path = history_folder(master) / name
    if same_name := generations_named(master, name):
        path = path.with_name(f"{path.stem}-{_age(same_name[0])[2] + 1}{path.suffix}")
    replace_file(path, content)
    return path


def delete_oldest(master: Path, current: Path) -> None:
    """
    Delete the generations beyond KEPT, except the latest of each period and the current one.

    One that is open in another program stays for the time being.
    """
    periods: set[str] = set()
    for number, path in enumerate(generations(master)):
        match = _NAME.fullmatch(path.name)
        period = match["period"] if match else ""
        if number >= KEPT and period in periods and path != current:
            with contextlib.suppress(OSError):
                path.unlink()
        periods.add(period)
