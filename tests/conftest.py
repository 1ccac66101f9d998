"""Shared by all tests: the plans, a way to fill in a copy, and tables that a reader of Excel understands."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cedg_excel.checking.check import Checked, check
from cedg_excel.cli.app import main
from cedg_excel.copies.template import build_template
from cedg_excel.excel.save import to_bytes
from cedg_excel.form.fields import ACTION_COLUMNS
from cedg_excel.plan.model import Plan
from cedg_excel.plan.versions import with_tables
from cedg_excel.planfiles.plan_file import load_plan
from cedg_excel.returns.read import read_returns
from cedg_excel.shipped import shipped_plans
from tests.helpers.office import Office, running_office
from tests.helpers.places import SMALL

PERIOD = "2019-20-Q3"
SENT = datetime(2020, 1, 14, 10, 30, tzinfo=UTC)
COVER = {
    "cover/completed_by": "An Officer", "cover/role": "Officer", "cover/completed_on": date(2020, 1, 14), "cover/status": "Final",
}  # fmt: skip

Fill = Callable[..., Path]


@pytest.fixture(scope="session")
def plan() -> Plan:
    """The real plan."""
    return load_plan(shipped_plans()["rotherham-2019-2022"])


@pytest.fixture(scope="session")
def small() -> Plan:
    """A plan of two agencies and one objective."""
    return load_plan(SMALL)


@pytest.fixture(scope="session")
def office() -> Iterator[Office]:
    """A LibreOffice that the tests start and stop."""
    with running_office() as program:
        yield program


@pytest.fixture
def fill(tmp_path: Path, small: Plan) -> Fill:
    """Fill a copy in and save it: `fill({"action/2.3/rating": "Blue"}, agency="north", sent=...)`."""

    def filled(
        values: Mapping[str, Any], agency: str = "north", period: str = PERIOD, name: str = "", sent: datetime = SENT,
        plan: Plan = small, cover: Mapping[str, Any] = COVER,
    ) -> Path:  # fmt: skip
        path = tmp_path / (name or f"{agency}_{period}.xlsx")
        workbook = build_template(plan, agency, period, values={**cover, **values})
        path.write_bytes(to_bytes(workbook, sent))
        return path

    return filled


def checked(plan: Plan, *paths: Path) -> list[Checked]:
    """Read and check these files."""
    return check(read_returns(paths, plan), plan)


def plan_with(old: Plan, **tables: Any) -> Plan:
    """The plan with other tables, and without versions and waivers where none are given."""
    return with_tables(old, **{"version": (), "waiver": (), **tables})


RATED = {f"action/{ref}/rating": "Red" for ref in ("2.3", "2.4", "2.5")}
"""A rating for every action that north rates, so that a test has only the findings it is about."""

KPI_HEADINGS = {"Number": "value", "How many": "numerator", "Out of": "denominator", "Comment": "comment", "Why no figure": "reason"}


@pytest.fixture
def returned(fill: Fill, small: Plan) -> Callable[[str], list[str]]:
    """
    The findings of a copy filled in as a table shows it: `["2.3 BRAG BLUE_NEEDS_ACHIEVED"]`.

    `12/03/2020` is typed as a date and `7` as a number; "in quotes" is typed as text.
    """
    headings = {column.heading: column.name for column in ACTION_COLUMNS} | KPI_HEADINGS

    def findings(table: str) -> list[str]:
        values: dict[str, Any] = dict(RATED)
        head, *rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.strip().splitlines()]
        for row in rows:
            prefix = f"{'kpi' if row[0].startswith('K') else 'action'}/{row[0]}"
            for heading, text in zip(head[1:], row[1:], strict=True):
                values[f"{prefix}/{headings[heading]}"] = typed(text)
        (item,) = checked(small, fill(values))
        names = {name: heading for heading, name in headings.items()}
        keys = [(f.key.split("/"), f.code) for f in item.findings if f.key and not f.key.startswith("cover/")]
        return [f"{key[1]} {names[key[2]]} {code}" for key, code in keys]

    return findings


def typed(text: str) -> str | int | float | date | None:
    """The value that Excel stores when this is typed into a cell."""
    if text.startswith('"'):
        return text.strip('"').replace("\\n", "\n")
    if re.fullmatch(r"\d\d/\d\d/\d{4}", text):
        return datetime.strptime(text, "%d/%m/%Y").date()
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text) if "." in text else int(text)
    return text or None


def table_rows(table: str) -> list[tuple[str, ...]]:
    """The rows of a table as texts, without its headings."""
    lines = table.strip().splitlines()[1:]
    return [tuple(cell.strip() for cell in line.strip().strip("|").split("|")) for line in lines]


class CompletedCommand(NamedTuple):
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Cedg = Callable[..., CompletedCommand]


@pytest.fixture
def cedg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cedg:
    """Run a command in an empty folder: `cedg("check", "x.xlsx", folder=...)`."""

    def run(*arguments: object, folder: Path = tmp_path) -> CompletedCommand:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["cedg", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return CompletedCommand(int(ended.value.code or 0), *capsys.readouterr())

    return run
