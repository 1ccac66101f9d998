"""The differences between two versions of a plan, advice on one plan, and the commands for plans."""

from __future__ import annotations

from pathlib import Path

import pytest

from cedg_excel.plan.diff import plan_diff
from cedg_excel.plan.from_data import plan_from
from cedg_excel.plan.model import Plan
from cedg_excel.planfiles.advice import advice_on
from cedg_excel.planfiles.plan_file import load_plan
from cedg_excel.planfiles.toml_file import plan_toml
from tests.conftest import Cedg
from tests.helpers.places import PLANS, SMALL

LATER = PLANS / "small-2.toml"
Q3, Q4 = "2019-20-Q3", "2019-20-Q4"


def changed(plan: Plan, old: str, new: str, tmp_path: Path) -> Plan:
    """The plan with one change in its TOML."""
    text = plan_toml(plan)
    assert old in text
    path = tmp_path / "plan.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return load_plan(path)


def test_diff_lists_every_change_in_the_plans_order(cedg: Cedg) -> None:
    completed = cedg("plan", "diff", SMALL, LATER)
    assert (completed.status, completed.err) == (0, "")
    assert completed.out.splitlines() == [
        'The plan, version: "1" is now "2".',
        'Objective 2, lead: "A lead" is now "Another lead".',
        'Objective 2, purpose: "To test." is now "To test again.".',
        'Objective 3 is new: "Learning".',
        'Action 2.3 has ended: "Review training".',
        'Action 2.4 was renamed: "Run a campaign" is now "Run two campaigns".',
        "Action 2.5, agencies: now also south; no longer north.",
        "Action 2.5, target date: 30/11/2019 is now 31/03/2020.",
        'Action 2.6 is new: "Train volunteers".',
        'Action 3.1 is new: "Write a framework".',
        'KPI K2.1 has ended: "Referrals".',
        'KPI K3.1 is new: "Volunteers trained".',
        "Period 2019-20-Q4, due: 20/04/2020 is now blank.",
        'Version 1 is new: "".',
        'Version 2 is new: "2.3 and K2.1 ended; 2.6, objective 3 and K3.1 added; 2.4 renamed; 2.5 moved to south".',
        "15 changes.",
    ]


def test_diff_as_json(cedg: Cedg) -> None:
    rows = cedg("plan", "diff", SMALL, LATER, "--format", "json").json()["changes"]
    assert len(rows) == 15
    assert rows[7] == {
        "kind": "redated", "table": "action", "ref": "2.5", "title": "Agree a protocol", "key": "target_date",
        "old": "2019-11-30", "new": "2020-03-31",
    }  # fmt: skip
    assert [row["kind"] for row in rows] == [
        "changed", "changed", "changed", "added", "ended", "renamed", "moved", "redated", "added", "added", "ended", "added",
        "redated", "added", "added",
    ]  # fmt: skip


def test_same_plan_in_toml_and_excel_has_no_changes(cedg: Cedg, tmp_path: Path) -> None:
    assert cedg("plan", "to-excel", SMALL, "plan.xlsx").status == 0
    assert cedg("plan", "diff", SMALL, "plan.xlsx").out == "The two plans are the same.\n"


def test_action_under_another_ref_has_moved(small: Plan, tmp_path: Path) -> None:
    """Found by its title, when one action with it was removed and one was added; otherwise one has ended and another is new."""
    later = changed(small, 'ref = "2.4"', 'ref = "2.9"', tmp_path)
    assert [change.as_line() for change in plan_diff(small, later)] == [
        'Action 2.4 is now 2.9: "Run a campaign". Returns made before this change still use 2.4.'
    ]
    data = small.model_dump(by_alias=True)
    data["action"][1]["title"] = data["action"][2]["title"]
    twins = plan_from({key: list(value) if isinstance(value, tuple) else value for key, value in data.items()})
    later = changed(changed(twins, 'ref = "2.4"', 'ref = "2.9"', tmp_path), 'ref = "2.3"', 'ref = "2.8"', tmp_path)
    assert sorted(change.kind for change in plan_diff(twins, later)) == ["added", "added", "ended", "ended"]


@pytest.mark.parametrize(
    ("old", "new", "advice"),
    [
        ("[plan]", "[plan]", []),
        ("[[objective]]", '[[objective]]\nnumber = 3\ntitle = "Empty"\n\n[[objective]]', ["Objective 3 has no actions."]),
        ('name = "South Agency"', 'name = "South Agency"\n\n[[agency]]\nid = "west"\nname = "West Agency"',
         ["West Agency (west) has nothing to do: no action or KPI names it."]),
        ('title = "Run a campaign"\nagencies = ["north"]', 'title = "Run a campaign"',
         ["Action 2.4 has no accountable agency, so nobody rates it."]),
        ("target_date = 2019-11-30", "target_date = 2025-11-30",
         ["Action 2.5: its target date, 30/11/2025, is after the end of the plan."]),
        ("start = 2020-01-01", "start = 2019-12-15", ["Periods 2019-20-Q3 and 2019-20-Q4 overlap."]),
        ("start = 2020-01-01", "start = 2020-01-05", ["Between periods 2019-20-Q3 and 2019-20-Q4, 4 days belong to neither."]),
        ("start = 2020-01-01", "start = 2019-09-01",
         ["Period 2019-20-Q4 is listed after 2019-20-Q3, but begins before it. Put the periods in order."]),
        ("due = 2020-01-20", "due = 2019-12-20", ["Period 2019-20-Q3 is due before it has ended."]),
        ("end = 2022-09-30", "end = 2019-12-31", ["Period 2019-20-Q4 is outside the dates of the plan."]),
        ('unit = "percent"', 'unit = "percent"\ntarget = 0.45', ["KPI K2.2: its target is 0.45 per cent. If 45 is meant, type that."]),
        ('combine = "sum"', 'combine = "single"', ["KPI K2.1 is a single agency's figure, but 2 are asked for it, so it has no total."]),
        ("# Reporting periods", '[[version]]\ndate = 2020-01-01\nnumber = "2"\n',
         ["Version 1 is in use, but is not in the list of versions (2)."]),
        ("# Reporting periods",
         '[[waiver]]\nrule = "RATING_MISING"\nagency = "north"\nreason = "-"\nwho = "-"\nuntil = 2020-01-01\n',
         ["There is no rule RATING_MISING, so its waiver has no effect. Did you mean 'RATING_MISSING'?"]),
    ],
)  # fmt: skip
def test_advice_on_a_plan(small: Plan, tmp_path: Path, old: str, new: str, advice: list[str]) -> None:
    assert advice_on(changed(small, old, new, tmp_path)) == advice


# The commands


def test_check_summarises_the_plan(cedg: Cedg) -> None:
    completed = cedg("plan", "check", "rotherham-2019-2022")
    assert (completed.status, completed.err) == (0, "")
    assert completed.out.splitlines() == [
        "Work Plan for Child Exploitation Delivery Group 2019-2022 (rotherham-2019-2022), version 1, 18/07/2019 to 30/09/2022.",
        "12 agencies; 6 objectives; 26 actions, 8 of them without an end; 39 KPIs, 36 of them live.",
        "12 periods, Q3 2019-20 to Q2 2022-23.",
        "The plan can be used.",
    ]


def test_check_lists_all_mistakes_in_a_plan(cedg: Cedg) -> None:
    assert cedg("plan", "new", "plan.xlsx").status == 0
    completed = cedg("plan", "check", "plan.xlsx")
    assert (completed.status, completed.out, len(completed.err.splitlines())) == (2, "", 8)
    assert "  Plan!B10: Title is missing.\n" in completed.err


def test_new_overwrites_nothing(cedg: Cedg, tmp_path: Path) -> None:
    (tmp_path / "plan.xlsx").write_text("mine")
    completed = cedg("plan", "new", "plan.xlsx")
    assert (completed.status, completed.out, completed.err) == (
        2,
        "",
        "plan.xlsx already exists. Name another file; nothing was changed.\n",
    )
    assert (tmp_path / "plan.xlsx").read_text() == "mine"


def test_commands_convert_a_plan_to_excel_and_back(cedg: Cedg, tmp_path: Path, plan: Plan) -> None:
    assert cedg("plan", "to-excel", "rotherham-2019-2022", "plan.xlsx").out == "Wrote plan.xlsx.\n"
    assert cedg("plan", "to-toml", "plan.xlsx", "again.toml").out == "Wrote again.toml.\n"
    assert cedg("plan", "to-toml", "plan.xlsx", "again.toml").out == "Wrote again.toml, replacing the plan that was there.\n"
    assert load_plan(tmp_path / "again.toml") == plan


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["to-excel", SMALL, "x.toml"],
            "The file to write must end in .xlsx, and x.toml does not. Name another file; nothing was changed.",
        ),
        (["to-toml", SMALL, SMALL], f"{SMALL} is the plan itself. Name another file; nothing was changed."),
        (["check", "none.xlsx"], "There is no plan file none.xlsx, and no plan of that name comes with the program."),
    ],
)
def test_a_plan_command_that_cannot_run_gives_one_sentence(cedg: Cedg, arguments: list[str], sentence: str) -> None:
    completed = cedg("plan", *arguments)
    assert (completed.status, completed.out, completed.err) == (2, "", f"{sentence}\n")


def test_a_group_starts_from_a_blank_plan(cedg: Cedg, tmp_path: Path) -> None:
    completed = cedg("init", "ours", "--plan", "blank")
    assert (completed.status, completed.err) == (0, "")
    assert completed.out.splitlines()[1:] == ["Next: cd ours && cedg plan check plan.xlsx", "Then: cedg template"]
    assert sorted(path.name for path in (tmp_path / "ours").iterdir()) == ["control.xlsm", "feedback", "outbox", "plan.xlsx", "returns"]
    assert cedg("template", folder=tmp_path / "ours").status == 2
    assert "is already a round folder" in cedg("init", "ours", folder=tmp_path).err


def test_round_runs_from_a_plan_workbook(cedg: Cedg, tmp_path: Path) -> None:
    cedg("plan", "to-excel", SMALL, "mine.xlsx")
    assert cedg("init", "ours", "--plan", "mine.xlsx").status == 0
    assert (tmp_path / "ours" / "plan.xlsx").is_file()
    assert cedg("template", folder=tmp_path / "ours").out.startswith("Wrote 2 copies for Q3 2019-20")
    assert cedg("template", "--plan", "mine.xlsx", "-o", "copies").status == 0


@pytest.mark.parametrize(
    ("key", "old", "new", "sentence"),
    [
        ("from", "", Q4, "joins in 2019-20-Q4."),
        ("from", Q4, "", "is there from the start, and no longer joins in 2019-20-Q4."),
        ("until", "", Q3, "leaves after 2019-20-Q3."),
        ("until", Q3, Q4, "leaves after 2019-20-Q4 instead of 2019-20-Q3."),
        ("until", Q3, "", "no longer leaves after 2019-20-Q3."),
    ],
)
def test_an_agency_that_joins_or_leaves_is_said_in_words(small: Plan, key: str, old: str, new: str, sentence: str) -> None:
    def of(period: str) -> Plan:
        data = small.model_dump(by_alias=True)
        west = {"id": "west", "name": "West", key: period}
        return plan_from({**{k: list(v) if isinstance(v, tuple) else v for k, v in data.items()}, "agency": [*data["agency"], west]})

    (change,) = plan_diff(of(old), of(new))
    assert (change.as_line(), change.kind, change.key, change.old, change.new) == (f"Agency west {sentence}", "redated", key, old, new)


def test_advice_on_a_kpi_whose_agencies_have_left(small: Plan, tmp_path: Path) -> None:
    data = small.model_dump(by_alias=True)
    data["agency"] = [*data["agency"], {"id": "west", "name": "West", "until": Q3}]
    data["kpi"][2]["agencies"] = ["west"]
    plan = plan_from({key: list(value) if isinstance(value, tuple) else value for key, value in data.items()})
    assert advice_on(plan) == ["KPI K2.3: none of its agencies is active in Q4 2019-20, so nobody gives its figure then."]
