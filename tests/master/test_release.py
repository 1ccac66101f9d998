"""The release for wider reading: what may be published, and what must not be."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cedg_excel.master.doubt import HELD_BACK, PARTIAL
from cedg_excel.master.merge import merge
from cedg_excel.master.ratings_and_totals import AnswersByPeriod
from cedg_excel.master.release import release_bytes, released_total
from cedg_excel.plan.model import Kpi, Plan
from tests.conftest import RATED, Cedg, Fill, checked, table_rows
from tests.helpers.places import SMALL

FIGURES = """
    | What was returned | In the release |
    | nothing           | no figure     |
    | 0                 | under 5       |
    | 1                 | under 5       |
    | 4                 | under 5       |
    | 5                 | 5             |
    | 120               | 120           |
    | 0 of 4            | small numbers |
    | 4 of 20           | small numbers |
    | 16 of 20          | small numbers |
    | 20 of 20          | small numbers |
    | 5 of 10           | 50%           |
    | 30 of 40          | 75%           |
"""


@pytest.mark.parametrize(("returned", "published"), table_rows(FIGURES))
def test_how_a_figure_is_published(fill: Fill, small: Plan, returned: str, published: str) -> None:
    kpi = as_percentage(small) if " of " in returned else as_count(small)
    merged = merge(checked(small, fill(RATED | answer(kpi, "" if returned == "nothing" else returned))), small)
    shown = str(released_total(AnswersByPeriod(merged).kpi(kpi, small.period_by_id["2019-20-Q3"])))
    assert shown == (published if published == "no figure" else f"{published} {PARTIAL} (from 1 of 2)"), (
        "the other agency is silent, and that is said"
    )


INDICATORS = """
    | Returned for Q3 | for Q4 | In the release, for each       |
    | 4               | 5      | under 5, 5                     |
    | 5               | 4      | 5, under 5                     |
    | 1200            |        | 1200, no figure                |
    | 5 of 10         | 4 of 9 | 50%, small numbers             |
"""


@pytest.mark.parametrize(("first", "last", "published"), table_rows(INDICATORS))
def test_no_small_figure_is_in_the_release_file(fill: Fill, small: Plan, first: str, last: str, published: str) -> None:
    """A row has the ref, measure, unit, target and a figure for each quarter: a total of them would reveal the small one."""
    kpi = as_percentage(small) if " of " in first else as_count(small)
    merged = merge(checked(small, fill(RATED | answer(kpi, first)), fill(RATED | answer(kpi, last), period="2019-20-Q4")), small)
    sheet = load_workbook(BytesIO(release_bytes(merged)))["Indicators"]
    (line,) = [[cell.value for cell in row] for row in sheet.iter_rows() if row[0].value == kpi.ref]
    shown = [str(value).partition(f" {PARTIAL}")[0] for value in line]
    assert shown == [kpi.ref, kpi.measure, kpi.unit, "none set", *published.split(", ")]


def test_a_figure_that_is_held_back_is_marked_and_no_page_of_the_master_is_mentioned(fill: Fill, small: Plan) -> None:
    kpi = as_count(small)
    merged = merge(checked(small, fill(RATED | {f"kpi/{kpi.ref}/value": "about 40"})), small)
    texts = [str(cell.value) for sheet in load_workbook(BytesIO(release_bytes(merged))) for row in sheet.iter_rows() for cell in row]
    assert f"no figure {HELD_BACK}" in texts
    assert not any("Findings" in text for text in texts)


def answer(kpi: Kpi, text: str) -> dict[str, int]:
    """What to fill in: `12`, or `3 of 4`."""
    if " of " in text:
        return dict(zip((f"kpi/{kpi.ref}/numerator", f"kpi/{kpi.ref}/denominator"), map(int, text.split(" of ")), strict=True))
    return {f"kpi/{kpi.ref}/value": int(text)} if text else {}


def as_count(plan: Plan) -> Kpi:
    return next(kpi for kpi in plan.kpis if kpi.unit == "count" and kpi.is_live and "north" in kpi.agencies)


def as_percentage(plan: Plan) -> Kpi:
    return next(kpi for kpi in plan.kpis if kpi.unit == "percent" and kpi.is_live and "north" in kpi.agencies)


WORDS = {
    "action/2.3/evidence": "Marker evidence", "action/2.3/remedial_action": "Marker remedy",
    "narrative/2/impact": "Marker impact, ring 01632 960 001", "cover/completed_by": "Marker Person",
}  # fmt: skip


@pytest.mark.parametrize("narrative", [False, True])
def test_release_contains_no_agencys_own_answers(fill: Fill, cedg: Cedg, tmp_path: Path, narrative: bool) -> None:
    path = fill({**RATED, **WORDS}, cover={})
    extra = ["--narrative"] if narrative else []
    completed = cedg("merge", path, "--plan", SMALL, "--into", tmp_path / "m.xlsx", "--release", tmp_path / "r.xlsx", *extra)
    assert completed.status == 0, completed.out
    book = load_workbook(tmp_path / "r.xlsx")
    assert book.sheetnames == ["About", "Ratings", "Indicators"] + (["Narrative"] if narrative else [])
    texts = [str(cell.value) for sheet in book for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert all(cell.data_type != "f" for sheet in book for line in sheet.iter_rows() for cell in line), "values only"
    found = [text for text in texts if "Marker" in text]
    assert found == (["Marker impact, ring [phone number]"] if narrative else [])
    assert "North" not in " ".join(texts) and path.name not in " ".join(texts)
    assert any(text.startswith("Red") for text in texts)


def test_release_is_the_same_to_the_byte(fill: Fill, small: Plan) -> None:
    merged = merge(checked(small, fill(RATED)), small)
    assert release_bytes(merged, narrative=True) == release_bytes(merged, narrative=True)


def test_a_failed_release_reports_that_the_master_was_written(fill: Fill, cedg: Cedg, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    master, release = tmp_path / "m.xlsx", tmp_path / "file" / "r.xlsx"
    completed = cedg("merge", fill(RATED), "--plan", SMALL, "--into", master, "--release", release)
    assert (completed.status, completed.out) == (2, "")
    assert completed.err.startswith(f"{master} was written, but its release was not: {release} cannot be written (")
    assert completed.err.endswith("). Free some disk space or choose another folder.\n")
    assert master.is_file()


def test_the_master_is_not_overwritten_by_its_release(fill: Fill, cedg: Cedg, tmp_path: Path) -> None:
    completed = cedg("merge", fill(RATED), "--plan", SMALL, "--into", tmp_path / "m.xlsx", "--release", tmp_path / "m.xlsx")
    assert completed.status == 2 and not (tmp_path / "m.xlsx").exists()


@pytest.mark.parametrize(
    "slip", ["returns/answer.xlsx", "returns/release.xlsx", "plan.toml", "master.previous.xlsx", "control.xlsm", "release.txt"]
)
def test_nothing_the_round_needs_is_overwritten_by_its_release(fill: Fill, cedg: Cedg, tmp_path: Path, slip: str) -> None:
    here = tmp_path / "round"
    cedg("init", here, "--plan", SMALL)
    fill(RATED).rename(here / "returns" / "answer.xlsx")
    cedg("merge", folder=here)
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    completed = cedg("merge", "--release", slip, folder=here)
    assert (completed.status, completed.out, completed.err.count("\n")) == (2, "", 1)
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before
