"""Questions about a return, compared with the one before it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from cedg_excel.findings import Finding
from cedg_excel.master.merge import merge
from cedg_excel.plan.model import Plan
from tests.conftest import RATED, Fill, checked

NEXT = "2019-20-Q4"
WORSE = "2.3 WORSENED_NO_WORD Green Red"
SAME = "2.3 EVIDENCE_SAME"
RATING, EVIDENCE, ACTION, FIGURE = "action/2.3/rating", "action/2.3/evidence", "action/2.3/remedial_action", "kpi/K2.1/value"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({RATING: "Green"}, {RATING: "Red"}, [WORSE]),
        ({RATING: "Green", EVIDENCE: "x"}, {RATING: "Red", EVIDENCE: "x"}, [WORSE]),
        ({RATING: "Green"}, {RATING: "Red", EVIDENCE: "The lead has left"}, []),
        ({RATING: "Green"}, {RATING: "Amber", ACTION: "New lead"}, []),
        ({RATING: "Red"}, {RATING: "Green", EVIDENCE: "Begun"}, []),
        ({RATING: "Red", EVIDENCE: "x"}, {RATING: "Green", EVIDENCE: "x"}, [SAME]),
        ({RATING: "Green", EVIDENCE: "x"}, {RATING: "Green", EVIDENCE: "x"}, []),
        ({RATING: "Blue", EVIDENCE: "Done"}, {RATING: "Green", EVIDENCE: "y"}, ["2.3 REOPENED Blue Green"]),
        ({FIGURE: 10}, {FIGURE: 30}, ["K2.1 KPI_JUMPED 10 30"]),
        ({FIGURE: 30}, {FIGURE: 10}, ["K2.1 KPI_JUMPED 30 10"]),
        ({FIGURE: 10}, {FIGURE: 29}, []),
        ({FIGURE: 1}, {FIGURE: 9}, []),
        ({FIGURE: 10}, {}, ["K2.1 KPI_MISSING"]),
        ({FIGURE: 10}, {FIGURE: "n/a"}, []),
        ({FIGURE: 10}, {"cover/nil_return": "Yes"}, []),
        ({"kpi/K2.2/numerator": 1, "kpi/K2.2/denominator": 2}, {}, ["K2.2 KPI_MISSING"]),
        ({FIGURE: 0}, {FIGURE: 12}, ["K2.1 KPI_JUMPED 0 12"]),
    ],
)  # fmt: skip
def test_a_question_about_two_returns(
    fill: Fill, small: Plan, before: Mapping[str, Any], after: Mapping[str, Any], expected: list[str]
) -> None:
    paths = [fill({**RATED, **before}), fill({**RATED, **after}, period=NEXT)]
    result = merge(checked(small, *paths), small)
    (sha,) = {item.returned.sha256 for item in checked(small, paths[1])}
    assert [question_text(f) for f in result.findings.get(sha, ()) if f.key] == expected
    in_table = result.tables["findings"]
    assert list(in_table.loc[in_table["code"].isin([e.split()[1] for e in expected]), "period"]) == [NEXT] * len(expected)


def question_text(finding: Finding) -> str:
    """`K2.1 KPI_JUMPED 10 30`: the row, the rule, and the answers then and now that its sentence names."""
    ref, answers = str(finding.key).split("/")[1], re.findall(r"\b(?:\d+|Blue|Red|Amber|Green)\b", finding.message)
    return " ".join((ref, finding.code, *answers))


def test_a_question_is_about_the_cell_as_excel_shows_it(fill: Fill, small: Plan) -> None:
    paths = [fill({**RATED, RATING: "Green"}), fill(RATED, period=NEXT, name="later.xlsx")]
    (finding,) = [f for own in merge(checked(small, *paths), small).findings.values() for f in own]
    assert (finding.file, finding.where, finding.severity.value, finding.held_back) == ("later.xlsx", "Objective 2!H8", "warning", False)


def test_at_most_five_questions_are_asked_about_a_return(fill: Fill, small: Plan) -> None:
    actions = tuple(small.actions[1].model_copy(update={"ref": f"2.{n}"}) for n in range(3, 12))
    plan = small.model_copy(update={"actions": actions})
    green, red = ({f"action/{a.ref}/rating": word for a in actions} for word in ("Green", "Red"))
    result = merge(checked(plan, fill(green, plan=plan), fill(red, period=NEXT, plan=plan)), plan)
    assert [len(own) for own in result.findings.values() if own] == [5]


def test_order_and_batches_make_no_difference(fill: Fill, small: Plan) -> None:
    first, second = fill({**RATED, RATING: "Green"}), fill(RATED, period=NEXT)
    one = merge(checked(small, second), small)
    assert {f.code for own in one.findings.values() for f in own} == set()
    two = merge(checked(small, first), small, one.store)
    assert {f.code for own in two.findings.values() for f in own} == {"WORSENED_NO_WORD"}


def test_plan_that_now_asks_for_a_percentage_does_not_stop_a_merge(fill: Fill, small: Plan) -> None:
    """The copies were issued when it asked for a count; the question is about the cell they were asked to fill in."""
    store = merge(checked(small, fill({**RATED, FIGURE: 10}), fill(RATED, period=NEXT)), small).store
    kpis = tuple(k.model_copy(update={"unit": "percent", "combine": "ratio"}) if k.ref == "K2.1" else k for k in small.kpis)
    later = Plan.model_validate({**small.model_dump(by_alias=True), "kpi": [k.model_dump() for k in kpis]})
    questions = [finding for own in merge([], later, store).findings.values() for finding in own]
    assert [(f.code, f.key, f.place.cell) for f in questions] == [("KPI_MISSING", FIGURE, "D13")]
