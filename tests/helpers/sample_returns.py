"""The sample returns, and the files with one defect each, as they are read and merged."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from cedg_excel.checking.check import Checked, check
from cedg_excel.form.fields import field_names
from cedg_excel.master.merge import merge
from cedg_excel.master.merged import Merged
from cedg_excel.master.return_status import CURRENT
from cedg_excel.plan.model import Plan
from cedg_excel.planfiles.plan_file import load_plan
from cedg_excel.returns.read import read_return
from cedg_excel.shipped import shipped_plans
from tests.helpers.places import SAMPLES

DEFECTS = SAMPLES / "defects"
PLAN = "rotherham-2019-2022"
FIRST, SECOND = "2019-20-Q3", "2019-20-Q4"
POLICE, BARNARDOS = "south-yorkshire-police", "barnardos"
NAMES = sorted(path.stem for path in DEFECTS.glob("*.xlsx"))
PERCENTAGES = ("half-of-a-percentage", "more-than-all", "percentage-as-text", "percentage-by-format", "percentage-in-words")
"""The samples that are Barnardo's; all others are the police's."""


@cache
def plan() -> Plan:
    return load_plan(shipped_plans()[PLAN])


@cache
def read(path: Path) -> Checked:
    return check([read_return(path, plan())], plan())[0]


def sample(agency: str, period: str = FIRST) -> Path:
    return SAMPLES / period / f"{agency}_{period}.xlsx"


@cache
def clean_answers(agency: str) -> dict[str, Any]:
    return merged_answers(merge([read(sample(agency))], plan()), agency)


def merged_answers(result: Merged, agency: str) -> dict[str, Any]:
    """An agency's answers in the tables of the master, by key, without blanks and without the Cover of a return that does not count."""
    cover = {"completed_by": "", "role": "", "completed_on": "", "declared": "status", "nil_return": ""}
    tables = {"actions": "action/{ref}", "kpis": "kpi/{ref}", "narrative": "narrative/{objective}", "returns": "cover"}
    found = {}
    for table, prefix in tables.items():
        names = cover if table == "returns" else dict.fromkeys(field_names(table), "")
        for row in result.tables[table].to_dict("records"):
            if row["agency"] != agency or row.get("status", "accepted") not in CURRENT:
                continue
            answers = {f"{prefix.format(**row)}/{key or name}": row[name] for name, key in names.items()}
            found |= {key: value for key, value in answers.items() if value is not None}
    return found
