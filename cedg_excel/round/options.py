"""What may be chosen for each step of a round. What is left out is the round folder's own: its period, returns, master ..."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TemplateOptions:
    """Which copies to write, where, and filled in from which master. `password` encrypts all of them with one password."""

    period: str | None = None
    agencies: Sequence[str] = ()
    folder: Path | None = None
    master: Path | None = None
    encrypt: bool = False
    password: str | None = None


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """Which files to check, where to write copies to send back, and the passwords that may open the files."""

    files: Sequence[Path] = ()
    feedback_folder: Path | None = None
    passwords: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class MergeOptions:
    """
    Which files to merge into which master, and the id of the period that its pages show.

    `strict` holds back the whole of a return that has errors; `prefer` names returns to be used whatever came later, and `combine`
    two that are parts of one. `release` is also written, with the text of each objective if `narrative`.
    `group_from` is a second master to take the group's own entries from.
    """

    files: Sequence[Path] = ()
    master: Path | None = None
    period: str | None = None
    strict: bool = False
    prefer: Sequence[Path] = ()
    combine: Sequence[Path] = ()
    passwords: Sequence[str] = ()
    release: Path | None = None
    narrative: bool = False
    group_from: Path | None = None
