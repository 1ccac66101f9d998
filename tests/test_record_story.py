"""What goes wrong with a record over the quarters, played through the commands, with what each of them said."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cedg_excel.copies.template import build_template
from cedg_excel.excel.save import to_bytes
from cedg_excel.plan.from_data import plan_from
from cedg_excel.planfiles.plan_file import load_plan
from cedg_excel.planfiles.toml_file import plan_toml
from tests.conftest import COVER, RATED, Cedg
from tests.helpers.places import PLANS, SAMPLES, SMALL

Q3, Q4 = "2019-20-Q3", "2019-20-Q4"
FIGURES = {"kpi/K2.1/value": 7, "kpi/K2.2/numerator": 3, "kpi/K2.2/denominator": 4}
Send = Callable[..., Path]


@pytest.fixture
def round_folder(cedg: Cedg, tmp_path: Path) -> Path:
    assert cedg("init", "round", "--plan", SMALL).status == 0
    return tmp_path / "round"


@pytest.fixture
def send(round_folder: Path) -> Send:
    """Put a copy filled in by an agency into returns/, made from the plan as it is at that time."""

    def sent(name: str, answers: Mapping[str, Any], day: str = "2020-01-14", agency: str = "north", period: str = Q3) -> Path:
        path = round_folder / "returns" / name
        workbook = build_template(load_plan(round_folder / "plan.toml"), agency, period, values={**COVER, **answers})
        path.write_bytes(to_bytes(workbook, datetime.fromisoformat(f"{day}T10:00:00").replace(tzinfo=UTC)))
        return path

    return sent


def merge(cedg: Cedg, folder: Path, *options: object) -> dict[str, Any]:
    """What `cedg merge --format json` prints."""
    done = cedg("merge", *options, "--format", "json", folder=folder)
    assert not done.err, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def statuses(result: Mapping[str, Any]) -> dict[str, str]:
    return {row["file"]: row["status"] for row in result["returns"]}


def codes(result: Mapping[str, Any]) -> set[str]:
    return {finding["code"] for finding in result["findings"]}


def data(cedg: Cedg, folder: Path, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(cedg("data", "--table", table, "--format", "json", folder=folder).out)
    return rows


def new_version(folder: Path) -> None:
    """The plan becomes its version 2, which drops actions, adds some, and asks for another KPI."""
    (folder / "plan.toml").write_text((PLANS / "small-2.toml").read_text("utf-8"), "utf-8")


def test_a_plan_that_changes_leaves_earlier_quarters_as_they_were_and_a_lost_master_is_rebuilt(
    cedg: Cedg, round_folder: Path, send: Send
) -> None:
    master = round_folder / "master.xlsx"
    assert cedg("template", "--period", Q3, folder=round_folder).status == 0
    assert [path.name for path in (round_folder / "plans").iterdir()] == ["1.toml"]
    send("north_q3.xlsx", {**RATED, **FIGURES, "action/2.3/evidence": "Minutes"})
    send("south_q3.xlsx", {"action/2.1/rating": "Green"}, agency="south")
    first = merge(cedg, round_folder)
    before = data(cedg, round_folder, "actions")
    new_version(round_folder)
    assert cedg("template", "--period", Q4, folder=round_folder).status == 0
    assert sorted(path.name for path in (round_folder / "plans").iterdir()) == ["1.toml", "2.toml"]
    send("north_q4.xlsx", {"action/2.4/rating": "Green"}, "2020-04-14", period=Q4)
    second = merge(cedg, round_folder)
    # Read and judged by the version they were made from: the form's own text is not "typed outside the form".
    assert codes(second) & {"OUTSIDE_FORM", "LOCKED_CHANGED", "LEFT_PLAN", "NOT_IN_COPY", "OTHER_VERSION"} == set()
    changes = [finding["message"] for finding in second["findings"] if finding["code"] == "EARLIER_VERSION"]
    assert "EARLIER_VERSION" not in codes(first) and changes == [], "these were merged before the plan changed"
    assert [row for row in data(cedg, round_folder, "actions") if row["period"] == Q3] == before
    kept = master.read_bytes()
    assert cedg("merge", folder=round_folder).out.endswith("is already up to date.\n")
    master.unlink()
    merge(cedg, round_folder)
    assert master.read_bytes() == kept
    assert cedg("reconcile", folder=round_folder).status == 0


def test_what_the_plan_has_changed_since_is_said_once(cedg: Cedg, round_folder: Path, send: Send) -> None:
    cedg("template", "--period", Q3, folder=round_folder)
    late = send("north_q3.xlsx", {**RATED, **FIGURES})
    new_version(round_folder)
    (message,) = [finding["message"] for finding in merge(cedg, round_folder)["findings"] if finding["code"] == "EARLIER_VERSION"]
    assert message.startswith(
        "This copy was made from version 1 of the plan, and was read and checked by it. Since then the plan has changed: "
    )
    assert "also asks for 2.6" in message and "no longer asks for 2.3" in message
    assert "EARLIER_VERSION" not in codes(merge(cedg, round_folder))
    assert late.exists()


def test_two_officers_each_fill_in_half_a_copy(cedg: Cedg, round_folder: Path, send: Send) -> None:
    send("figures from the analyst.xlsx", FIGURES, "2020-01-13")
    send("ratings from the inspector.xlsx", RATED, "2020-01-14")
    result = merge(cedg, round_folder)
    assert set(statuses(result).values()) == {"combined"}
    assert codes(result) == {"COMBINED"}, "a rating that the other half has is not missing"
    assert cedg("check", folder=round_folder).out.count("clean") == 3
    assert {row["ref"]: row["value"] for row in data(cedg, round_folder, "kpis")}["K2.1"] == 7
    assert {row["ref"]: row["rating"] for row in data(cedg, round_folder, "actions")}["2.3"] == RATED["action/2.3/rating"]
    assert cedg("reconcile", folder=round_folder).status == 0
    printed = cedg("status", "--period", Q3, folder=round_folder).out
    assert "combined" in printed


def test_the_copy_sent_back_holds_both_halves(cedg: Cedg, round_folder: Path, send: Send) -> None:
    send("figures.xlsx", {**FIGURES, "kpi/K2.1/value": -7}, "2020-01-13")
    send("ratings.xlsx", {**RATED, "action/2.3/rating": "Blue"}, "2020-01-14")
    assert cedg("check", folder=round_folder).status == 1
    (copy,) = (round_folder / "feedback").glob("*.xlsx")
    back = json.loads(cedg("merge", copy, "--into", "trial.xlsx", "--format", "json", folder=round_folder).out)
    assert statuses(back) == {copy.name: "accepted"}
    kpis = json.loads(cedg("data", "trial.xlsx", "--table", "kpis", "--format", "json", folder=round_folder).out)
    actions = json.loads(cedg("data", "trial.xlsx", "--table", "actions", "--format", "json", folder=round_folder).out)
    assert {row["ref"]: row["value"] for row in kpis}["K2.1"] == -7
    assert {row["ref"]: row["rating"] for row in actions}["2.3"] == "Blue"


def test_january_s_file_is_filled_in_again_in_april(cedg: Cedg, round_folder: Path, send: Send) -> None:
    send("q3.xlsx", {**RATED, **FIGURES})
    send("q3 again.xlsx", {**RATED, **FIGURES, "kpi/K2.1/value": 30}, "2020-04-14")
    done = cedg("merge", folder=round_folder)
    assert done.status == 1 and "CLOSED_PERIOD" in done.out
    assert {row["ref"]: row["value"] for row in data(cedg, round_folder, "kpis")}["K2.1"] == 7
    preferred = merge(cedg, round_folder, "--prefer", "returns/q3 again.xlsx")
    assert statuses(preferred) == {"q3.xlsx": "superseded", "q3 again.xlsx": "accepted"}
    assert statuses(merge(cedg, round_folder))["q3 again.xlsx"] == "accepted", "remembered"


def test_prefer_and_combine_are_obeyed_or_refused(cedg: Cedg, round_folder: Path, send: Send) -> None:
    send("first.xlsx", {**RATED, **FIGURES}, "2020-01-13")
    send("second.xlsx", {**RATED, "kpi/K2.1/value": 9}, "2020-01-14")
    assert "CLEARS_EARLIER" in codes(merge(cedg, round_folder))
    preferred = merge(cedg, round_folder, "--prefer", "returns/first.xlsx")
    assert statuses(preferred) == {"first.xlsx": "accepted", "second.xlsx": "superseded"}
    combined = merge(cedg, round_folder, "--combine", "returns/first.xlsx", "returns/second.xlsx")
    assert set(statuses(combined).values()) == {"combined"}
    assert {row["ref"]: row["value"] for row in data(cedg, round_folder, "kpis")}["K2.1"] == 9
    send("other.xlsx", {}, agency="south")
    refused = cedg("merge", "--combine", "returns/first.xlsx", "returns/other.xlsx", folder=round_folder)
    assert refused.status == 2 and "two returns of the same agency and period" in refused.err


def test_withdraw_takes_only_the_bad_return_and_is_undone(cedg: Cedg, round_folder: Path, send: Send) -> None:
    send("good.xlsx", {**RATED, **FIGURES}, "2020-01-13")
    send("bad.xlsx", {**RATED, **FIGURES, "kpi/K2.1/value": 999}, "2020-01-14")
    merge(cedg, round_folder)
    value = lambda: {row["ref"]: row["value"] for row in data(cedg, round_folder, "kpis")}.get("K2.1")  # noqa: E731
    assert value() == 999
    out = cedg("withdraw", "north", Q3, folder=round_folder)
    assert out.out.startswith(f"The return from north for {Q3} is withdrawn. good.xlsx counts now.")
    assert value() == 7
    both = cedg("withdraw", "north", Q3, folder=round_folder)
    assert "counts as not heard from" in both.out and value() is None
    assert "1 of 2" not in cedg("status", "--period", Q3, folder=round_folder).out
    cedg("withdraw", "north", Q3, "--undo", folder=round_folder)
    assert value() == 7
    cedg("withdraw", "north", Q3, "--undo", folder=round_folder)
    assert value() == 999
    nothing = cedg("withdraw", "north", Q3, "--undo", folder=round_folder)
    assert nothing.status == 2 and "no withdrawn return" in nothing.err


def test_the_demo_with_a_plan_change_in_its_second_quarter_is_rebuilt_from_its_returns(cedg: Cedg, tmp_path: Path) -> None:
    """One action ends, another is retitled, and an agency joins one; the copies of the second quarter were still of both versions."""
    folder = tmp_path / "round"
    assert cedg("init", folder, "--plan", "rotherham-2019-2022").status == 0
    copy_samples(Q3, folder)
    merge(cedg, folder)
    before = [row for row in data(cedg, folder, "actions") if row["period"] == Q3]
    plan = tomllib.loads((folder / "plan.toml").read_text("utf-8"))
    plan["plan"]["version"] = "1.1"
    plan["action"] = [action for action in plan["action"] if action["ref"] != "1.3"]
    plan["action"][0]["title"] += ", again"
    (folder / "plan.toml").write_text(plan_toml(plan_from(plan)), "utf-8")
    assert cedg("template", "--period", Q4, folder=folder).status == 0
    copy_samples(Q4, folder)
    result = merge(cedg, folder)
    assert codes(result) & {"OUTSIDE_FORM", "LOCKED_CHANGED", "LEFT_PLAN", "NOT_IN_COPY", "OTHER_VERSION"} == set()
    after = data(cedg, folder, "actions")
    assert [row for row in after if row["period"] == Q3] == before
    kept, rows = (folder / "master.xlsx").read_bytes(), len(after)
    (folder / "master.xlsx").unlink()
    merge(cedg, folder)
    assert (folder / "master.xlsx").read_bytes() == kept and len(data(cedg, folder, "actions")) == rows
    assert cedg("reconcile", folder=folder).status == 0


def copy_samples(period: str, folder: Path) -> None:
    for path in sorted((SAMPLES / period).glob("*.xlsx")):
        shutil.copy(path, folder / "returns")
