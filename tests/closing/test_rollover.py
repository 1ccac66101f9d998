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
from tests.closing.conftest import NORTH, Q3, Q4, SOUTH, View_, action
from tests.conftest import with_

Next = Callable[..., Plan]


@pytest.fixture
def following(seen: View_, small: Plan) -> Next:
    """The plan that follows these returns."""

    def made(returns: Mapping[tuple[str, str], Any], plan: Plan = small) -> Plan:
        return next_plan(plan, seen(returns, plan=plan).merged)

    return made


def test_unfinished_actions_go_on_under_their_refs_and_say_where_they_come_from(following: Next) -> None:
    plan = following({("north", Q3): NORTH, ("south", Q3): SOUTH})
    assert [(a.ref, a.title, a.detail) for a in plan.actions] == [
        ("2.3", "Review training", ("Carried over from 2.3 of the 2019 to 2022 plan (Amber in Q3 2019-20)",)),
        ("2.5", "Agree a protocol", ("Carried over from 2.5 of the 2019 to 2022 plan (Red in Q3 2019-20)",)),
    ]


def test_work_that_continues_goes_on_though_it_is_blue(following: Next, small: Plan) -> None:
    plan = with_(small, action=tuple(a.model_copy(update={"continues": a.ref == "2.4"}) for a in small.actions))
    (going,) = (a for a in following({("north", Q3): NORTH, ("south", Q3): SOUTH}, plan).actions if a.ref == "2.4")
    assert going.detail[-1] == "Carried over from 2.4 of the 2019 to 2022 plan (Blue in Q3 2019-20; work that continues)"


def test_action_not_rated_at_the_end_is_carried_over_and_said(seen: View_, following: Next) -> None:
    returns = {("north", Q3): NORTH, ("south", Q3): SOUTH, ("south", Q4): SOUTH}
    assert [a.ref for a in following(returns).actions] == ["2.3", "2.4", "2.5"]
    assert "Carried over because not rated, though some may be finished: 2.4, 2.5." in list(to_review(seen(returns)))


def test_plan_of_which_everything_is_done_has_no_actions(following: Next, small: Plan) -> None:
    plan = with_(small, action=tuple(a for a in small.actions if a.ref == "2.4"))
    assert following({("north", Q3): action("2.4", rating="Blue")}, plan).actions == ()


@pytest.mark.parametrize(
    ("north", "south", "carried"),
    [
        (date(2019, 10, 1), date(2019, 10, 1), date(2019, 10, 1)),
        (date(2019, 10, 1), None, date(2019, 10, 1)),
        (date(2019, 10, 1), date(2019, 11, 1), None),
        (None, None, None),
    ],
)
def test_day_it_began_is_kept_where_agencies_agree(north: date | None, south: date | None, carried: date | None, following: Next) -> None:
    returns = {("north", Q3): action("2.3", rating="Green", date_commenced=north),
               ("south", Q3): action("2.3", rating="Green", date_commenced=south)}  # fmt: skip
    assert {a.ref: a.date_commenced for a in following(returns).actions}["2.3"] == carried


def test_target_date_that_has_passed_is_left_blank_and_one_to_come_is_kept(following: Next, small: Plan) -> None:
    moved = {"2.3": date(2023, 1, 31), "2.5": date(2019, 11, 30)}
    plan = with_(small, action=tuple(a.model_copy(update={"target_date": moved.get(a.ref)}) for a in small.actions))
    answers = {**NORTH, "action/2.3/target_date": None}
    assert {a.ref: a.target_date for a in following({("north", Q3): answers}, plan).actions} == {
        "2.1": None, "2.3": date(2023, 1, 31), "2.5": None,
    }  # fmt: skip


def test_latest_figures_become_baselines_and_targets_are_left_blank(following: Next, small: Plan) -> None:
    kpis = tuple(k.model_copy(update={"target": 50, "baseline": 1}) for k in small.kpis)
    last = {"kpi/K2.1/value": 9, "kpi/K2.2/numerator": 2, "kpi/K2.2/denominator": 3, "kpi/K2.4/value": "One app"}
    returns = {("north", Q3): NORTH, ("south", Q3): SOUTH, ("north", Q4): last, ("south", Q4): {"kpi/K2.1/value": 2}}
    plan = following(returns, with_(small, kpi=kpis))
    assert [(k.ref, k.baseline, k.target) for k in plan.kpis] == [
        ("K2.1", 11, None), ("K2.2", 66.7, None), ("K2.3", 30, None), ("K2.4", None, None),
    ]  # fmt: skip


def test_doubtful_baselines_are_named(seen: View_) -> None:
    last = {("north", Q3): NORTH, ("north", Q4): {"kpi/K2.1/value": 9}}
    assert list(to_review(seen(last)))[-2:] == [
        "With a baseline from some of its agencies only: K2.1 (1 of 2), K2.2 (1 of 2).",
        "With a baseline from an earlier period: K2.2 (Q3 2019-20), K2.3 (Q3 2019-20).",
    ]
    first = list(to_review(seen({("north", Q3): {}})))
    assert first[0].startswith("The last returns are for Q3 2019-20, and the plan continues to Q4 2019-20: ")
    assert first[-1] == "Without a baseline, because no figure has been reported: K2.1, K2.2, K2.3."


def test_periods_are_those_of_the_plan_years_later(following: Next, plan: Plan) -> None:
    new = following({("rdash", Q3): {}}, plan)
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


def test_first_version_is_the_only_one_and_what_is_not_agreed_is_blank(following: Next, plan: Plan) -> None:
    waiver = Waiver(rule="DRAFT", agency="rdash", reason="x", who="y", until=date(2024, 1, 1))
    new = following({("rdash", Q3): {}}, with_(plan, waiver=(waiver,)))
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
def test_names_are_proposed(id: str, title: str, expected: tuple[str, str], following: Next, small: Plan) -> None:
    plan = with_(small, plan=small.about.model_copy(update={"id": id, "title": title}))
    new = following({("north", Q3): {}}, plan)
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


def test_plan_of_one_year_is_followed_by_one_year(following: Next, small: Plan) -> None:
    about = small.about.model_copy(update={"start": date(2019, 10, 1), "end": date(2020, 9, 30)})
    new = following({("north", Q3): {}}, with_(small, plan=about))
    assert (new.about.start, new.about.end, new.periods[0].id) == (date(2020, 10, 1), date(2021, 9, 30), "2020-21-Q3")
    assert isinstance(new.periods[0], Period)
    assert isinstance(new.kpis[0], Kpi)


def test_return_on_work_begun_under_the_plan_before_is_checked_like_any_other(seen: View_, following: Next) -> None:
    new = following({("north", Q3): {**NORTH, **action("2.3", date_commenced=date(2019, 10, 1))}})
    when = "2022-23-Q3"
    view = seen({("north", when): action("2.3", rating="Green", evidence="Half")}, plan=new)
    assert new.action_by_ref["2.3"].date_commenced == date(2019, 10, 1)
    assert set(view.merged.tables["findings"]["code"]) == {"RATING_MISSING"}


def test_next_plan_keeps_the_notice(seen: View_, small: Plan) -> None:
    noticed = with_(small, plan=small.about.model_copy(update={"notice": "Invented sample data."}))
    view = seen({("north", Q3): action("2.4", rating="Green", evidence="Words")}, plan=noticed)
    new = next_plan(noticed, view.merged)
    assert new.about.notice == next(to_review(view)) == "Invented sample data."
    assert new.versions[0].change.startswith("Proposed from small")


@pytest.mark.parametrize("name", ["next-plan.toml", "next-plan.xlsx"])
def test_next_plan_is_read_back_as_it_is(name: str, following: Next, plan: Plan, tmp_path: Path) -> None:
    new = following({("rdash", Q3): {}}, plan)
    path = tmp_path / name
    path.write_bytes(plan_file(new, path))
    assert load_plan(path) == new


def test_kind_of_file_no_plan_is_kept_in_is_one_sentence(small: Plan) -> None:
    with pytest.raises(CannotWrite, match=r"cannot be written as next.docx. Name a file that ends in .xlsx or .toml"):
        plan_file(small, Path("next.docx"))


def test_id_of_the_next_plan_is_its_own_however_long_it_is(following: Next, small: Plan) -> None:
    plan = with_(small, plan=small.about.model_copy(update={"id": "x" * 63}))
    following_id = following({("north", Q3): NORTH}, plan).about.id
    assert len(following_id) == 63 and following_id.endswith("-2022-2025")


def test_plan_without_end_has_no_next_one(following: Next, small: Plan) -> None:
    plan = with_(small, plan=small.about.model_copy(update={"end": date(9999, 12, 31)}))
    with pytest.raises(CannotWrite, match="beyond the year 9999"):
        following({("north", Q3): NORTH}, plan)
