"""Agencies that join and leave during a plan, and actions that end and become others: who is asked, counted and chased, and when."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from cedg_excel.closing.kpi_figures import kpi_figures
from cedg_excel.closing.report import report_of
from cedg_excel.closing.rollover import next_plan, to_review
from cedg_excel.copies.feedback import feedback_on
from cedg_excel.copies.template import build_template
from cedg_excel.errors import CannotWrite, PlanError
from cedg_excel.excel.save import to_bytes
from cedg_excel.master.figures_as_text import change_text, marked_total
from cedg_excel.master.merged import Merged
from cedg_excel.master.period_view import period_view
from cedg_excel.master.release import release_bytes
from cedg_excel.master.workbook import master_bytes
from cedg_excel.plan.from_data import plan_from
from cedg_excel.plan.model import Plan
from cedg_excel.planfiles.toml_file import plan_toml
from tests.conftest import COVER, Cedg, checked, table_rows
from tests.helpers.in_memory import merged

Q3, Q4, Q1 = PERIODS = ("2019-20-Q3", "2019-20-Q4", "2020-21-Q1")
DATES = {Q3: ("2019-10-01", "2019-12-31"), Q4: ("2020-01-01", "2020-03-31"), Q1: ("2020-04-01", "2020-06-30")}


def data_of(spans: Mapping[str, Mapping[str, str]], ends: Mapping[str, Mapping[str, str]], version: str = "2") -> dict[str, Any]:
    """A plan as nested tables: three agencies, three quarters; `spans` are by agency, `ends` by action."""
    accountable = {"2.1": ["north", "south"], "2.3": ["north", "south"], "2.7": ["south"], "2.8": ["west", "south"]}
    return {
        "plan": {"id": "leaving", "title": "A plan that changes", "start": "2019-10-01", "end": "2020-06-30", "version": version},
        "agency": [{"id": name, "name": name.capitalize(), **spans.get(name, {})} for name in ("north", "south", "west")],
        "objective": [{"number": 2, "title": "Support"}],
        "action": [
            {"ref": ref, "title": f"Title of {ref}", "agencies": agencies, "contributors": "all", **ends.get(ref, {})}
            for ref, agencies in accountable.items()
        ],
        "kpi": [{"ref": "K2.1", "measure": "Referrals", "good": "up", "baseline": 20, "agencies": ["north", "south", "west"]}],
        "period": [
            {"id": name, "label": f"{name[8:]} {name[:7]}", "year": "Year 1", "start": start, "end": end, "due": end}
            for name, (start, end) in DATES.items()
        ],
    }


SPANS = {"north": {"until": Q3}, "west": {"from": Q1}}
ENDS = {"2.3": {"until": Q3, "became": "2.7"}}


@pytest.fixture(scope="session")
def leaving() -> Plan:
    """North leaves after Q3, when 2.3 ends and becomes 2.7; West joins in Q1."""
    return plan_from(data_of(SPANS, ENDS))


ANSWERS: dict[tuple[str, str], dict[str, Any]] = {
    ("north", Q3): {"action/2.1/rating": "Red", "action/2.1/evidence": "Rooms are booked", "action/2.3/rating": "Amber",
                    "action/2.3/evidence": "Half are trained", "action/2.3/remedial_action": "A second trainer",
                    "action/2.3/target_date": date(2019, 11, 1), "kpi/K2.1/value": 12},
    ("south", Q3): {"action/2.1/rating": "Green", "action/2.3/rating": "Green", "kpi/K2.1/value": 5},
    ("south", Q4): {"action/2.1/rating": "Green", "action/2.7/rating": "Green", "action/2.8/rating": "Green", "kpi/K2.1/value": 6},
}  # fmt: skip


def show(plan: Plan, period: str, answers: Mapping[tuple[str, str], Mapping[str, Any]] = ANSWERS) -> Merged:
    return merged(plan, answers, period)


def texts_of(workbook: bytes, sheet: str) -> list[str]:
    rows = openpyxl.load_workbook(BytesIO(workbook))[sheet].iter_rows(values_only=True)
    return [str(value) for row in rows for value in row if value is not None]


# Who is asked, counted and chased

WHO = """
    | Period | Copies for          | Rate 2.1    | Rate 2.3    | Rate 2.7 | Rate 2.8    | Asked for K2.1 | Chased      |
    | Q3     | north, south        | north south | north south | south    | south       | north south    | north south |
    | Q4     | south               | south       |             | south    | south       | south          | south       |
    | Q1     | south, west         | south       |             | south    | south west  | south west     | south west  |
"""


@pytest.mark.parametrize(("period", "copies", "one", "three", "seven", "eight", "kpi", "chased"), table_rows(WHO))
def test_who_is_asked_counted_and_chased(
    cedg: Cedg, tmp_path: Path, leaving: Plan, period: str, copies: str, one: str, three: str, seven: str, eight: str, kpi: str, chased: str
) -> None:
    name = next(name for name in PERIODS if name.endswith(period))
    view = period_view(show(leaving, name, {}))
    asked = {ref: " ".join(sorted(view.overall[ref].doubt.asked)) if ref in view.overall else "" for ref in ("2.1", "2.3", "2.7", "2.8")}
    assert list(asked.values()) == [one, three, seven, eight]
    assert " ".join(view.kpi(leaving.kpis[0]).doubt.asked) == kpi
    (tmp_path / "plan.toml").write_text(plan_toml(leaving), "utf-8")
    assert cedg("template", "--period", name).status == 0
    assert [path.name for path in sorted((tmp_path / "outbox" / name).iterdir())] == [f"{a}_{name}.xlsx" for a in copies.split(", ")]
    status = cedg("status", "--period", name, "--chase", "chase", "--format", "json").json()
    assert [row["agency"] for row in status] == chased.split()
    with (tmp_path / "chase" / "chase.csv").open(encoding="utf-8", newline="") as file:
        assert [row["agency"] for row in csv.DictReader(file)] == chased.split()


@settings(max_examples=25, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_agency_is_asked_counted_or_chased_outside_its_periods(data: st.DataObject) -> None:
    some = st.sampled_from(("", *PERIODS))
    spans = {name: {"from": data.draw(some), "until": data.draw(some)} for name in ("north", "south", "west")}
    ends = {ref: {"until": data.draw(some)} for ref in ("2.1", "2.3", "2.7", "2.8")}
    try:
        plan = plan_from(data_of(spans, ends))
    except PlanError:
        assume(False)
    places = st.tuples(st.sampled_from(sorted(spans)), st.sampled_from(PERIODS))
    answers = dict.fromkeys(data.draw(st.sets(places)), ANSWERS["south", Q4])
    result = show(plan, data.draw(st.sampled_from(PERIODS)), answers)
    view = period_view(result)

    def within(agency: str, period: str) -> bool:
        first, last = spans[agency]["from"] or Q3, spans[agency]["until"] or Q1
        return PERIODS.index(first) <= PERIODS.index(period) <= PERIODS.index(last)

    for period in plan.periods:
        for ref, overall in view.answers.actions(period).items():
            assert not ends[ref]["until"] or PERIODS.index(period.id) <= PERIODS.index(ends[ref]["until"])
            assert all(within(name, period.id) for name in {*overall.doubt.asked, *overall.ratings, *overall.action.agencies})
            assert all(within(heard.agency, period.id) and within(heard.agency, heard.period.id) for heard in overall.last_heard)
        figures = view.kpi(plan.kpis[0], period)
        assert all(within(name, period.id) for name in {*figures.doubt.asked, *figures.figures})
        active = {agency.id for agency in plan.agencies if within(agency.id, period.id)}
        answered = {agency for agency, of in answers if of == period.id}
        assert (figures.total() or 0) == 6 * len(active & answered)
    returns = result.tables["returns"]
    silent = returns[returns["status"] == "not_received"]
    assert all(within(agency, period) for agency, period in zip(silent["agency"], silent["period"], strict=True))
    assert len(result.tables["kpis"]) == len(answers)  # and no answer is lost: the tables have every one
    assert all(within(item.agency.id, view.period.id) for item in view.overdue())
    master_bytes(result), release_bytes(result), report_of(view)  # no page of any of these plans is impossible


def test_nobody_leaving_makes_no_period_partial_and_nothing_better(leaving: Plan) -> None:
    """17 from two, then 6 from one: not partial, and the change is that of South alone."""
    view = period_view(show(leaving, Q4))
    kpi = leaving.kpis[0]
    assert [marked_total(view.kpi(kpi, leaving.period_by_id[name])) for name in (Q3, Q4)] == [17, 6]
    assert change_text(view.kpi_change(kpi)) == "the same 1 of 1 agencies: 5 → 6 since Q3 2019-20"
    assert view.rating_changes() == []  # 2.1 was Red for North only: that Green is now the worst is no improvement
    (row,) = kpi_figures(view, leaving.objectives[0]).rows
    assert row.change == "Not comparable with the baseline: now from 1 of 3 agencies"


def test_a_trend_begins_anew_when_other_agencies_are_asked() -> None:
    """Nine quarters of 10 from North and South, then one of South alone: the fall is who was asked, not a change."""
    whole = data_of({}, {})
    periods = [
        {"id": f"p{n:02}", "start": f"20{n:02}-01-01", "end": f"20{n:02}-12-31"} for n in range(10, 20)
    ]  # fmt: skip
    whole |= {"period": periods, "action": [], "agency": [{"id": "north", "name": "N", "until": "p18"}, {"id": "south", "name": "S"}]}
    whole["plan"] |= {"start": "2010-01-01", "end": "2019-12-31"}
    whole["kpi"][0] |= {"agencies": ["north", "south"], "good": "up"}
    plan = plan_from(whole)
    answers = {
        (agency, period["id"]): {"kpi/K2.1/value": 10 + n % 3} for n, period in enumerate(periods) for agency in ("north", "south")
    }  # fmt: skip
    del answers["north", "p19"]
    assert period_view(show(plan, "p18", answers)).trend(plan.kpis[0]).variation == "no significant change"
    assert period_view(show(plan, "p19", answers)).trend(plan.kpis[0]).variation == ""


def test_what_ended_is_neither_overdue_nor_off_track_but_stays_in_the_story(leaving: Plan) -> None:
    before, after = period_view(show(leaving, Q3)), period_view(show(leaving, Q4))
    assert ([item.action.ref for item in before.overdue()], after.overdue()) == (["2.3"], [])
    assert [item.action.ref for item in before.need_attention()] == ["2.1", "2.3", "2.7", "2.8"]
    assert [item.action.ref for item in after.need_attention()] == []
    master = master_bytes(after.merged)
    summary, page = texts_of(master, "Summary"), texts_of(master, "Objective 2")
    assert "1 of 1 agencies have answered; no cell is held back. See Returns and Findings." in summary
    assert "Not asked for Q4 2019-20: North (left after Q3 2019-20), West (joins in Q1 2020-21)." in summary
    assert "2.3 Title of 2.3: ended after Q3 2019-20 (Amber); continues as 2.7 Title of 2.7." in summary
    assert {"12", "17", "6"} <= set(page)  # North's own figure of Q3, and the totals of both quarters
    at = page.index("Ended or left during the plan: what was last reported")
    assert page[at + 1 : at + 11] == [
        "2.3 Title of 2.3", "Ended after Q3 2019-20 (Amber); continues as 2.7 Title of 2.7.",
        "North", "Half are trained\nRemedial action: A second trainer", "Amber in Q3 2019-20\nleft after Q3 2019-20",
        "South", "Green in Q3 2019-20",
        "2.1 Title of 2.1", "North", "Rooms are booked",
    ]  # fmt: skip
    assert [text for text in texts_of(master_bytes(before.merged), "Objective 2") if "Ended" in text or "left" in text] == []
    assert "North" in texts_of(master, "Returns")  # its return of Q3, by name


def test_what_an_agency_said_before_it_joined_is_not_its_last_word(leaving: Plan) -> None:
    """West joins in Q1; what it sent for Q3, unasked, does not keep 2.8 off track."""
    view = period_view(show(leaving, Q1, {("west", Q3): {"action/2.8/rating": "Red"}, ("south", Q1): ANSWERS["south", Q4]}))
    assert (view.overall["2.8"].doubt.silent, view.overall["2.8"].last_heard, view.overall["2.8"].rating) == (("west",), (), "Green")


def test_a_figure_nobody_asked_for_is_in_no_total_and_in_the_tables(leaving: Plan) -> None:
    result = show(leaving, Q4, {**ANSWERS, ("north", Q4): {"kpi/K2.1/value": 100}})
    figures = period_view(result).kpi(leaving.kpis[0])
    assert (figures.total(), figures.marks, sorted(figures.figures)) == (6, "", ["south"])
    assert 100 in list(result.tables["kpis"]["value"])
    assert "106" not in texts_of(master_bytes(result), "Objective 2")


def test_what_is_wrong_with_answers_nobody_asked_for_is_not_counted(leaving: Plan) -> None:
    stray = {"action/2.1/rating": "Amber", "action/2.1/evidence": "Words", "kpi/K2.1/value": "many", "cover/status": "Draft"}
    view = period_view(show(leaving, Q4, {**ANSWERS, ("north", Q4): stray}))
    assert {(row.agency, row.code) for row in view.merged.tables["findings"].itertuples() if row.period == Q4} >= {
        ("north", "AMBER_NEEDS_REMEDIAL"), ("north", "NOT_A_NUMBER"), ("north", "AGENCY_NOT_ACTIVE"),
    }  # fmt: skip
    assert (view.held_back_count(), len(view.unresolved_errors())) == (0, 0)
    assert view.action_row("north", "2.1") is None
    assert report_of(view).reliability == report_of(period_view(show(leaving, Q4))).reliability


def test_the_closure_report_tells_what_ended_and_who_left(leaving: Plan) -> None:
    report = report_of(period_view(show(leaving, Q4)))
    (section,) = report.sections
    assert [(item.action.ref, item.text) for item in section.ended] == [
        ("2.3", "ended after Q3 2019-20 (Amber); continues as 2.7 Title of 2.7")
    ]
    assert [(text.text, text.source) for text in section.ended[0].position] == [
        ("Half are trained\nRemedial action: A second trainer", "North, Q3 2019-20")
    ]
    position = next(item.position for item in section.unfinished if item.action.ref == "2.1")
    assert [(text.text, text.source) for text in position] == [("Rooms are booked", "North, Q3 2019-20")]
    assert "Not asked for Q4 2019-20: North (left after Q3 2019-20) and West (joins in Q1 2020-21)." in report.reliability
    assert "1 of 1 agencies answered for Q4 2019-20." in report.reliability


def test_an_action_that_was_finished_when_it_ended_is_an_achievement(leaving: Plan) -> None:
    blue = {"action/2.3/rating": "Blue", "action/2.3/date_achieved": date(2019, 12, 2), "action/2.3/evidence": "All are trained"}
    answers = {**ANSWERS, ("north", Q3): blue, ("south", Q3): blue}
    (section,) = report_of(period_view(show(leaving, Q4, answers))).sections
    assert [(item.action.ref, item.achieved.text, item.ended[:22]) for item in section.finished] == [
        ("2.3", "2 December 2019", "ended after Q3 2019-20")
    ]
    assert [text.source for text in section.finished[0].evidence] == ["North, Q3 2019-20", "South, Q3 2019-20"]
    assert section.ended == ()


def test_the_release_shows_what_ended_until_it_ended(leaving: Plan) -> None:
    rows = openpyxl.load_workbook(BytesIO(release_bytes(show(leaving, Q4))))["Ratings"].iter_rows(values_only=True)
    assert next(row for row in rows if row[0] == "2.3") == (
        "2.3", "Title of 2.3: ended after Q3 2019-20 (Amber); continues as 2.7 Title of 2.7", "Amber", "\u2013",
    )  # fmt: skip


def test_the_next_plan_has_neither_those_who_left_nor_what_ended(leaving: Plan) -> None:
    result = show(leaving, Q4)
    following = next_plan(leaving, result)
    assert [(agency.id, agency.from_, agency.until) for agency in following.agencies] == [("south", "", ""), ("west", "", "")]
    assert {action.ref: action.agencies for action in following.actions} == {"2.1": ("south",), "2.7": ("south",), "2.8": ("south", "west")}
    assert plan_from({**following.model_dump(by_alias=True, mode="json")}) == following
    last = plan_from(data_of({name: {"until": Q1} for name in ("north", "south", "west")}, {}))
    with pytest.raises(CannotWrite, match="Every agency leaves by the end of the plan"):
        next_plan(last, show(last, Q4))
    alone = plan_from(data_of({"south": {"until": Q1}}, {}))
    assert "Without an accountable agency, because it leaves: 2.7." in list(to_review(period_view(show(alone, Q4))))


# Through the commands


Send = Callable[..., Path]


def save(folder: Path, plan: Plan, agency: str, period: str, answers: Mapping[str, Any], when: datetime) -> Path:
    path = folder / "returns" / f"{agency}_{period}.xlsx"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(to_bytes(build_template(plan, agency, period, values={**COVER, **answers}), when))
    return path


def test_a_round_in_which_an_agency_leaves_and_an_action_becomes_another(cedg: Cedg, tmp_path: Path, leaving: Plan) -> None:
    first = plan_from(data_of({"west": {"from": Q1}}, {}, version="1"))
    (tmp_path / "plan.toml").write_text(plan_toml(first), "utf-8")
    assert "Wrote 2 copies for Q3 2019-20" in cedg("template").out
    for agency in ("north", "south"):
        save(tmp_path, first, agency, Q3, ANSWERS[agency, Q3], datetime(2019, 12, 20, 10, tzinfo=UTC))
    assert cedg("merge").status == 1  # South has not rated 2.7 and 2.8

    (tmp_path / "plan.toml").write_text(plan_toml(leaving), "utf-8")
    (tmp_path / "first.toml").write_text(plan_toml(first), "utf-8")
    assert cedg("plan", "diff", "first.toml", "plan.toml").out.splitlines() == [
        "The plan, version: \"1\" is now \"2\".", "Agency north leaves after 2019-20-Q3.",
        "Action 2.3 ends after 2019-20-Q3.", "Action 2.3 continues as 2.7.", "4 changes.",
    ]  # fmt: skip
    assert "Wrote 1 copy for Q4 2019-20" in cedg("template", "--period", Q4).out
    asked = cedg("template", "--period", Q4, "--agency", "north")
    assert (asked.status, asked.out, asked.err) == (
        2, "", "North is not asked for Q4 2019-20: it left after Q3 2019-20. Leave it out, name another period with --period, or change "
        "its from or until in the plan; nothing was written.\n",
    )  # fmt: skip
    assert cedg("status", "--period", Q4).out.splitlines()[-1] == "0 of 1 agencies have sent something; 1 has not."
    save(tmp_path, leaving, "south", Q4, ANSWERS["south", Q4], datetime(2020, 3, 20, 10, tzinfo=UTC))
    stray = save(tmp_path, first, "north", Q4, {"action/2.1/rating": "Red", "kpi/K2.1/value": 100}, datetime(2020, 3, 21, 10, tzinfo=UTC))

    findings = cedg("check", stray, "--format", "json").json()["findings"]
    found = next(finding for finding in findings if finding["code"] == "AGENCY_NOT_ACTIVE")
    assert (found["severity"], found["message"]) == (
        "warning", "The plan does not ask North for Q4 2019-20: it left after Q3 2019-20. Its answers were read and are in the data "
        "tables, but they count in no rating or total.",
    )  # fmt: skip
    assert list((tmp_path / "feedback").rglob(f"north_{Q4}*")) == []  # what it sent is not sent back to it
    assert "AGENCY_NOT_ACTIVE" in cedg("merge").out
    values = cedg("data", "--table", "kpis", "--format", "json").json()
    assert [(row["agency"], row["value"]) for row in values if row["period"] == Q4] == [("north", 100), ("south", 6)]
    summary = texts_of((tmp_path / "master.xlsx").read_bytes(), "Summary")
    assert "1 of 1 agencies have answered; no cell is held back. See Returns and Findings." in summary
    assert [text for text in summary if "100" in text or text.startswith("2.1 ")] == []
    assert cedg("status", "--period", Q4).out.splitlines()[-1] == "1 of 1 agencies have sent something; 0 have not."
    assert "the master equals them" in cedg("reconcile").out

    assert cedg("closure").status == 0
    words = [paragraph.text for paragraph in docx.Document(str(tmp_path / "closure.docx")).paragraphs]
    at = words.index("Actions that ended during the plan")
    assert words[at + 1 : at + 3] == [
        "2.3 Title of 2.3: ended after Q3 2019-20 (Amber); continues as 2.7 Title of 2.7.",
        "Half are trained\nRemedial action: A second trainer (North, Q3 2019-20)",
    ]  # fmt: skip
    assert cedg("rollover", "--out", "next.toml").status == 0
    assert "until" not in (tmp_path / "next.toml").read_text("utf-8")


def test_a_return_of_an_agency_that_is_not_asked_is_not_sent_back(leaving: Plan, tmp_path: Path) -> None:
    path = save(tmp_path, leaving, "north", Q4, {"action/2.1/rating": "Purple"}, datetime(2020, 3, 21, tzinfo=UTC))
    (item,) = checked(leaving, path)
    assert "AGENCY_NOT_ACTIVE" in [finding.code for finding in item.findings]
    assert feedback_on(item, leaving) is None
