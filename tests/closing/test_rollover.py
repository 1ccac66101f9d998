"""The next plan: what is carried over, what is left blank, and that it can be used like any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cedg_excel.closing.rollover import next_plan, to_review, years_later
from cedg_excel.errors import CannotWrite
from cedg_excel.plan.model import Kpi, Period, Plan, Waiver
from cedg_excel.planfiles.plan_file import load_plan, plan_file
from tests.closing.conftest import NORTH, Q3, Q4, SOUTH, ViewOf, action
from tests.conftest import plan_with

NextPlanOf = Callable[..., Plan]


@pytest.fixture
def next_plan_of(view_of: ViewOf, small: Plan) -> NextPlanOf:
    """The plan that follows these returns."""

    def build(returns: Mapping[tuple[str, str], Any], plan: Plan = small) -> Plan:
        return next_plan(plan, view_of(returns, plan=plan).merged)

    return build


def test_unfinished_actions_keep_their_refs_and_name_their_source(next_plan_of: NextPlanOf) -> None:
    plan = next_plan_of({("north", Q3): NORTH, ("south", Q3): SOUTH})
    assert [(a.ref, a.title, a.detail) for a in plan.actions] == [
        ("2.3", "Review training", ("Carried over from 2.3 of the 2019 to 2022 plan (Amber in Q3 2019-20)",)),
        ("2.5", "Agree a protocol", ("Carried over from 2.5 of the 2019 to 2022 plan (Red in Q3 2019-20)",)),
    ]


def test_continuing_work_is_carried_over_even_if_blue(next_plan_of: NextPlanOf, small: Plan) -> None:
    plan = plan_with(small, action=tuple(a.model_copy(update={"continues": a.ref == "2.4"}) for a in small.actions))
    (going,) = (a for a in next_plan_of({("north", Q3): NORTH, ("south", Q3): SOUTH}, plan).actions if a.ref == "2.4")
    assert going.detail[-1] == "Carried over from 2.4 of the 2019 to 2022 plan (Blue in Q3 2019-20; work that continues)"


def test_unrated_action_is_carried_over_and_listed(view_of: ViewOf, next_plan_of: NextPlanOf) -> None:
    returns = {("north", Q3): NORTH, ("south", Q3): SOUTH, ("south", Q4): SOUTH}
    assert [a.ref for a in next_plan_of(returns).actions] == ["2.3", "2.4", "2.5"]
    assert "Carried over because not rated, though some may be finished: 2.4, 2.5." in list(to_review(view_of(returns)))


def test_finished_plan_is_followed_by_a_plan_without_actions(next_plan_of: NextPlanOf, small: Plan) -> None:
    plan = plan_with(small, action=tuple(a for a in small.actions if a.ref == "2.4"))
    assert next_plan_of({("north", Q3): action("2.4", rating="Blue")}, plan).actions == ()


@pytest.mark.parametrize(
    ("north", "south", "carried"),
    [
        (date(2019, 10, 1), date(2019, 10, 1), date(2019, 10, 1)),
        (date(2019, 10, 1), None, date(2019, 10, 1)),
        (date(2019, 10, 1), date(2019, 11, 1), None),
        (None, None, None),
    ],
)
def test_date_commenced_is_kept_where_agencies_agree(
    north: date | None, south: date | None, carried: date | None, next_plan_of: NextPlanOf
) -> None:
    returns = {("north", Q3): action("2.3", rating="Green", date_commenced=north),
               ("south", Q3): action("2.3", rating="Green", date_commenced=south)}  # fmt: skip
    assert {a.ref: a.date_commenced for a in next_plan_of(returns).actions}["2.3"] == carried


def test_past_target_dates_are_cleared_and_future_ones_kept(next_plan_of: NextPlanOf, small: Plan) -> None:
    moved = {"2.3": date(2023, 1, 31), "2.5": date(2019, 11, 30)}
    plan = plan_with(small, action=tuple(a.model_copy(update={"target_date": moved.get(a.ref)}) for a in small.actions))
    answers = {**NORTH, "action/2.3/target_date": None}
    assert {a.ref: a.target_date for a in next_plan_of({("north", Q3): answers}, plan).actions} == {
        "2.1": None, "2.3": date(2023, 1, 31), "2.5": None,
    }  # fmt: skip


def test_latest_figures_become_baselines_and_targets_are_left_blank(next_plan_of: NextPlanOf, small: Plan) -> None:
    kpis = tuple(k.model_copy(update={"target": 50, "baseline": 1}) for k in small.kpis)
    last = {"kpi/K2.1/value": 9, "kpi/K2.2/numerator": 2, "kpi/K2.2/denominator": 3, "kpi/K2.4/value": "One app"}
    returns = {("north", Q3): NORTH, ("south", Q3): SOUTH, ("north", Q4): last, ("south", Q4): {"kpi/K2.1/value": 2}}
    plan = next_plan_of(returns, plan_with(small, kpi=kpis))
    assert [(k.ref, k.baseline, k.target) for k in plan.kpis] == [
        ("K2.1", 11, None), ("K2.2", 66.7, None), ("K2.3", 30, None), ("K2.4", None, None),
    ]  # fmt: skip


def test_doubtful_baselines_are_listed(view_of: ViewOf) -> None:
    last = {("north", Q3): NORTH, ("north", Q4): {"kpi/K2.1/value": 9}}
    assert list(to_review(view_of(last)))[-2:] == [
        "With a baseline from some of its agencies only: K2.1 (1 of 2), K2.2 (1 of 2).",
        "With a baseline from an earlier period: K2.2 (Q3 2019-20), K2.3 (Q3 2019-20).",
    ]
    first = list(to_review(view_of({("north", Q3): {}})))
    assert first[0].startswith("The last returns are for Q3 2019-20, and the plan continues to Q4 2019-20: ")
    assert first[-1] == "Without a baseline, because no figure has been reported: K2.1, K2.2, K2.3."


def test_periods_are_moved_by_whole_years(next_plan_of: NextPlanOf, plan: Plan) -> None:
    new = next_plan_of({("rdash", Q3): {}}, plan)
    assert (new.about.id, new.about.title, new.about.start, new.about.end) == (
        "rotherham-2022-2025", "Work Plan for Child Exploitation Delivery Group 2022-2025", date(2022, 10, 1), date(2025, 9, 30),
    )  # fmt: skip
    assert [(p.id, p.name) for p in new.periods] == [
        (f"{y}-{y - 1999}-Q{q}", f"Q{q} {y}-{y - 1999}") for y, q in
        ((2022, 3), (2022, 4), (2023, 1), (2023, 2), (2023, 3), (2023, 4), (2024, 1), (2024, 2), (2024, 3), (2024, 4), (2025, 1), (2025, 2))
    ]  # fmt: skip
    first, last = new.periods[0], new.periods[-1]
    assert (first.start, first.end, first.due, first.year) == (
        date(2022, 10, 1), date(2022, 12, 31), date(2023, 1, 20), "Year 1 (October 2022 to September 2023)",
    )  # fmt: skip
    assert (last.start, last.end, last.due, last.year) == (
        date(2025, 7, 1), date(2025, 9, 30), date(2025, 10, 20), "Year 3 (October 2024 to September 2025)",
    )  # fmt: skip


def test_next_plan_has_one_version_and_blanks_for_what_is_not_agreed(next_plan_of: NextPlanOf, plan: Plan) -> None:
    waiver = Waiver(rule="DRAFT", agency="rdash", reason="x", who="y", until=date(2024, 1, 1))
    new = next_plan_of({("rdash", Q3): {}}, plan_with(plan, waiver=(waiver,)))
    (version,) = new.versions
    assert (new.about.version, version.number, version.author, version.date) == ("1", "1", "", date(2022, 10, 1))
    assert version.change == "Proposed from rotherham-2019-2022 after Q3 2019-20; 26 actions carried over"
    assert (new.about.next_steps, new.waivers, {p.meeting for p in new.periods}) == ("", (), {""})
    assert (new.about.purpose, new.agencies, new.objectives) == (plan.about.purpose, plan.agencies, plan.objectives)


@pytest.mark.parametrize(
    ("id", "title", "expected"),
    [
        ("rotherham-2019-2022", "Plan 2019 to 2022", ("rotherham-2022-2025", "Plan 2022 to 2025")),
        ("plan-2019-20", "Plan 2019/20", ("plan-2022-23", "Plan 2022/23")),
        ("small", "A small plan", ("small-2022-2025", "A small plan, 2022 to 2025")),
        ("act", "Under the Act of 2014", ("act-2022-2025", "Under the Act of 2014, 2022 to 2025")),
    ],
)
def test_id_and_title_are_proposed(id: str, title: str, expected: tuple[str, str], next_plan_of: NextPlanOf, small: Plan) -> None:
    plan = plan_with(small, plan=small.about.model_copy(update={"id": id, "title": title}))
    new = next_plan_of({("north", Q3): {}}, plan)
    assert (new.about.id, new.about.title) == expected


@pytest.mark.parametrize(
    ("when", "years", "then"),
    [
        (date(2020, 2, 29), 3, date(2023, 2, 28)),
        (date(2019, 2, 28), 1, date(2020, 2, 29)),
        (date(2020, 3, 31), 3, date(2023, 3, 31)),
        (date(2020, 1, 20), 3, date(2023, 1, 20)),
    ],
)
def test_same_day_years_later(when: date, years: int, then: date) -> None:
    assert years_later(when, years) == then


def test_one_year_plan_is_followed_by_one_year(next_plan_of: NextPlanOf, small: Plan) -> None:
    about = small.about.model_copy(update={"start": date(2019, 10, 1), "end": date(2020, 9, 30)})
    new = next_plan_of({("north", Q3): {}}, plan_with(small, plan=about))
    assert (new.about.start, new.about.end, new.periods[0].id) == (date(2020, 10, 1), date(2021, 9, 30), "2020-21-Q3")
    assert isinstance(new.periods[0], Period)
    assert isinstance(new.kpis[0], Kpi)


def test_return_on_carried_over_work_is_checked_like_any_other(view_of: ViewOf, next_plan_of: NextPlanOf) -> None:
    new = next_plan_of({("north", Q3): {**NORTH, **action("2.3", date_commenced=date(2019, 10, 1))}})
    when = "2022-23-Q3"
    view = view_of({("north", when): action("2.3", rating="Green", evidence="Half")}, plan=new)
    assert new.action_by_ref["2.3"].date_commenced == date(2019, 10, 1)
    assert set(view.merged.tables["findings"]["code"]) == {"RATING_MISSING"}


def test_next_plan_keeps_the_notice(view_of: ViewOf, small: Plan) -> None:
    noticed = plan_with(small, plan=small.about.model_copy(update={"notice": "Invented sample data."}))
    view = view_of({("north", Q3): action("2.4", rating="Green", evidence="Words")}, plan=noticed)
    new = next_plan(noticed, view.merged)
    assert new.about.notice == next(to_review(view)) == "Invented sample data."
    assert new.versions[0].change.startswith("Proposed from small")


@pytest.mark.parametrize("name", ["next-plan.toml", "next-plan.xlsx"])
def test_next_plan_reads_back_unchanged(name: str, next_plan_of: NextPlanOf, plan: Plan, tmp_path: Path) -> None:
    new = next_plan_of({("rdash", Q3): {}}, plan)
    path = tmp_path / name
    path.write_bytes(plan_file(new, path))
    assert load_plan(path) == new


def test_unsupported_file_type_gives_one_sentence(small: Plan) -> None:
    with pytest.raises(CannotWrite, match=r"cannot be written as next.docx. Name a file that ends in .xlsx or .toml"):
        plan_file(small, Path("next.docx"))


def test_next_plan_has_a_new_id_even_at_full_length(next_plan_of: NextPlanOf, small: Plan) -> None:
    plan = plan_with(small, plan=small.about.model_copy(update={"id": "x" * 63}))
    next_id = next_plan_of({("north", Q3): NORTH}, plan).about.id
    assert len(next_id) == 63 and next_id.endswith("-2022-2025")


def test_next_plan_beyond_the_year_9999_is_refused(next_plan_of: NextPlanOf, small: Plan) -> None:
    plan = plan_with(small, plan=small.about.model_copy(update={"end": date(9999, 12, 31)}))
    with pytest.raises(CannotWrite, match="beyond the year 9999"):
        next_plan_of({("north", Q3): NORTH}, plan)
