"""An agency that says why it has no figure is not silent: it is named, and comparisons stay over figures."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cedg_excel.excel.page import Book
from cedg_excel.master.doubt import PARTIAL
from cedg_excel.master.figures_as_text import change_text, coverage_text, marked_total
from cedg_excel.master.merge import Merged, merge
from cedg_excel.master.objective_page import objective_page
from cedg_excel.master.period_view import period_view
from cedg_excel.master.release import released_total
from cedg_excel.master.summary_page import summary_page
from cedg_excel.plan.model import Plan
from tests.conftest import PERIOD, RATED, Fill, checked

NEXT = "2019-20-Q4"
LATER = datetime(2020, 4, 14, tzinfo=UTC)
K = "kpi/K2.1"


@pytest.fixture
def two_periods(fill: Fill, small: Plan) -> Merged:
    """Both agencies give a figure in Q3; in Q4 north does again, and south chooses a reason."""
    south = {"action/2.1/rating": "Red", "action/2.3/rating": "Red"}
    return merge(checked(
        small,
        fill({**RATED, f"{K}/value": 10}), fill({**south, f"{K}/value": 20}, agency="south"),
        fill({**RATED, f"{K}/value": 12}, period=NEXT, sent=LATER),
        fill({**south, f"{K}/reason": "Not available yet"}, agency="south", period=NEXT, sent=LATER),
    ), small)  # fmt: skip


def codes(merged: Merged) -> list[tuple[str, str]]:
    rows = merged.tables["findings"]
    return [(row.agency, row.code) for row in rows.itertuples() if row.period == NEXT and row.key == f"{K}/value"]


def test_missing_means_silent(two_periods: Merged, small: Plan, fill: Fill) -> None:
    assert ("south", "KPI_MISSING") not in codes(two_periods)
    silent = merge(checked(small, fill({f"{K}/value": 20}, agency="south", name="a.xlsx"),
                           fill({}, agency="south", period=NEXT, sent=LATER, name="b.xlsx")), small)  # fmt: skip
    assert ("south", "KPI_MISSING") in codes(silent)


def test_a_total_says_who_gave_a_figure_and_who_a_reason(two_periods: Merged) -> None:
    view = period_view(two_periods)
    kpi = view.plan.kpi_by_ref["K2.1"]
    period = view.kpi(kpi)
    assert (period.doubt.silent, period.doubt.reasons, period.doubt.marks) == ((), (("south", "Not available yet"),), PARTIAL)
    assert coverage_text(period) == "1 of 2 gave a figure; 1 not available yet"
    assert marked_total(period) == f"12 {PARTIAL}", "from one of two, whatever the reason"
    assert released_total(period) == f"12 {PARTIAL} (from 1 of 2)"


def test_a_change_is_over_figures_only(two_periods: Merged) -> None:
    view = period_view(two_periods)
    assert change_text(view.kpi_change(view.plan.kpi_by_ref["K2.1"])) == "the same 1 of 2 agencies: 10 → 12 since Q3 2019-20"


def test_the_pages_name_each_reason(two_periods: Merged) -> None:
    view, book = period_view(two_periods), Book("Test")
    summary, objective = summary_page(book, view), objective_page(book, view, view.plan.objectives[0])
    texts = [{str(cell.value) for row in page.sheet.iter_rows() for cell in row if cell.value} for page in (summary, objective)]
    assert any("instead of a figure, 1 KPI answer says why: 1 not available yet" in text for text in texts[0])
    assert any("1 of 2 gave a figure this time; 1 not available yet" in text for text in texts[1])
    assert "Not available yet" in texts[1], "beside the agency, where its figure would be"


def test_data_has_the_reason_after_the_columns_that_other_programs_know(two_periods: Merged) -> None:
    kpis = two_periods.tables["kpis"]
    assert list(kpis.columns)[-5:] == ["source_row", "reason", "doubt", "variation", "assurance"]
    assert list(kpis.loc[(kpis["period"] == NEXT) & (kpis["ref"] == "K2.1"), "reason"]) == [None, "Not available yet"]
    assert set(kpis.loc[kpis["period"] == PERIOD, "reason"]) == {None}
