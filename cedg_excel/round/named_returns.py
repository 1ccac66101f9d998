"""The returns named with --prefer or --combine: files, or attachments as findings name them: `returns/reply.eml/return.xlsx`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cedg_excel.errors import CannotRead

if TYPE_CHECKING:
    from cedg_excel.checking.check import Checked


def files_named(named: Sequence[Path], option: str) -> list[Path]:
    """The file that each of these is, or is attached to. Raises CannotRead when there is none."""
    return [_file_of(path, option) for path in named]


def _file_of(named: Path, option: str) -> Path:
    for path in (named, *named.parents):
        if path.is_file():
            return path
    raise CannotRead(f"There is no file {named}. Check the name given with {option}.")


def hashes_named(named: Sequence[Path], option: str, checked: Sequence[Checked]) -> list[str]:
    """The SHA-256 of each return that is meant, among those read. Raises CannotRead when an e-mail has no such attachment."""
    return [sha256 for path in named for sha256 in _hashes(path, _file_of(path, option), option, checked)]


def _hashes(named: Path, file: Path, option: str, checked: Sequence[Checked]) -> list[str]:
    attachment = named.relative_to(file).as_posix()
    in_file = [item.returned for item in checked if item.returned.path == file]
    meant = [item.sha256 for item in in_file if attachment == "." or item.file.endswith(f"/{attachment}")]
    if in_file and not meant:
        raise CannotRead(f"There is no {attachment} in {file}. Check the name given with {option}.")
    return meant
