"""A returned file as data: its answers with their addresses, and what is wrong with the file and its form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from cedg_excel.findings import Finding, Place
from cedg_excel.form.fields import Field
from cedg_excel.form.model import Value
from cedg_excel.form.stamp import Stamp


class Entry(NamedTuple):
    """
    One input cell of a return. `raw` is what was typed; `value` is what is used, None when blank or held back.

    `rule_code` is the code of the rule that it broke on reading, if any.
    """

    field: Field
    place: Place
    raw: Any
    value: Value
    rule_code: str | None

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

    @property
    def skipped(self) -> bool:
        """Whether it is a lock file, a folder or a master, and so not a return at all."""
        return any(item.code in ("LOCK_FILE", "NOT_A_FILE", "IS_MASTER") for item in self.findings)

    @property
    def rejected(self) -> bool:
        """Whether the file could not be read as a return."""
        return self.entries is None and not self.skipped
