"""Numbers that cannot mislead: nobody's silence reads as news, and what is doubtful is marked where it is read."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from cedg_excel.checking.check import check
from cedg_excel.closing.kpi_figures import kpi_figures
from cedg_excel.master.comparison import BETTER, KpiComparison, compare_kpi, marked_rating
from cedg_excel.master.doubt import HELD_BACK, IN_ERROR, PARTIAL
from cedg_excel.master.figures_as_text import change_text, marked_total, total_with_unit
from cedg_excel.master.merge import merge
from cedg_excel.master.merged import Merged
from cedg_excel.master.period_view import PeriodView, period_view
from cedg_excel.master.read_workbook import tables
from cedg_excel.master.release import release_bytes
from cedg_excel.master.store import Store, object_frame, records
from cedg_excel.master.tables import ADDED_LATER, COLUMNS
from cedg_excel.master.trends import HIGHER, MAY, MISS, NO_CHANGE
from cedg_excel.master.workbook import master_bytes
from cedg_excel.plan.from_data import plan_from
from cedg_excel.plan.model import Plan
from cedg_excel.ratings import overall_rating
from cedg_excel.returns.read import read_returns
from tests.conftest import plan_with
from tests.helpers.in_memory import merged
from tests.helpers.places import ROOT

LONG = bool(os.environ.get("CEDG_LONG"))
AGENCIES, PERIODS = ("a", "b", "c"), ("p1", "p2", "p3")
RATINGS = ("Red", "Amber", "Green", "Blue")


@pytest.fixture(scope="session")
def three() -> Plan:
    """Three agencies, three quarters, three actions (of all, of two, of one), and KPIs of each kind."""
    quarters = [("p1", "2020-01-01", "2020-03-31"), ("p2", "2020-04-01", "2020-06-30"), ("p3", "2020-07-01", "2020-09-30")]
    return plan_from({
        "plan": {"id": "three", "title": "Three", "start": "2020-01-01", "end": "2020-12-31", "version": "1"},
        "agency": [{"id": name, "name": name.upper()} for name in AGENCIES],
        "objective": [{"number": 1, "title": "One"}],
        "action": [
            {"ref": "1.1", "title": "Of all", "agencies": [*AGENCIES]},
            {"ref": "1.2", "title": "Of two", "agencies": ["a", "b"]},
            {"ref": "1.3", "title": "Of one", "agencies": ["c"]},
        ],
        "kpi": [
            {"ref": "K1.1", "measure": "Sum", "good": "up", "agencies": [*AGENCIES]},
            {"ref": "K1.2", "measure": "Share", "unit": "percent", "combine": "ratio", "good": "down", "agencies": ["a", "b"]},
            {"ref": "K1.3", "measure": "Days", "unit": "days", "good": "down", "combine": "single", "agencies": ["c"], "target": 10},
        ],
        "period": [{"id": name, "label": name.upper(), "year": "2020", "start": start, "end": end} for name, start, end in quarters],
    })  # fmt: skip


def asked(plan: Plan, agency: str) -> dict[str, st.SearchStrategy[Any]]:
    """What an agency can answer, by key: a rating, a figure, now and then one that cannot be used or has an error."""
    found: dict[str, st.SearchStrategy[Any]] = {}
    for action in plan.actions:
        if agency in action.agencies:
            found[f"action/{action.ref}/rating"] = st.sampled_from([*RATINGS, *RATINGS, "Purple", None])
    for kpi in plan.kpis:
        if agency in kpi.agencies:
            number = st.one_of(st.integers(0, 60), st.sampled_from([-3, "about 40", None]))
            if kpi.unit == "percent":
                found |= {f"kpi/{kpi.ref}/numerator": number, f"kpi/{kpi.ref}/denominator": number}
            else:
                found[f"kpi/{kpi.ref}/value"] = number
            found[f"kpi/{kpi.ref}/reason"] = st.sampled_from([None, None, "Not collected"])
    return found


@st.composite
def rounds(draw: st.DrawFn, plan: Plan) -> dict[tuple[str, str], dict[str, Any]]:
    """The returns of a plan: most agencies answer most periods."""
    answers = {}
    for agency in AGENCIES:
        for period in PERIODS:
            if draw(st.sampled_from([True, True, True, False])):
                answers[agency, period] = {key: draw(value) for key, value in asked(plan, agency).items()}
    return answers


Answered = dict[tuple[str, str], dict[str, Any]]


def taken_away(answers: Answered, choice: int) -> Iterator[Answered]:
    """The same with one return less, and with one answer less: which one `choice` says."""
    places = sorted(answers)
    if places:
        place = places[choice % len(places)]
        yield {key: value for key, value in answers.items() if key != place}
        own = answers[place]
        if own:
            gone = sorted(own)[choice % len(own)]
            ref = gone.rpartition("/")[0]
            yield {**answers, place: {key: value for key, value in own.items() if key != gone}}
            yield {**answers, place: {key: value for key, value in own.items() if not key.startswith(ref)}}


def claims(view: PeriodView) -> tuple[set[str], set[str], set[str]]:
    """The actions called better, those that need attention, and those called done."""
    better = {change.action.ref for change in view.rating_changes() if change.text.startswith(BETTER)}
    attention = {ratings.action.ref for ratings in view.need_attention()}
    done = {ref for ref, ratings in view.overall.items() if ratings.is_done}
    return better, attention, done


EXAMPLES = settings(max_examples=400 if LONG else 40, deadline=None, derandomize=not LONG, suppress_health_check=list(HealthCheck))


@given(data=st.data(), choice=st.integers(0, 10_000))
@EXAMPLES
def test_taking_an_answer_away_makes_nothing_better(three: Plan, data: st.DataObject, choice: int) -> None:
    answers = data.draw(rounds(three))
    better, attention, done = claims(period_view(merged(three, answers, "p3")))
    for less in taken_away(answers, choice):
        better_then, attention_then, done_then = claims(period_view(merged(three, less, "p3")))
        assert better_then <= better
        assert attention_then >= attention
        assert done_then <= done


RATED_OR_NOT = (*RATINGS, None)


def rated(plan: Plan, ratings: Mapping[tuple[str, str], str | None]) -> PeriodView:
    """The view of the second period, from ratings of action 1.2 by agency and period: every row is of a return that is used."""
    rows_ = {name: [dict.fromkeys(columns) for _ in ratings] for name, columns in COLUMNS.items()}
    for number, ((agency, period), rating) in enumerate(ratings.items()):
        rows_["actions"][number] |= {"period": period, "agency": agency, "objective": 1, "ref": "1.2", "rating": rating}
        rows_["returns"][number] |= {"period": period, "agency": agency, "status": "accepted"}
    frames = {name: object_frame(columns, [] if name not in ("actions", "returns") else map(dict.values, rows_[name]))
              for name, columns in COLUMNS.items()}  # fmt: skip
    return period_view(Merged(plan, Store(), frames, {}, {}, "p2"))


def test_no_rating_taken_away_makes_an_action_better_in_any_round_of_two_agencies(three: Plan) -> None:
    """All 625 rounds of two agencies in two quarters, each with every one of its ratings taken away."""
    places = [(agency, period) for agency in ("a", "b") for period in ("p1", "p2")]
    of_round = {}
    for given_ in product(RATED_OR_NOT, repeat=len(places)):
        better, attention, done = claims(rated(three, dict(zip(places, given_, strict=True))))
        of_round[given_] = "1.2" in better, "1.2" in attention, "1.2" in done
    for given_, (better_, attention_, done_) in of_round.items():
        for gone in range(len(places)):
            less_better, less_attention, less_done = of_round[*given_[:gone], None, *given_[gone + 1 :]]
            assert less_better <= better_, (given_, gone)
            assert less_attention >= attention_, (given_, gone)
            assert less_done <= done_, (given_, gone)


@given(data=st.data())
@EXAMPLES
def test_every_headline_equals_what_cedg_data_gives_and_is_marked_where_it_is_doubtful(
    three: Plan, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    result = merged(three, data.draw(rounds(three)), "p3")
    view, printed = period_view(result), printed_data(result, tmp_path_factory.mktemp("master"))
    for action in three.actions:
        found = rows(printed["actions"], action.ref)
        given_ = {row["agency"]: row["rating"] for row in found if row["rating"]}
        ratings = view.overall[action.ref]
        assert ratings.ratings == given_
        if not ratings.still_off_track:
            assert ratings.rating == overall_rating([given_.get(agency) for agency in action.agencies])
        answered = set(given_)
        assert marks_of(marked_rating(ratings)) == expected_marks(found, answered, set(action.agencies))
    for kpi in three.kpis:
        found, period = rows(printed["kpis"], kpi.ref), view.kpi(kpi)
        assert period.total() == pytest.approx(by_hand(found, kpi.combine))
        answered = {row["agency"] for row in found if figure_of(row) is not None}
        assert marks_of(str(marked_total(period))) == expected_marks(found, answered, set(kpi.agencies), period.total() is not None)


Row = dict[str, Any]


def printed_data(result: Merged, folder: Path) -> dict[str, list[Row]]:
    """What `cedg data MASTER --format json` prints of the actions and KPIs, read from the master's file."""
    path = folder / "master.xlsx"
    path.write_bytes(master_bytes(result))
    return {name: tables(path)[name].to_dict("records") for name in ("actions", "kpis")}


def rows(table: list[Row], ref: str) -> list[Row]:
    return [row for row in table if (row["period"], row["ref"]) == ("p3", ref)]


def figure_of(row: Row) -> Any:
    """The figure of a row: a number, or numerator and denominator; None where it is not complete."""
    if row["numerator"] is not None and row["denominator"] is not None:
        return row["numerator"], row["denominator"]
    return row["value"]


def expected_marks(found: list[Row], answered: set[str], asked_: set[str], has_total: bool = True) -> set[str]:
    """The marks of a headline from the column `doubt` and from who is in the table."""
    doubts = {(row["agency"], row["doubt"]) for row in found}
    marks = {IN_ERROR} if any(doubt == "in_error" and agency in answered for agency, doubt in doubts) else set()
    marks |= {HELD_BACK} if any(doubt == "held_back" for _, doubt in doubts) else set()
    return marks | ({PARTIAL} if has_total and answered != asked_ else set())


def marks_of(text: str) -> set[str]:
    return {mark for mark in (IN_ERROR, PARTIAL, HELD_BACK) if mark in text}


def by_hand(found: list[Row], combine: str) -> float | None:
    """A total from the table of KPIs, worked out apart from the program's own way."""
    figures = [figure for row in found if (figure := figure_of(row)) is not None]
    if combine == "ratio":
        whole = sum(b for _, b in figures)
        return sum(a for a, _ in figures) / whole * 100 if whole else None
    return sum(figures) if figures and (combine == "sum" or len(figures) == 1) else None


def test_silence_is_no_improvement(three: Plan) -> None:
    """The two examples that misled: a silent Amber read as better, and fewer agencies as a fall or, where low is good, as a gain."""
    full: Answered = {
        (agency, period): {"action/1.1/rating": "Amber" if agency == "a" else "Green", "kpi/K1.1/value": 50}
        for agency in AGENCIES for period in ("p1", "p2")
    }  # fmt: skip
    silent = {place: given_ for place, given_ in full.items() if place != ("a", "p2")}
    view = period_view(merged(three, silent, "p2"))
    assert (view.overall["1.1"].rating, view.rating_changes()) == ("Amber", [])
    assert next(ratings.action.ref for ratings in view.need_attention()) == "1.1"
    kpi = three.kpi_by_ref["K1.1"]
    assert marked_total(view.kpi(kpi)) == f"100 {PARTIAL}"
    assert change_text(view.kpi_change(kpi)) == "the same 2 of 3 agencies: 100 → 100 since P1"


def test_a_change_is_shown_of_an_action_that_is_not_rated_as_a_whole(three: Plan) -> None:
    """One agency went from Red to Blue and the other gave no rating: the change is named, and the whole is not known."""
    answers = {("a", "p1"): {"action/1.2/rating": "Red"}, ("a", "p2"): {"action/1.2/rating": "Blue"}}
    row = next(row for row in sheets_of(master_bytes(merged(three, answers, "p2")))["Summary"] if "Red to Blue" in str(row[1]))
    assert row[1:3] == ("Red to Blue (1 of 2 agencies)", f"Not rated {IN_ERROR}{PARTIAL}"), "Blue without a date is an error"


def test_the_counts_of_an_objective_are_marked_where_one_of_its_ratings_is(three: Plan) -> None:
    everything: Answered = {(name, "p1"): {f"action/{a.ref}/rating": "Green" for a in three.actions} for name in AGENCIES}
    silent = {place: given_ for place, given_ in everything.items() if place != ("a", "p1")}
    for answers, mark in ((everything, ""), (silent, f" {PARTIAL}")):
        summary = sheets_of(master_bytes(merged(three, answers, "p1")))["Summary"]
        assert [row[0] for row in summary if str(row[0]).startswith(("1. One", "All objectives"))] == [
            f"1. One{mark}",
            f"All objectives{mark}",
        ]


DOUBT = """
    | value    | doubt     |
    | 5        |           |
    | -3       | in_error  |
    | about 40 | held_back |
"""


@pytest.mark.parametrize("line", [line.strip().strip("|").split("|") for line in DOUBT.strip().splitlines()[1:]])
def test_the_data_say_how_far_a_row_can_be_trusted(three: Plan, tmp_path: Path, line: list[str]) -> None:
    typed, doubt = (part.strip() for part in line)
    value = int(typed) if typed.lstrip("-").isdigit() else typed
    (row,) = rows(printed_data(merged(three, {("c", "p3"): {"kpi/K1.3/value": value}}, "p3"), tmp_path)["kpis"], "K1.3")
    assert (row["value"], row["doubt"]) == (value if isinstance(value, int) else None, doubt or None)


def test_from_eight_periods_on_the_data_say_what_the_totals_mean(three: Plan, tmp_path: Path) -> None:
    quarters = [
        {"id": f"p{n}", "label": f"P{n}", "year": str(year), "start": f"{year}-01-01", "end": f"{year}-03-31"}
        for n, year in enumerate(range(2020, 2029), 1)
    ]
    plan = plan_with(three, period=quarters)
    answers = {("c", period.id): {"kpi/K1.3/value": 20 + number % 2} for number, period in enumerate(plan.periods)}
    answers["c", "p9"] = {"kpi/K1.3/value": 90}
    printed = printed_data(merged(plan, answers, "p9"), tmp_path)["kpis"]
    found = [(row["period"], row["variation"], row["assurance"]) for row in printed if row["ref"] == "K1.3"]
    assert [row[1:] for row in found[:7]] == [(None, None)] * 7
    assert found[7:] == [("p8", NO_CHANGE, MISS), ("p9", HIGHER, MAY)]


def test_a_master_of_an_earlier_version_has_no_such_columns_and_is_read(
    three: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = merged(three, {("c", "p3"): {"kpi/K1.3/value": 5}}, "p3")
    with monkeypatch.context() as earlier:
        columns = [name for name in COLUMNS["kpis"] if name not in ADDED_LATER]
        earlier.setitem(COLUMNS, "kpis", tuple(columns))
        data = master_bytes(replace(result, tables={**result.tables, "kpis": result.tables["kpis"][columns]}))
    (tmp_path / "old.xlsx").write_bytes(data)
    (row,) = rows(tables(tmp_path / "old.xlsx")["kpis"].to_dict("records"), "K1.3")
    assert (row["value"], row["doubt"], row["variation"]) == (5, None, None)


PRECISION = """
    | unit    | total    | shown      |
    | count   | 1204     | 1204       |
    | percent | 106.4516 | 106%       |
    | percent | 9.223    | 9.2%       |
    | percent | 0.5      | 0.5%       |
    | percent | 50       | 50%        |
    | days    | 9.223    | 9.2 days   |
    | days    | 1        | 1 day      |
"""


@pytest.mark.parametrize("line", [line.strip().strip("|").split("|") for line in PRECISION.strip().splitlines()[1:]])
def test_a_total_is_as_precise_as_it_can_be_read(three: Plan, line: list[str]) -> None:
    unit, total, shown = (part.strip() for part in line)
    kpi = three.kpis[0].model_copy(update={"unit": unit})
    assert str(total_with_unit(kpi, float(total))) == shown


@pytest.fixture(scope="module")
def demo(plan: Plan) -> Mapping[tuple[str, str], Any]:
    """The sample returns of both quarters, read and checked once, by agency and period."""
    paths = sorted((ROOT / "samples").glob("20*/*.xlsx"))
    checked = check(read_returns(paths, plan), plan)
    return {(item.returned.stamp.agency, item.returned.stamp.period): item for item in checked if item.returned.stamp}


def test_no_drop_out_changes_the_sign_of_a_change(plan: Plan, demo: Mapping[tuple[str, str], Any]) -> None:
    """Agencies fall silent at random in the second quarter: what is said to have gone up has gone up for those who answered twice."""
    rng = random.Random(14)  # noqa: S311 a seed, not a secret
    first, second = "2019-20-Q3", "2019-20-Q4"
    for _ in range(1000 if LONG else 12):
        silent = {agency.id for agency in plan.agencies if rng.random() < 0.35}
        items = [item for (agency, period), item in demo.items() if period == first or agency not in silent]
        view = period_view(merge(items, plan, show=second))
        for kpi in plan.kpis:
            change = compare_kpi(*(view.answers.kpi(kpi, plan.period_by_id[period]) for period in (first, second)))
            assert sign(change.before, change.after) == like_for_like(view, kpi.ref, kpi.combine, change), kpi.ref


def sign(before: float | None, after: float | None) -> int | None:
    return None if before is None or after is None else (after > before) - (after < before)


def like_for_like(view: PeriodView, ref: str, combine: str, change: KpiComparison) -> int | None:
    """The sign of the change from the table alone, over the agencies in it in both quarters."""
    table: dict[str, dict[str, Any]] = {}
    for row in records(view.merged.tables["kpis"]):
        number = (row.numerator, row.denominator) if combine == "ratio" else row.value
        usable = None not in number if isinstance(number, tuple) else isinstance(number, int | float)
        if row.ref == ref and usable:
            table.setdefault(row.period, {})[row.agency] = number
    then, now = (table.get(period, {}) for period in (change.earlier.period.id, change.later.period.id))
    common = then.keys() & now.keys()
    if not common or (combine == "single" and len(common) > 1):
        return None
    if combine == "ratio":
        (a, b), (c, d) = (tuple(sum(x[i] for k, x in part.items() if k in common) for i in (0, 1)) for part in (then, now))
        return sign(100 * a / b, 100 * c / d) if b and d else None
    return sign(sum(v for k, v in then.items() if k in common), sum(v for k, v in now.items() if k in common))


@pytest.fixture(scope="module")
def demo_master(plan: Plan, demo: Mapping[tuple[str, str], Any]) -> Merged:
    """The demo's master for its second quarter, with one agency silent."""
    return merge([item for place, item in demo.items() if place != ("rdash", "2019-20-Q4")], plan, show="2019-20-Q4")


def test_summary_page_release_and_report_give_the_same_figure(demo_master: Merged) -> None:
    plan, view = demo_master.plan, period_view(demo_master)
    pages, released_ = sheets_of(master_bytes(demo_master)), sheets_of(release_bytes(demo_master))
    reported = {row.kpi.ref: row.latest for objective in plan.objectives for row in kpi_figures(view, objective).rows}
    compared = 0
    for kpi in plan.kpis:
        if kpi.unit == "words" or not kpi.is_live or view.kpi(kpi).total() is None:
            continue
        total = str(marked_total(view.kpi(kpi)))
        page = row_of(pages[f"Objective {kpi.objective}"], kpi.ref)
        assert str(page[3]) == total, "the second quarter of the year on the objective's page"
        assert reported[kpi.ref].text.replace(",", "") == total.replace(",", "")
        release = str(row_of(released_["Indicators"], kpi.ref)[5]).partition(" (from")[0]
        assert release.replace(",", "") == total.replace(",", "") or release.startswith(("under 5", "small numbers")), kpi.ref
        if kpi.good:
            assert str(row_of(pages["Summary"], kpi.ref)[2]) == total
        compared += 1
    assert compared > 20


def test_each_doubt_of_the_demo_is_marked_where_it_is_read(demo_master: Merged) -> None:
    """A figure above its total, one of part of the agencies, one that is held back, and a rating with an error."""
    summary = sheets_of(master_bytes(demo_master))["Summary"]
    marks = {ref: str(row_of(summary, ref)[2]) for ref in ("K1.4", "K2.2", "K2.5", "K3.1")}
    assert marks["K1.4"].endswith(PARTIAL)
    assert marks["K2.2"].endswith(f"{IN_ERROR}{PARTIAL}")
    assert marks["K2.5"].endswith(HELD_BACK) and "“about 40” is held back" in str(row_of(summary, "K2.5")[1])
    assert marks["K3.1"].endswith(PARTIAL)
    assert IN_ERROR in str(row_of(summary, "1.5")[2])
    assert any(str(row[0]).startswith(IN_ERROR) for row in summary), "the legend"


Sheet = list[tuple[Any, ...]]


def sheets_of(data: bytes) -> dict[str, Sheet]:
    """The values of each tab of a workbook, row by row."""
    book = load_workbook(BytesIO(data), data_only=True)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def row_of(sheet: Sheet, ref: str) -> tuple[Any, ...]:
    """The row that begins with a ref, alone or before a title."""
    return next(row for row in sheet if str(row[0]) == ref or str(row[0]).startswith(f"{ref} "))
