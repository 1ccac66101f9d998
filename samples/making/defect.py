"""A defect: a sample return with one thing wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from making.copies import Copy
from making.zips import Parts

from cedg_excel.form.model import Value

POLICE, BARNARDOS = "south-yorkshire-police", "barnardos"
SENT = datetime(2020, 1, 14, 10, 12, tzinfo=UTC)
CRIME, KPI, REASON = "Objective 4", "kpi/K4.9/value", "kpi/K4.9/reason"
PERCENTAGE, OUT_OF = "kpi/K2.2/numerator", "kpi/K2.2/denominator"
RATING, EVIDENCE, REMEDIAL = "action/4.3/rating", "action/4.3/evidence", "action/4.3/remedial_action"
COMMENCED, TARGET, ACHIEVED = "action/4.3/date_commenced", "action/4.3/target_date", "action/4.3/date_achieved"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

ChangeCopy = Callable[[Copy], None]
ChangeParts = Callable[[Parts, Copy], None]


@dataclass(frozen=True, slots=True)
class Defect:
    """
    One thing wrong with an otherwise clean return. `code` is the rule that reports it, "" when nothing is reported.

    `answers` are those that differ from the clean return, by key; None clears one. `change_copy` changes the workbook,
    `change_parts` the parts of its zip, `change_file` its bytes; `content` replaces the whole file.
    """

    name: str
    code: str
    description: str
    answers: Mapping[str, Value] = field(default_factory=dict)
    change_copy: ChangeCopy | None = None
    change_parts: ChangeParts | None = None
    change_file: Callable[[bytes], bytes] | None = None
    content: bytes | None = None
    agency: str = POLICE
    sent: datetime = SENT


def put(sheet: str, address: str, value: Value) -> ChangeCopy:
    """Type a value into any cell of the workbook."""

    def change(copy: Copy) -> None:
        copy.workbook[sheet][address] = value

    return change
