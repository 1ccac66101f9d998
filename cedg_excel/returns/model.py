"""A returned file as data: its answers with their addresses, and what is wrong with the file and its form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from cedg_excel.findings import Finding, Place
from cedg_excel.form.fields import Field
from cedg_excel.form.model import Value
from cedg_excel.form.stamp import Stamp

SKIPPED_CODES = ("LOCK_FILE", "SYSTEM_FILE", "NOT_A_FILE", "NOT_A_RETURN", "NO_WORKBOOK", "MAIL_CUT_OFF", "IS_MASTER")
"""The codes of rules about what is not a return, and is not recorded as one."""


class Entry(NamedTuple):
    """
    One input cell of a return. `raw` is what was typed, as the cell shows it; `value` is what is used, None when blank or held back.

    `rule_code` is the code of the rule that it broke on reading, if any; `other` is what that rule's sentence says besides what was
    typed, such as the number stored or the words struck through.
    """

    field: Field
    place: Place
    raw: Any
    value: Value
    rule_code: str | None
    other: str = ""

    @property
    def blank(self) -> bool:
        """Whether nothing was typed here."""
        return self.raw is None


@dataclass(frozen=True, slots=True)
class Return:
    """
    One returned file: its stamp, every input cell by key, and what is wrong with the file and its form.

    `stamp` is None and `entries` empty when it was rejected or skipped.
    """

    file: str
    sha256: str
    stamp: Stamp | None = None
    modified: datetime | None = None
    entries: Mapping[str, Entry] | None = None
    findings: tuple[Finding, ...] = ()
    password: str = field(default="", repr=False)
    """The password that opened it, so that the copy sent back can be protected in the same way."""
    version: int = 0
    """By which plan it was read: 0 for the present one, else its position, from 1, among the earlier versions given to the reader."""
    path: Path | None = field(default=None, compare=False)
    """The file of the inbox that it is, or is attached to; None where it was not read from one."""

    @property
    def differs_from_form(self) -> int:
        """In how many places the form's own text is not as it should be."""
        return sum(item.code in ("LOCKED_CHANGED", "OUTSIDE_FORM", "OTHER_VERSION") for item in self.findings)

    @property
    def skipped(self) -> bool:
        """Whether it is a lock file, a folder, a master, a PDF or the like, and so not a return at all."""
        return any(item.code in SKIPPED_CODES for item in self.findings)

    @property
    def rejected(self) -> bool:
        """Whether the file could not be read as a return."""
        return self.entries is None and not self.skipped
