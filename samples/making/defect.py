"""What a sample of something wrong is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from making.copies import Copy
from making.zips import Parts

from cedg_excel.form.model import Value

POLICE, BARNARDOS = "south-yorkshire-police", "barnardos"
SENT = datetime(2020, 1, 14, 10, 12, tzinfo=UTC)
CRIME, KPI = "Objective 4", "kpi/K4.9/value"
RATING, EVIDENCE, REMEDIAL = "action/4.3/rating", "action/4.3/evidence", "action/4.3/remedial_action"
COMMENCED, TARGET, ACHIEVED = "action/4.3/date_commenced", "action/4.3/target_date", "action/4.3/date_achieved"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

Spoil = Callable[[Copy], None]
SpoilParts = Callable[[Parts, Copy], None]


@dataclass(frozen=True, slots=True)
class Defect:
    """
    One thing wrong with an otherwise clean return. `code` is the rule that says so; "" when it is read and nothing is said.

    `answers` differ from the clean return, by key, and None clears one; `spoil` works on the workbook, `parts` on what
    is in the zip, `file` on its bytes; `content` stands in its place.
    """

    name: str
    code: str
    what: str
    answers: Mapping[str, Value] = field(default_factory=dict)
    spoil: Spoil | None = None
    parts: SpoilParts | None = None
    file: Callable[[bytes], bytes] | None = None
    content: bytes | None = None
    agency: str = POLICE
    sent: datetime = SENT


def put(sheet: str, address: str, value: Value) -> Spoil:
    """Type a value into any cell, wherever it is."""

    def spoil(copy: Copy) -> None:
        copy.workbook[sheet][address] = value

    return spoil
