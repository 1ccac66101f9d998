"""Waivers: exceptions to a rule, with a reason and an end date."""

from __future__ import annotations

from datetime import date

import pytest

from cedg_excel.master.merge import merge
from cedg_excel.plan.model import Plan, Waiver
from tests.conftest import PERIOD, RATED, Fill, checked

BLUE = {**RATED, "action/2.3/rating": "Blue", "action/2.3/evidence": "Seen"}


def waived(small: Plan, **changed: object) -> Plan:
    """The plan with a waiver for the missing date of 2.3 from north; `changed` alters its terms."""
    terms = {
        "rule": "BLUE_NEEDS_ACHIEVED", "agency": "north", "key": "action/2.3/rating", "period": PERIOD,
        "reason": "No records were kept.", "who": "the group", "until": date(2020, 3, 31),
    }  # fmt: skip
    return small.model_copy(update={"waivers": (Waiver.model_validate({**terms, **changed}),)})


def test_waived_finding_is_information_with_the_reason(fill: Fill, small: Plan) -> None:
    (item,) = checked(waived(small), fill(BLUE))
    assert [(f.code, f.severity.value) for f in item.findings] == [("BLUE_NEEDS_ACHIEVED", "info")]
    assert item.findings[0].fix == "Waived by the group until 31 March 2020: No records were kept."
    assert (item.status, item.has_errors) == ("clean", False)


@pytest.mark.parametrize(
    "changed",
    [
        {"rule": "BLUE_NEEDS_EVIDENCE"}, {"agency": "south"}, {"key": "action/2.4/rating"}, {"period": "2019-20-Q4"},
        {"until": date(2019, 12, 30)},
    ],
)  # fmt: skip
def test_waiver_covers_only_what_it_names_and_ends(fill: Fill, small: Plan, changed: dict[str, object]) -> None:
    (item,) = checked(waived(small, **changed), fill(BLUE))
    assert [(f.code, f.severity.value) for f in item.findings] == [("BLUE_NEEDS_ACHIEVED", "error")]


@pytest.mark.parametrize("changed", [{"key": ""}, {"period": ""}, {"until": date(2019, 12, 31)}])
def test_blank_key_or_period_means_every_one(fill: Fill, small: Plan, changed: dict[str, object]) -> None:
    assert checked(waived(small, **changed), fill(BLUE))[0].status == "clean"


def test_waiver_does_not_make_a_value_usable(fill: Fill, small: Plan) -> None:
    plan = waived(small, rule="NOT_A_NUMBER", key="kpi/K2.1/value")
    items = checked(plan, fill({**RATED, "kpi/K2.1/value": "12 people"}))
    assert [(f.severity.value, f.held_back) for f in items[0].findings] == [("info", True)]
    kpis = merge(items, plan).tables["kpis"]
    assert kpis.loc[kpis["ref"] == "K2.1", "value"].tolist() == [None]
