"""The stamp that identifies a workbook as a master: the last line of its Summary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MasterStamp:
    """The plan a master belongs to, the version of the plan it was written from, and the period its pages show."""

    plan: str
    version: str
    period: str

    def __str__(self) -> str:
        return " | ".join(("cedg master", self.plan, self.version, self.period))


def read_master_stamp(text: object) -> MasterStamp | None:
    """The stamp in a cell's text, or None."""
    parts = text.split(" | ") if isinstance(text, str) else []
    return MasterStamp(*parts[1:]) if len(parts) == 4 and parts[0] == "cedg master" else None
