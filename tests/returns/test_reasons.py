"""What people type where they have no figure: read as the reason why, or asked about, and never an error."""

from __future__ import annotations

from typing import Any

import openpyxl
import pytest

from cedg_excel.form.no_figure import REASON_OF_WORD, UNCLEAR_WORDS
from cedg_excel.master.accounting import count_cells
from cedg_excel.master.merge import merge
from cedg_excel.plan.model import Plan
from tests.conftest import RATED, Fill, checked

NOTHING: tuple[Any, list[str]] = (None, [])


def answer(fill: Fill, plan: Plan, typed: dict[str, Any], ref: str = "K2.1") -> tuple[Any, Any, list[str]]:
    """The figure and the reason in the master's table, and the codes found about the KPI, with the severity of each."""
    items = checked(plan, fill({**RATED, **{f"kpi/{ref}/{name}": value for name, value in typed.items()}}))
    merged = merge(items, plan)
    count_cells(items, merged)
    row = merged.tables["kpis"].set_index("ref").loc[ref]
    figure = row["value"] if ref != "K2.2" else row["numerator"]
    return figure, row["reason"], [f"{f.severity.value} {f.code}" for f in items[0].findings if f.key and f.key.startswith(f"kpi/{ref}")]


READ, ASKED, BOTH = ["info REASON_READ"], ["warning NO_FIGURE_UNCLEAR"], ["warning FIGURE_AND_REASON"]


@pytest.mark.parametrize(
    ("figure", "reason", "figure_read", "reason_read", "codes"),
    [
        (None, "Not collected", None, "Not collected", []),
        (None, "not COLLECTED ", None, "Not collected", []),
        ("n/a", None, None, "Not applicable", READ),
        (" N/A\u00a0", None, None, "Not applicable", READ),
        ("TBC", None, None, "Not available yet", READ),
        ("not held", None, None, "Not collected", READ),
        ("not available", None, None, "Not available yet", READ),
        ("-", None, None, None, ASKED),
        ("\u2013", None, None, None, ASKED),
        ("nil", None, None, None, ASKED),
        ("Not known", None, None, None, ASKED),
        ("nil", "Not collected", None, "Not collected", READ),
        ("n/a", "Not collected", None, "Not collected", READ),
        ("n/a", "Not collected, sorry", None, None, ["warning NO_FIGURE_UNCLEAR", "warning CHOICE_UNCLEAR"]),
        (7, "Not collected", 7, "Not collected", BOTH),
        (0, None, 0, None, []),
        ("12 people", None, None, None, ["error NOT_A_NUMBER"]),
    ],
)
def test_a_figure_and_the_reason_why_there_is_none(
    fill: Fill, small: Plan, figure: Any, reason: Any, figure_read: Any, reason_read: Any, codes: list[str]
) -> None:
    got = answer(fill, small, {"value": figure, "reason": reason})
    assert (got[0], got[1], sorted(got[2])) == (figure_read, reason_read, sorted(codes))


@pytest.mark.parametrize("word", [*REASON_OF_WORD, *UNCLEAR_WORDS])
def test_none_of_the_words_is_an_error(fill: Fill, small: Plan, word: str) -> None:
    _, reason, codes = answer(fill, small, {"value": word.lower()})
    assert (reason is not None, codes) in ((True, READ), (False, ASKED))


@pytest.mark.parametrize(
    ("numerator", "denominator", "code", "says"),
    [
        ("31 out of 36", None, "RATIO_TYPED", "Put 31 in the figure and 36 in Out of."),
        ("31/36", None, "RATIO_TYPED", "Put 31 in the figure and 36 in Out of."),
        (None, "31 of 36", "RATIO_TYPED", "Put 31 in the figure and 36 in Out of."),
        ("86%", None, "RATIO_IN_ONE_CELL", "out of how many in Out of"),
        ("about 86 per cent", None, "RATIO_IN_ONE_CELL", "out of how many in Out of"),
        ("n/a", None, "REASON_READ", ""),
    ],
)
def test_a_whole_percentage_in_one_cell(fill: Fill, small: Plan, numerator: Any, denominator: Any, code: str, says: str) -> None:
    """No number is guessed: the sentence says where each one goes."""
    (item,) = checked(small, fill({**RATED, "kpi/K2.2/numerator": numerator, "kpi/K2.2/denominator": denominator}))
    (finding,) = [f for f in item.findings if f.key and f.key.startswith("kpi/K2.2")]
    assert finding.code == code
    assert says in finding.fix
    entries = item.returned.entries or {}
    assert (entries["kpi/K2.2/numerator"].value, entries["kpi/K2.2/denominator"].value) == (None, None)


def test_a_percentage_by_its_format_is_pointed_to_out_of(fill: Fill, small: Plan) -> None:
    """Typing 86% into Excel stores 0.86 and a format."""
    path = fill({**RATED, "kpi/K2.2/numerator": 1})
    book = openpyxl.load_workbook(path)
    cell = book["Objective 2"]["C14"]
    cell.value, cell.number_format = 0.86, "0%"
    book.save(path)
    (item,) = checked(small, path)
    (finding,) = [f for f in item.findings if f.key == "kpi/K2.2/numerator"]
    assert (finding.code, "Out of" in finding.fix, finding.held_back) == ("RATIO_AS_PERCENTAGE", True, True)


def test_words_are_an_answer_where_words_are_asked_for_unless_they_say_why_there_is_none(fill: Fill, small: Plan) -> None:
    assert answer(fill, small, {"value": "none"}, "K2.4") == ("none", None, [])
    assert answer(fill, small, {"value": "n/a"}, "K2.4") == (None, "Not applicable", READ)


@pytest.mark.parametrize("typed", ["ongoing", "tbc", "March 2020", "Q3 2019/20", "03/04/19"])
def test_a_date_that_is_not_one_may_be_left_blank(fill: Fill, small: Plan, typed: str) -> None:
    (item,) = checked(small, fill({**RATED, "action/2.3/target_date": typed}))
    (finding,) = [f for f in item.findings if f.key == "action/2.3/target_date"]
    assert (finding.code, finding.held_back, finding.fix.endswith("Leave it blank if there is no date yet.")) == (
        "UNREADABLE_DATE",
        True,
        True,
    )


@pytest.mark.parametrize(
    ("key", "typed", "code"),
    [
        ("nil_return", "No", None),
        ("nil_return", "no ", None),
        ("nil_return", "Maybe", "error UNKNOWN_CHOICE"),
        ("status", "Final version", "warning CHOICE_UNCLEAR"),
        ("status", "not final", "warning CHOICE_UNCLEAR"),
        ("status", "Nearly", "error UNKNOWN_CHOICE"),
    ],
)
def test_answers_on_the_cover(fill: Fill, small: Plan, key: str, typed: str, code: str | None) -> None:
    (item,) = checked(small, fill({**RATED, f"cover/{key}": typed}))
    found = [f"{f.severity.value} {f.code}" for f in item.findings if f.key == f"cover/{key}"]
    assert found == ([code] if code else [])
