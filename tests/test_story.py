"""
Three quarters in a row, run by the commands: a late return, a resubmission, a nil return, a withdrawn one,
a waiver and a group rating. Checks the tables, the list of returns, Changes and movement at each step; any batches give the same master.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from cedg_excel.copies.template import build_template
from cedg_excel.excel.save import to_bytes
from cedg_excel.plan.model import Plan
from cedg_excel.planfiles.plan_file import load_plan
from tests.conftest import COVER, Cedg
from tests.helpers.places import SMALL

Q3, Q4, Q1 = "2019-20-Q3", "2019-20-Q4", "2020-21-Q1"
MORE = f"""
[[period]]
id = "{Q1}"
label = "Q1 2020-21"
year = "Year 1"
start = 2020-04-01
end = 2020-06-30
due = 2020-07-20

[[waiver]]
rule = "BLUE_NEEDS_ACHIEVED"
agency = "north"
key = "action/2.4/rating"
reason = "No date was ever recorded."
who = "the group"
until = 2020-12-31
"""
RED = {f"action/{ref}/rating": "Red" for ref in ("2.3", "2.4", "2.5")}
SOUTH = {"action/2.1/rating": "Green", "action/2.3/rating": "Green"}

Send = Callable[..., Path]


@pytest.fixture
def round_folder(cedg: Cedg, tmp_path: Path) -> Path:
    plan = tmp_path / "plan.toml"
    plan.write_text(SMALL.read_text("utf-8") + MORE, "utf-8")
    assert cedg("init", "round", "--plan", plan).status == 0
    return tmp_path / "round"


@pytest.fixture
def send(round_folder: Path) -> Send:
    """Put a copy filled in by an agency into returns/."""
    plan: Plan = load_plan(round_folder / "plan.toml")

    def sent(name: str, agency: str, period: str, when: datetime, answers: Mapping[str, Any]) -> Path:
        path = round_folder / "returns" / name
        path.write_bytes(to_bytes(build_template(plan, agency, period, values={**COVER, **answers}), when))
        return path

    return sent


def at(day: str, hour: int = 10) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)


def test_three_quarters(cedg: Cedg, round_folder: Path, send: Send) -> None:
    def run(*arguments: str) -> Any:
        return cedg(*arguments, folder=round_folder)

    def returns_list() -> list[tuple[str, str, str, bool | None]]:
        rows = run("data", "--table", "returns", "--format", "json").json()
        return [(row["period"][-2:], row["agency"], row["status"], row["late"]) for row in rows]

    def table(name: str, *columns: str) -> list[tuple[Any, ...]]:
        return [tuple(row[c] for c in columns) for row in run("data", "--table", name, "--format", "json").json()]

    # The first quarter: north is on time; south is late.
    assert run("template").status == 0
    assert {path.name for path in (round_folder / "outbox" / Q3).glob("*.xlsx")} == {f"north_{Q3}.xlsx", f"south_{Q3}.xlsx"}
    begun = {**RED, "action/2.3/rating": "Green", "action/2.3/evidence": "Begun", "kpi/K2.1/value": 4}
    send("n3.xlsx", "north", Q3, at("2020-01-14"), answers=begun)
    assert run("merge").status == 0
    assert returns_list() == [("Q3", "north", "accepted", False), ("Q3", "south", "not_received", None)]
    assert [(row["agency"], row["status"]) for row in run("status", "--format", "json").json()] == [
        ("north", "accepted"), ("south", "not_received"),
    ]  # fmt: skip
    send("s3.xlsx", "south", Q3, at("2020-02-03"), answers=SOUTH)
    run("merge")
    assert returns_list() == [("Q3", "north", "accepted", False), ("Q3", "south", "accepted", True)]

    # The second: the copies show the earlier answers; north sends twice, south has nothing to report.
    assert "2 of them filled in from master.xlsx" in run("template", "--period", Q4).out
    assert openpyxl.load_workbook(round_folder / "outbox" / Q4 / f"north_{Q4}.xlsx")["Objective 2"]["J8"].value == "Green"
    send("n4.xlsx", "north", Q4, at("2020-04-10"), answers={**RED, "action/2.3/evidence": "Begun", "kpi/K2.1/value": 4})
    send("s4.xlsx", "south", Q4, at("2020-04-12"), answers={"cover/nil_return": "Yes"})
    first = run("merge", "--format", "json").json()
    assert [(f["code"], f["cell"]) for f in first["findings"] if f["severity"] != "info"] == [("WORSENED_NO_WORD", "H8")]
    again = {**RED, "action/2.3/rating": "Amber", "action/2.3/remedial_action": "A new lead", "action/2.4/rating": "Blue",
             "action/2.4/evidence": "Minutes", "kpi/K2.1/value": 6}  # fmt: skip
    send("n4b.xlsx", "north", Q4, at("2020-04-15"), answers=again)
    merged = run("merge", "--format", "json").json()
    assert [(f["code"], f["severity"]) for f in merged["findings"] if f["code"] != "LATE"] == [("BLUE_NEEDS_ACHIEVED", "info")]
    assert returns_list()[2:] == [("Q4", "north", "superseded", False), ("Q4", "north", "accepted", False), ("Q4", "south", "nil", False)]
    assert table("changes", "key", "old", "new") == [
        ("action/2.3/evidence", "Begun", None), ("action/2.3/rating", "Red", "Amber"),
        ("action/2.3/remedial_action", None, "A new lead"), ("action/2.4/evidence", None, "Minutes"),
        ("action/2.4/rating", "Red", "Blue"), ("kpi/K2.1/value", 4, 6),
    ]  # fmt: skip
    page = openpyxl.load_workbook(round_folder / "master.xlsx", data_only=True)
    words = {row[0].value: row[11].value for row in page["Objective 2"].iter_rows() if row[0].value in ("2.1", "2.3", "2.4")}
    assert words == {
        "2.1": "Not rated ‡\n0 of 1 rated",
        "2.3": "Amber so far ‡\n1 of 2 rated\n▼ worse: Green to Amber (1 of 2 agencies)",
        "2.4": "Blue\n1 of 1 rated\n▲ better: Red to Blue",
    }
    lead = "2 of 2 agencies have answered; no cell is held back; 1 finding is waived. See Returns and Findings."
    assert page["Summary"]["A3"].value == lead

    # In the meeting the group rates 2.1 itself.
    book = openpyxl.load_workbook(round_folder / "master.xlsx")
    row = next(cell.row for (cell,) in book["Objective 2"].iter_rows(max_col=1) if cell.value == "2.1")
    book["Objective 2"].cell(row, 13).value = "Green"
    book.save(round_folder / "master.xlsx")
    run("merge")
    assert table("group", "period", "ref", "rating") == [(Q4, "2.1", "Green")]
    assert run("reconcile").status == 0

    # The third: south's return is withdrawn, although its file is still in returns/, and a new one arrives.
    run("template", "--period", Q1)
    send("n1.xlsx", "north", Q1, at("2020-07-10"), answers={**again, "kpi/K2.1/value": 40})
    send("s1.xlsx", "south", Q1, at("2020-07-11"), answers={**SOUTH, "action/2.3/date_achieved": date(2020, 5, 1)})
    assert {f["code"] for f in run("merge", "--format", "json").json()["findings"] if f["severity"] != "info"} == {
        "ACHIEVED_NOT_BLUE", "KPI_JUMPED",
    }  # fmt: skip
    assert run("withdraw", "south", Q1).status == 0
    run("merge")
    assert returns_list()[5:] == [("Q1", "north", "accepted", False), ("Q1", "south", "withdrawn", False)]
    assert [row for row in table("actions", "period", "agency") if row == (Q1, "south")] == []
    send("s1b.xlsx", "south", Q1, at("2020-07-12"), answers=SOUTH)
    run("merge")
    assert returns_list()[6:] == [("Q1", "south", "withdrawn", False), ("Q1", "south", "accepted", False)]
    assert table("group", "period", "ref", "rating") == [(Q4, "2.1", "Green")]
    assert run("reconcile").status == 0


def test_the_same_events_in_any_batches_give_the_same_master(cedg: Cedg, round_folder: Path, send: Send) -> None:
    paths = [
        send("n3.xlsx", "north", Q3, at("2020-01-14"), answers={**RED, "action/2.3/rating": "Green"}),
        send("s3.xlsx", "south", Q3, at("2020-02-03"), answers=SOUTH),
        send("n4.xlsx", "north", Q4, at("2020-04-10"), answers=RED),
        send("n4b.xlsx", "north", Q4, at("2020-04-15"), answers={**RED, "kpi/K2.1/value": "12 people"}),
        send("s4.xlsx", "south", Q4, at("2020-04-12"), answers={"cover/nil_return": "Yes"}),
    ]
    masters = set()
    for number, order in enumerate(itertools.islice(itertools.permutations(paths), 0, 120, 29)):
        into = round_folder / f"{number}.xlsx"
        for batch in (order[:2], order[2:3], order[3:], order[:1]):
            cedg("merge", *batch, "--into", into, folder=round_folder)
        masters.add(into.read_bytes())
    assert len(masters) == 1


def test_the_end_of_a_plan_and_the_beginning_of_the_next(cedg: Cedg, round_folder: Path, send: Send) -> None:
    def run(*arguments: str, folder: Path = round_folder) -> Any:
        return cedg(*arguments, folder=folder)

    # Three quarters: 2.4 is finished in the second, 2.3 never.
    begun = {**RED, "action/2.3/rating": "Green", "action/2.3/evidence": "Begun", "kpi/K2.1/value": 4}
    done = {**begun, "action/2.4/rating": "Blue", "action/2.4/evidence": "Minutes", "action/2.4/date_achieved": date(2020, 2, 3)}
    last = {**done, "action/2.3/rating": "Amber", "action/2.3/remedial_action": "A new lead", "kpi/K2.1/value": 6,
            "narrative/2/impact": "Fewer children went missing."}  # fmt: skip
    for period, when, answers in ((Q3, "2020-01-14", begun), (Q4, "2020-04-14", done), (Q1, "2020-07-14", last)):
        run("template", "--period", period)
        send(f"n{period}.xlsx", "north", period, at(when), answers=answers)
        send(f"s{period}.xlsx", "south", period, at(when), answers={**SOUTH, "kpi/K2.1/value": 1})
        run("merge")

    # The group agrees its text in the master, and the plan is closed.
    book = openpyxl.load_workbook(round_folder / "master.xlsx")
    page = book["Objective 2"]
    row = next(first.row for first, what in page.iter_rows(max_col=2) if (first.value, what.value) == ("Agreed", "Achievements"))
    page.cell(row, 7).value = "The campaign has run."
    book.save(round_folder / "master.xlsx")
    closed = run("closure")
    assert (closed.status, closed.out.splitlines()[:2]) == (
        0, ["Wrote closure.docx.", "Closure Report, position at the end of Q1 2020-21. 4 actions: 1 Blue, 1 Green, 1 Amber, 1 Red."],
    )  # fmt: skip
    report = docx.Document(str(round_folder / "closure.docx"))
    paragraphs = [paragraph.text for paragraph in report.paragraphs]
    assert [text for text in paragraphs if text.startswith(("The campaign", "2.4", "Minutes", "Fewer"))] == [
        "The campaign has run. (agreed by the group, Q1 2020-21)", "2.4 Run a campaign. Achieved: 3 February 2020",
        "Minutes (North Agency)", "Fewer children went missing. (North Agency, Q1 2020-21)",
    ]  # fmt: skip
    figures = next(row for row in report.tables[2].rows if row.cells[0].text == "K2.1")
    assert [cell.text for cell in figures.cells][2:5] == ["5\nfirst reported, Q3 2019-20", "7\nQ1 2020-21", "Up 2"]

    # The next plan starts where this one stopped, and its first copies are sent out.
    rolled = run("rollover")
    assert rolled.out.splitlines()[1] == "A small plan, 2022 to 2025: 3 of 4 actions carried over, 3 periods, Q3 2022-23 to Q1 2023-24."
    following = load_plan(round_folder / "next-plan.xlsx")
    assert [(a.ref, a.detail[-1]) for a in following.actions if a.ref == "2.3"] == [
        ("2.3", "Carried over from 2.3 of the 2019 to 2022 plan (Amber in Q1 2020-21)"),
    ]  # fmt: skip
    assert following.kpi_by_ref["K2.1"].baseline == 7
    assert run("init", "next", "--plan", "next-plan.xlsx").status == 0
    copies = run("template", folder=round_folder / "next").out
    assert copies == f"Wrote 2 copies for Q3 2022-23 to {Path('outbox') / '2022-23-Q3'}.\n"
    copy = openpyxl.load_workbook(round_folder / "next" / "outbox" / "2022-23-Q3" / "north_2022-23-Q3.xlsx")["Objective 2"]
    titles = {row[0].value: row[1].value for row in copy.iter_rows() if row[0].value in ("2.1", "2.3", "2.4", "2.5")}
    assert sorted(titles) == ["2.1", "2.3", "2.5"]
    assert titles["2.3"] == "Review training\n• Carried over from 2.3 of the 2019 to 2022 plan (Amber in Q1 2020-21)"
