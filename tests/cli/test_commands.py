"""The commands as people type them, and what other programs may rely on."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from cedg_excel.master.tables import COLUMNS
from cedg_excel.plan.model import Plan
from tests.conftest import PERIOD, RATED, Cedg, Fill
from tests.helpers.places import ROOT, SMALL

FINDING_KEYS = ["code", "severity", "file", "sheet", "cell", "key", "value", "message", "fix", "held_back"]


@pytest.fixture
def round_folder(cedg: Cedg, tmp_path: Path) -> Path:
    """A round folder with the small plan and its first copies."""
    assert cedg("init", "round", "--plan", SMALL).status == 0
    folder = tmp_path / "round"
    assert cedg("template", folder=folder).status == 0
    return folder


def test_a_round_runs_without_arguments(cedg: Cedg, round_folder: Path, fill: Fill) -> None:
    """init, template, check, merge, status, data: no arguments needed inside a round folder."""
    assert sorted(path.name for path in (round_folder / "outbox" / PERIOD).iterdir()) == [f"north_{PERIOD}.xlsx", f"south_{PERIOD}.xlsx"]
    fill({**RATED, "kpi/K2.1/value": 7}).rename(round_folder / "returns" / "return (1) FINAL v2.xlsx")
    checked = cedg("check", folder=round_folder)
    assert (checked.status, checked.err) == (0, "")
    assert "1 file: 1 clean. 0 errors, 0 warnings." in checked.out
    merged = cedg("merge", folder=round_folder)
    assert (merged.status, merged.err) == (0, "")
    assert "Cells: 39 read = 8 merged + 0 held back + 31 blank.\nWrote master.xlsx.\n" in merged.out
    written = (round_folder / "master.xlsx").stat()
    again = cedg("merge", folder=round_folder)
    assert (again.status, "Wrote" in again.out) == (0, False)
    assert os.path.samestat(written, left := (round_folder / "master.xlsx").stat()) and left.st_mtime_ns == written.st_mtime_ns
    assert "1 of 2 agencies have sent something; 1 has not." in cedg("status", folder=round_folder).out
    assert [row["value"] for row in cedg("data", "--table", "kpis", "--format", "json", folder=round_folder).json()] == [
        7,
        None,
        None,
        None,
    ]


def test_next_period_is_started_by_naming_it(cedg: Cedg, round_folder: Path) -> None:
    assert cedg("template", "--period", "2019-20-Q4", folder=round_folder).status == 0
    assert cedg("status", "--format", "json", folder=round_folder).json()[0]["period"] == "2019-20-Q4"


def test_template_writes_chosen_agencies_to_another_folder(cedg: Cedg, tmp_path: Path) -> None:
    completed = cedg("template", "--plan", "rotherham-2019-2022", "--agency", "rdash", "--agency", "barnardos", "-o", "copies")
    assert completed.out == "Wrote 2 copies for Q3 2019-20 to copies.\n"
    assert sorted(p.name for p in (tmp_path / "copies").iterdir()) == [f"barnardos_{PERIOD}.xlsx", f"rdash_{PERIOD}.xlsx"]


def test_a_filled_in_copy_is_not_overwritten(cedg: Cedg, round_folder: Path, fill: Fill) -> None:
    """Somebody has filled it in inside outbox/; writing it again would lose their answers."""
    copy = round_folder / "outbox" / PERIOD / f"north_{PERIOD}.xlsx"
    fill({"action/2.3/evidence": "Half a day's work"}, name="filled.xlsx", cover={}).replace(copy)
    before = copy.read_bytes()
    completed = cedg("template", folder=round_folder)
    assert (completed.status, completed.out) == (2, "")
    assert completed.err == (
        f"outbox/{PERIOD} has copies that are filled in: north_{PERIOD}.xlsx. Move them to returns if they are returns, or delete "
        "them, and run this again; nothing was written.\n"
    )
    assert copy.read_bytes() == before
    assert cedg("template", "--agency", "south", folder=round_folder).status == 0
    copy.unlink()
    assert cedg("template", folder=round_folder).status == 0


def test_a_copy_that_was_saved_but_not_filled_in_is_overwritten(cedg: Cedg, round_folder: Path, fill: Fill) -> None:
    copy = round_folder / "outbox" / PERIOD / f"north_{PERIOD}.xlsx"
    fill({}, name="saved.xlsx", cover={}).replace(copy)
    assert cedg("template", folder=round_folder).status == 0


def test_map_names_every_input_cell(cedg: Cedg, round_folder: Path, small: Plan) -> None:
    cells = cedg("map", f"outbox/{PERIOD}/north_{PERIOD}.xlsx", "--format", "json", folder=round_folder).json()
    assert [list(cell) for cell in cells] == [["key", "sheet", "cell", "kind", "label", "required", "choices"]] * 39
    by_key = {cell["key"]: cell for cell in cells}
    assert by_key["action/2.3/rating"] == {
        "key": "action/2.3/rating", "sheet": "Objective 2", "cell": "H8", "kind": "rating", "label": "2.3 Review training: BRAG",
        "required": True, "choices": ["Blue", "Red", "Amber", "Green"],
    }  # fmt: skip
    kinds = {key: (cell["kind"], cell["required"]) for key, cell in by_key.items()}
    assert kinds["kpi/K2.1/value"] == ("number", True)
    assert kinds["kpi/K2.2/numerator"] == kinds["kpi/K2.2/denominator"] == ("number", True)
    assert kinds["kpi/K2.4/value"] == ("text", False)
    assert kinds["action/2.3/target_date"] == ("date", False)
    assert kinds["narrative/2/next_steps"] == ("text", False)
    assert by_key["cover/status"]["choices"] == ["Draft", "Final"]


def test_map_agrees_with_the_layout_of_the_real_plan(plan: Plan, tmp_path: Path) -> None:
    """The map is read from the workbook alone, so that it works on any copy, wherever it is."""
    from cedg_excel.copies.input_map import map_workbook
    from cedg_excel.copies.template import template_bytes
    from cedg_excel.form.layout import layout_for

    for agency in plan.agencies:
        path = tmp_path / f"{agency.id}.xlsx"
        path.write_bytes(template_bytes(plan, agency.id, PERIOD))
        found = [(c["key"], c["sheet"], c["cell"], c["kind"], c["label"], c["required"], c["choices"]) for c in map_workbook(path)]
        wanted = [
            (f.key, s.title, f"{'ABCDEFGHIJ'[c.column - 1]}{c.row}", f.kind, f.label, f.required, list(f.choices) if f.choices else None)
            for s, c, f in layout_for(plan, agency.id, PERIOD).fields()
        ]
        assert sorted(found, key=str) == sorted(wanted, key=str)


def test_check_json(cedg: Cedg, round_folder: Path, fill: Fill) -> None:
    fill({**RATED, "action/2.3/rating": "Purple"}, name="p.xlsx").rename(round_folder / "returns" / "p.xlsx")
    (round_folder / "returns" / "~$p.xlsx").touch()
    (round_folder / "returns" / "notes.txt").write_text("hello")
    completed = cedg("check", "--format", "json", folder=round_folder)
    assert (completed.status, completed.err) == (1, "")
    result = completed.json()
    assert list(result) == ["files", "findings"]
    assert result["files"] == [
        {"file": "notes.txt", "agency": None, "period": None, "status": "skipped"},
        {"file": "p.xlsx", "agency": "north", "period": PERIOD, "status": "findings"},
        {"file": "~$p.xlsx", "agency": None, "period": None, "status": "skipped"},
    ]
    assert [list(finding) for finding in result["findings"]] == [FINDING_KEYS] * 3
    assert {k: v for f in result["findings"] if f["code"] == "UNKNOWN_RATING" for k, v in f.items() if k not in ("message", "fix")} == {
        "code": "UNKNOWN_RATING", "severity": "error", "file": "p.xlsx", "sheet": "Objective 2", "cell": "H8",
        "key": "action/2.3/rating", "value": "Purple", "held_back": True,
    }  # fmt: skip


def test_merge_json(cedg: Cedg, round_folder: Path, fill: Fill) -> None:
    paths = [fill({**RATED, "action/2.3/rating": "Purple"}), fill({"action/2.1/rating": "Red"}, agency="south")]
    completed = cedg("merge", *paths, "--into", "m.xlsx", "--format", "json", folder=round_folder)
    result = completed.json()
    assert completed.status == 1
    assert list(result) == ["master", "returns", "findings", "cells", "edits", "group_conflicts"]
    assert result["master"] == "m.xlsx"
    assert [(r["agency"], r["status"]) for r in result["returns"]] == [("north", "accepted"), ("south", "accepted")]
    assert {f["code"] for f in result["findings"]} == {"UNKNOWN_RATING", "RATING_MISSING"}
    cells = result["cells"]
    assert cells["read"] == cells["merged"] + cells["held_back"] + cells["blank"]
    assert cells["held_back"] == 1


@pytest.mark.parametrize("table", list(COLUMNS))
def test_data_has_the_documented_columns(cedg: Cedg, round_folder: Path, fill: Fill, table: str) -> None:
    cedg("merge", fill({**RATED, "action/2.3/rating": "Blue", "narrative/2/impact": "x"}), folder=round_folder)
    rows = cedg("data", "master.xlsx", "--table", table, "--format", "json", folder=round_folder).json()
    assert all(list(row) == list(COLUMNS[table]) for row in rows)
    assert bool(rows) == (table not in ("changes", "group"))
    as_csv = list(csv.reader(io.StringIO(cedg("data", "--table", table, "--format", "csv", folder=round_folder).out)))
    assert as_csv[0] == list(COLUMNS[table])
    assert len(as_csv) == len(rows) + 1


def test_status_json_lists_agencies_that_have_not_answered(cedg: Cedg, round_folder: Path, fill: Fill) -> None:
    cedg("merge", fill(RATED), folder=round_folder)
    rows = cedg("status", "--format", "json", folder=round_folder).json()
    assert [(r["agency"], r["sent"], r["status"], r["late"]) for r in rows] == [
        ("north", True, "accepted", False), ("south", True, "not_received", None),
    ]  # fmt: skip


def test_chase_writes_reminders_to_agencies_that_have_not_answered(cedg: Cedg, round_folder: Path, fill: Fill) -> None:
    plan = (round_folder / "plan.toml").read_text("utf-8")
    contact = 'name = "South Agency"\ncontact = "Pat Example"\nemail = "pat@example.org"'
    (round_folder / "plan.toml").write_text(plan.replace('name = "South Agency"', contact), "utf-8")
    cedg("merge", fill(RATED), folder=round_folder)
    assert "Wrote the reminders to chase." in cedg("status", "--chase", "chase", folder=round_folder).out
    assert sorted(path.name for path in (round_folder / "chase").iterdir()) == ["chase.csv", f"south_{PERIOD}.txt"]
    rows = list(csv.DictReader(io.StringIO((round_folder / "chase" / "chase.csv").read_text("utf-8"))))
    assert [(row["name"], row["email"], row["due"]) for row in rows] == [("South Agency", "pat@example.org", "20 January 2020")]
    text = (round_folder / "chase" / f"south_{PERIOD}.txt").read_text("utf-8")
    assert text.startswith("To: pat@example.org\nSubject: A small plan, Q3 2019-20: your return\n\nDear Pat Example,\n")


def test_withdraw_and_reconcile(cedg: Cedg, round_folder: Path, fill: Fill) -> None:
    fill(RATED).rename(round_folder / "returns" / "north.xlsx")
    cedg("merge", folder=round_folder)
    assert (cedg("reconcile", folder=round_folder).status, cedg("withdraw", "north", PERIOD, folder=round_folder).status) == (0, 0)
    assert cedg("merge", "--format", "json", folder=round_folder).json()["returns"][0]["status"] == "withdrawn"
    assert cedg("reconcile", "--format", "json", folder=round_folder).json()["differences"] == []
    again = cedg("withdraw", "north", PERIOD, folder=round_folder)
    assert (again.status, again.out) == (2, "")
    assert "holds no return from north for 2019-20-Q3" in again.err


def test_pages_show_the_requested_period(cedg: Cedg, round_folder: Path, fill: Fill) -> None:
    paths = [fill(RATED), fill(RATED, period="2019-20-Q4")]
    for arguments, shown in (([], "Q4 2019-20"), (["--period", PERIOD], "Q3 2019-20")):
        cedg("merge", *paths, *arguments, folder=round_folder)
        assert openpyxl.load_workbook(round_folder / "master.xlsx")["Summary"]["A2"].value.startswith(shown)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "x.xlsx"], "This is not a round folder: it has no plan.toml or plan.xlsx. Go to a round folder, create"),
        (["check", "none.xlsx", "--plan", SMALL], "There is no file or folder none.xlsx. Check the name."),
        (["check", "--plan", SMALL], "There is no folder returns. Create it and put the returned copies into it, or name the files."),
        (["template", "--plan", "rotherham-2019-2023"], "Did you mean 'rotherham-2019-2022'?"),
        (["template", "--plan", SMALL, "--period", "2019-20-Q5"], "The plan has no period '2019-20-Q5'. Did you mean '2019-20-Q"),
        (["template", "--plan", SMALL, "--agency", "nort"], "The plan has no agency 'nort'. Did you mean 'north'?"),
        (["data", "none.xlsx"], "There is no master at none.xlsx. Run merge first, or give the path of the master."),
        (["map", "none.xlsx"], "There is no file none.xlsx. Check the name."),
        (["merge", SMALL, "--plan", SMALL, "--prefer", "none.xlsx"], "There is no file none.xlsx. Check the name given with --prefer."),
    ],
)
def test_a_command_that_cannot_run_gives_one_sentence_and_status_2(cedg: Cedg, arguments: list[str], sentence: str) -> None:
    completed = cedg(*arguments)
    assert (completed.status, completed.out) == (2, "")
    assert sentence in completed.err
    assert len(completed.err.splitlines()) == 1


def test_all_mistakes_in_a_plan_are_listed(cedg: Cedg, tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(SMALL.read_text("utf-8").replace('unit = "days"', 'unit = "day"'), "utf-8")
    completed = cedg("template")
    assert (completed.status, completed.out) == (2, "")
    assert "[[kpi]] K2.3" in completed.err
    assert "Did you mean 'days'?" in completed.err


def test_a_file_that_is_not_a_master_is_not_changed(cedg: Cedg, round_folder: Path, fill: Fill) -> None:
    (round_folder / "master.xlsx").write_text("my notes")
    completed = cedg("merge", fill(RATED), folder=round_folder)
    assert (completed.status, completed.out) == (2, "")
    assert (round_folder / "master.xlsx").read_text() == "my notes"


def test_demo_runs_a_round_and_names_the_file_to_open(cedg: Cedg, tmp_path: Path) -> None:
    completed = cedg("demo", "my-round")
    assert (completed.status, completed.err) == (0, "")
    assert completed.out.splitlines()[-2] == f"Open {Path('my-round') / 'master.xlsx'} to see what the leads see."
    book = openpyxl.load_workbook(tmp_path / "my-round" / "master.xlsx", read_only=True)
    assert book.sheetnames[:7] == ["Summary", *(f"Objective {n}" for n in range(1, 7))]
    assert "the master equals them." in cedg("reconcile", folder=tmp_path / "my-round").out
    again = cedg("demo", "my-round")
    assert (again.status, again.out) == (2, "")
    assert "my-round is not empty" in again.err


def test_a_separate_process_prints_only_json(round_folder: Path, fill: Fill) -> None:
    """No progress bar and no colour in a pipe; the exit status depends on the findings."""
    path = fill({**RATED, "action/2.3/rating": "Blue"})
    command = [sys.executable, "-m", "cedg_excel", "merge", str(path), "--format", "json"]
    done = subprocess.run(
        command, cwd=round_folder, capture_output=True, timeout=120, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert json.loads(done.stdout.decode("utf-8"))["cells"]["read"] == 39


def test_every_command_has_help(cedg: Cedg) -> None:
    listing = cedg("--help").out
    for command in ("init", "template", "check", "merge", "status", "withdraw", "reconcile", "map", "data", "excel-setup", "demo"):
        assert f"  {command} " in listing
        assert "Usage:" in cedg(command, "--help").out


@pytest.mark.parametrize(
    "arguments",
    [("check", "--feedback", "returns"), ("check", "--feedback", "outbox/2019-20-Q3"), ("check", "elsewhere", "--feedback", "elsewhere"),
     ("template", "--out", "returns")],
)  # fmt: skip
def test_no_return_is_overwritten_or_deleted(cedg: Cedg, round_folder: Path, fill: Fill, arguments: tuple[str, ...]) -> None:
    """Copies often have the same names as returns: a clean return would be deleted, one with findings overwritten."""
    (round_folder / "elsewhere").mkdir()
    for folder in ("returns", "elsewhere"):
        (round_folder / folder / f"north_{PERIOD}.xlsx").write_bytes(fill(RATED).read_bytes())
    before = {path: path.read_bytes() for path in round_folder.rglob("*") if path.is_file()}
    completed = cedg(*arguments, folder=round_folder)
    assert (completed.status, completed.out, completed.err.count("\n")) == (2, "", 1)
    assert {path: path.read_bytes() for path in round_folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("command", [("init",), ("plan", "check"), ("merge", "--release"), ("closure", "--out")])
def test_a_file_name_too_long_for_the_system_gives_one_sentence(
    cedg: Cedg, round_folder: Path, fill: Fill, command: tuple[str, ...]
) -> None:
    fill(RATED).rename(round_folder / "returns" / "answer.xlsx")
    cedg("merge", folder=round_folder)
    ending = {"merge": ".xlsx", "closure": ".docx"}.get(command[0], "")
    completed = cedg(*command, "x" * 400 + ending, folder=round_folder)
    assert (completed.status, completed.err.count("\n")) == (2, 1)


def test_map_refuses_a_plan_workbook(cedg: Cedg, tmp_path: Path) -> None:
    cedg("plan", "to-excel", SMALL, tmp_path / "plan.xlsx")
    completed = cedg("map", tmp_path / "plan.xlsx")
    assert completed.status == 2 and "is not a copy made by this program" in completed.err


@pytest.mark.parametrize("name", ["report", "report.txt", "report.doc"])
def test_closure_report_must_be_a_docx_file(cedg: Cedg, round_folder: Path, name: str) -> None:
    completed = cedg("closure", "--out", name, folder=round_folder)
    assert completed.status == 2 and "must be a file that ends in .docx" in completed.err and not (round_folder / name).exists()


@pytest.mark.parametrize("command", ["to-excel", "to-toml"])
def test_a_plan_overwrites_only_another_plan(cedg: Cedg, tmp_path: Path, command: str) -> None:
    out = tmp_path / ("out.xlsx" if command == "to-excel" else "out.toml")
    assert cedg("plan", command, SMALL, out).status == 0
    assert "replacing the plan that was there" in cedg("plan", command, SMALL, out).out
    out.write_bytes(b"the passwords, or a master")
    completed = cedg("plan", command, SMALL, out)
    assert completed.status == 2 and "not a plan" in completed.err and out.read_bytes() == b"the passwords, or a master"
