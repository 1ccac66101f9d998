"""
One new row in form/fields.py adds a column everywhere: a copy of the package with such a row asks for it, checks it and keeps it.

The copy runs in a separate process, because the tables of fields are built when the program starts.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.places import ROOT

RISK = '    FormField("risk", "Risk", 20.0, carried=True),\n'
AFTER = '    FormField("remedial_action", "Remedial action", 34.0, carried=True),\n'

ROUND = """
import json, sys
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import openpyxl

from cedg_excel.checking.check import check
from cedg_excel.copies.feedback import feedback_on
from cedg_excel.copies.formula_results import formula_results
from cedg_excel.copies.input_map import map_workbook
from cedg_excel.copies.issue import write_copies
from cedg_excel.copies.template import build_template
from cedg_excel.excel.save import to_bytes
from cedg_excel.form.layout import layout_for
from cedg_excel.master.accounting import count_cells
from cedg_excel.master.master_file import write_master
from cedg_excel.master.merge import merge
from cedg_excel.master.read_workbook import read_table
from cedg_excel.master.reconcile import reconcile
from cedg_excel.planfiles.plan_file import load_plan
from cedg_excel.returns.read import read_returns

folder = Path(sys.argv[2])
plan = load_plan(sys.argv[1])
answers = {
    "cover/completed_by": "An Officer", "cover/completed_on": date(2020, 1, 14), "cover/status": "Final",
    "action/2.3/rating": "Red", "action/2.4/rating": "Red", "action/2.5/rating": "Red",
    "action/2.3/risk": "Staff may leave", "action/2.4/risk": "x" * 2001, "action/2.5/risk": "NHS no. 943 476 5919",
}


def texts(data, tab):
    sheet = openpyxl.load_workbook(BytesIO(data))[tab]
    return {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)}


path = folder / "north_2019-20-Q3.xlsx"
path.write_bytes(to_bytes(build_template(plan, "north", "2019-20-Q3", values=answers), datetime(2020, 1, 14, tzinfo=UTC)))
checked = check(read_returns([path], plan), plan)
merged = merge(checked, plan)
master = folder / "master.xlsx"
write_master(merged, master)
outbox = folder / "next"
write_copies(plan, plan.period_by_id["2019-20-Q4"], ["north"], outbox, master)
live = formula_results(layout_for(plan, "north", "2019-20-Q3"), answers)
print(json.dumps({
    "copy": texts(path.read_bytes(), "Objective 2"),
    "live": [text for text in live["Objective 2"].values() if isinstance(text, str)],
    "map": [item for item in map_workbook(path) if item["key"] == "action/2.3/risk"],
    "findings": [f"{f.where} {f.key} {f.code}" for f in checked[0].findings if f.key and f.key.endswith("/risk")],
    "feedback": texts(feedback_on(checked[0], plan).workbook, "Objective 2"),
    "page": texts(master.read_bytes(), "Objective 2"),
    "columns": list(read_table(master, "actions").columns),
    "data": read_table(master, "actions")[["ref", "risk"]].to_dict("records"),
    "next": texts((outbox / "north_2019-20-Q4.xlsx").read_bytes(), "Objective 2"),
    "cells": count_cells(checked, merged),
    "differences": len(reconcile(master, checked, plan).differences),
}))
"""

Shown = dict[str, Any]


def altered_package(folder: Path, *changes: tuple[str, str]) -> Path:
    """A copy of the package with these changes to form/fields.py, each from one text to another."""
    shutil.copytree(ROOT / "cedg_excel", folder / "cedg_excel", ignore=shutil.ignore_patterns("__pycache__"))
    fields = folder / "cedg_excel" / "form" / "fields.py"
    text = fields.read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    fields.write_text(text, "utf-8")
    return folder


def run(package: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with this copy of the package: `-c` looks for modules in the folder it runs in, before any other."""
    environment = {**os.environ, "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment, cwd=package, check=False)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with one more field."""
    return altered_package(tmp_path_factory.mktemp("risk"), (AFTER, AFTER + RISK))


@pytest.fixture(scope="module")
def shown(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """What a round of one agency gives, run with that package."""
    completed = run(package, "-c", ROUND, str(ROOT / "tests" / "plans" / "small.toml"), str(tmp_path_factory.mktemp("round")))
    assert completed.returncode == 0, completed.stderr
    found: Shown = json.loads(completed.stdout)
    return found


def test_the_copy_asks_for_it_and_the_check_column_moves_right(shown: Shown) -> None:
    assert {shown["copy"]["J6"], shown["copy"]["K6"], shown["copy"]["L6"]} == {"Risk", "Last time", "Check"}
    assert "J9: This text is longer than 2,000 characters. Shorten it, and keep the detail in your own records." in shown["live"]


def test_map_lists_it(shown: Shown) -> None:
    (item,) = shown["map"]
    assert (item["sheet"], item["kind"], item["label"].endswith(": Risk")) == ("Objective 2", "text", True)


def test_every_rule_on_texts_applies_to_it(shown: Shown) -> None:
    row = {ref: next(address for address, text in shown["copy"].items() if address[0] == "A" and text == ref) for ref in ("2.4", "2.5")}
    assert set(shown["findings"]) == {
        f"Objective 2!J{row['2.4'][1:]} action/2.4/risk TEXT_TOO_LONG",
        f"Objective 2!J{row['2.5'][1:]} action/2.5/risk NHS_NUMBER",
    }


def test_the_copy_sent_back_has_the_answer(shown: Shown) -> None:
    assert "Staff may leave" in shown["feedback"].values()


def test_the_masters_page_shows_it_under_its_heading(shown: Shown) -> None:
    assert "Risk: Staff may leave" in shown["page"].values()


def test_data_has_it_after_the_columns_that_other_programs_know(shown: Shown) -> None:
    assert shown["columns"] == [
        "period", "agency", "objective", "ref", "date_commenced", "target_date", "date_achieved", "evidence", "rating",
        "remedial_action", "source_file", "source_sha256", "source_sheet", "source_row", "risk", "doubt",
    ]  # fmt: skip
    risks = {row["ref"]: row["risk"] for row in shown["data"]}
    assert (risks["2.3"], len(risks["2.4"]), risks["2.5"]) == ("Staff may leave", 2001, None)


def test_the_next_copy_shows_what_was_accepted(shown: Shown) -> None:
    assert "Staff may leave" in shown["next"].values()


def test_its_cells_are_counted(shown: Shown) -> None:
    cells = shown["cells"]
    assert cells["held_back"] == 1
    assert cells["read"] == cells["merged"] + cells["held_back"] + cells["superseded"] + cells["blank"]
    assert shown["differences"] == 0


def test_the_documentation_lists_it(package: Path) -> None:
    shutil.copytree(ROOT / "docs", package / "docs")
    completed = run(package, "-c", "import sys; sys.path.insert(1, 'docs'); import build; print(build.fields_page())")
    assert completed.returncode == 0, completed.stderr
    assert "| `action/REF/risk` | Risk | text |" in completed.stdout


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param(AFTER, AFTER + AFTER, "actions has the field remedial_action more than once", id="a field twice"),
        pytest.param(
            AFTER, AFTER + '    FormField("risk", "Risk", 9.0, "choice"),\n', "actions.risk must have choices", id="no choices",
        ),
        pytest.param(AFTER, AFTER + '    FormField("late", "Late", 9.0, "text"),\n', "", id="a name that only the returns table has"),
        pytest.param(
            '    FormField("role",', '    FormField("late", "Late", help="?"),\n    FormField("role",',
            "The field late of cover has the name of one of the master's own columns", id="a name the returns table has already",
        ),
        pytest.param(
            '    "cover": COVER_FIELDS,\n}', '    "cover": COVER_FIELDS,\n    "milestones": (FormField("done", "Done"),),\n}',
            "no key is defined for milestones", id="a table without keys",
        ),
        pytest.param(AFTER, "", "must have the column remedial_action", id="a field that other programs rely on is missing"),
    ],
)  # fmt: skip
def test_a_field_that_would_be_lost_is_an_error_when_the_program_starts(tmp_path: Path, old: str, new: str, says: str) -> None:
    package = altered_package(tmp_path, (old, new))
    completed = run(package, "-c", "import cedg_excel.master.tables")
    assert (completed.returncode, says in completed.stderr) == (0 if not says else 1, True), completed.stderr


def test_a_table_missing_from_the_master_is_an_error_when_the_program_starts(tmp_path: Path) -> None:
    package = altered_package(
        tmp_path,
        ('    "cover": COVER_FIELDS,\n}', '    "cover": COVER_FIELDS,\n    "milestones": (FormField("done", "Done"),),\n}'),
        ('"cover": "cover"}', '"cover": "cover", "milestone": "milestones"}'),
    )
    completed = run(package, "-c", "import cedg_excel.master.tables")
    assert "No table of the master takes the fields of milestones" in completed.stderr
