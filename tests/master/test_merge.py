"""What the master holds after any sequence of returns."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cedg_excel.master.merge import merge, undo_withdraw, withdraw
from cedg_excel.master.merged import Merged
from cedg_excel.master.ratings_and_totals import AnswersByPeriod
from cedg_excel.master.read_workbook import read_master, read_table
from cedg_excel.master.store import Store, text_to_value, value_to_text
from cedg_excel.master.tables import COLUMNS
from cedg_excel.master.workbook import master_bytes
from cedg_excel.plan.model import Plan
from cedg_excel.ratings import NOT_RATED, overall_rating
from tests.conftest import PERIOD, RATED, SENT, Fill, checked


def merged(plan: Plan, *batches: Sequence[Path], strict: bool = False) -> Merged:
    """Merge one batch after the other, each into the result of the one before."""
    held = Store()
    for batch in batches:
        result = merge(checked(plan, *batch), plan, held, strict=strict)
        held = result.store
    return result


def rows(result: Merged, table: str, *columns: str) -> list[tuple[object, ...]]:
    """Some columns of a table, as plain rows."""
    return list(result.tables[table][list(columns)].itertuples(index=False, name=None))


def statuses(result: Merged) -> dict[object, object]:
    """The status of each file, by name."""
    return {file: status for file, status in rows(result, "returns", "file", "status") if file}


def test_values_reach_the_table_they_belong_to(fill: Fill, small: Plan) -> None:
    values = {
        **RATED,
        "action/2.3/rating": "Blue", "action/2.3/date_achieved": date(2019, 12, 1), "action/2.3/evidence": "Minutes",
        "kpi/K2.1/value": 7, "kpi/K2.2/numerator": 3, "kpi/K2.2/denominator": 4, "kpi/K2.4/value": "Chat apps",
        "narrative/2/impact": "Families say so",
    }  # fmt: skip
    result = merged(small, [fill(values)])
    action = result.tables["actions"].query("ref == '2.3'").iloc[0]
    assert tuple(action[list(COLUMNS["actions"][:10])]) == (
        PERIOD, "north", 2, "2.3", None, None, date(2019, 12, 1), "Minutes", "Blue", None,
    )  # fmt: skip
    assert (action["source_file"], action["source_sheet"], action["source_row"]) == ("north_2019-20-Q3.xlsx", "Objective 2", 8)
    assert rows(result, "kpis", "ref", "value", "numerator", "denominator") == [
        ("K2.1", 7, None, None), ("K2.2", None, 3, 4), ("K2.3", None, None, None), ("K2.4", "Chat apps", None, None),
    ]  # fmt: skip
    assert rows(result, "narrative", "objective", "achievements", "impact") == [(2, None, "Families say so")]


def test_settled_dates_are_in_the_table(fill: Fill, small: Plan) -> None:
    result = merged(small, [fill(RATED)])
    assert ("2.5", date(2019, 11, 30)) in rows(result, "actions", "ref", "target_date")


@pytest.mark.parametrize(
    ("key", "typed_in", "column", "table"),
    [
        ("action/2.3/rating", "Purple", "rating", "actions"),
        ("action/2.3/date_achieved", "31/02/2020", "date_achieved", "actions"),
        ("kpi/K2.1/value", "12 people", "value", "kpis"),
    ],
)
def test_unusable_value_is_held_back_and_the_rest_merges(fill: Fill, small: Plan, key: str, typed_in: str, column: str, table: str) -> None:
    result = merged(small, [fill({**RATED, "action/2.3/evidence": "Kept", key: typed_in})])
    ref = key.split("/")[1]
    assert (ref, None) in rows(result, table, "ref", column)
    assert ("2.3", "Kept") in rows(result, "actions", "ref", "evidence")
    assert (key, typed_in, True) in rows(result, "findings", "key", "value", "held_back")


def test_later_return_replaces_the_whole_earlier_one_including_blanks(fill: Fill, small: Plan) -> None:
    first = fill({**RATED, "action/2.3/evidence": "Old words"}, name="first.xlsx")
    second = fill(RATED, name="second.xlsx", sent=SENT + timedelta(days=1))
    result = merged(small, [second, first])
    assert rows(result, "returns", "file", "status")[:2] == [("first.xlsx", "superseded"), ("second.xlsx", "accepted")]
    assert ("2.3", None) in rows(result, "actions", "ref", "evidence")


def test_findings_of_a_superseded_return_are_removed(fill: Fill, small: Plan) -> None:
    first = fill({**RATED, "action/2.3/rating": "Blue"}, name="first.xlsx")
    second = fill(RATED, name="second.xlsx", sent=SENT + timedelta(days=1))
    assert rows(merged(small, [first]), "findings", "code") != []
    assert rows(merged(small, [first], [second]), "findings", "code") == []


def test_two_returns_saved_at_the_same_time_with_the_same_answers_are_accepted(fill: Fill, small: Plan) -> None:
    one, two = fill(RATED, name="one.xlsx"), fill({**RATED, "action/2.3/rating": "red"}, name="two.xlsx")
    assert one.read_bytes() != two.read_bytes()
    assert sorted(statuses(merged(small, [one, two])).values(), key=str) == ["accepted", "superseded"]


def test_two_returns_saved_at_the_same_time_are_refused_until_one_is_preferred(fill: Fill, small: Plan) -> None:
    one, two = fill(RATED, name="one.xlsx"), fill({**RATED, "action/2.3/rating": "Green"}, name="two.xlsx")
    refused = merged(small, [one, two])
    assert statuses(refused) == {"one.xlsx": "rejected", "two.xlsx": "rejected"}
    assert set(rows(refused, "findings", "file", "code")) == {("one.xlsx", "CANNOT_ORDER"), ("two.xlsx", "CANNOT_ORDER")}
    assert len(refused.tables["actions"]) == 0

    items = checked(small, one, two)
    chosen = merge(items, small, refused.store, prefer=[items[1].returned.sha256])
    assert statuses(chosen) == {"one.xlsx": "superseded", "two.xlsx": "accepted"}
    again = merge(items, small, chosen.store)
    assert master_bytes(again) == master_bytes(chosen), "what was preferred is remembered"


def test_two_returns_saved_at_the_same_time_leave_the_earlier_one_in_force(fill: Fill, small: Plan) -> None:
    before = fill({**RATED, "action/2.3/rating": "Amber", "action/2.3/remedial_action": "x"}, name="a.xlsx", sent=SENT - timedelta(days=1))
    one, two = fill(RATED, name="b.xlsx"), fill({**RATED, "action/2.3/rating": "Green"}, name="c.xlsx")
    for order in itertools.permutations([before, one, two]):
        result = merged(small, *[[path] for path in order])
        assert statuses(result) == {"a.xlsx": "accepted", "b.xlsx": "rejected", "c.xlsx": "rejected"}


def test_nil_return_counts_as_a_return(fill: Fill, small: Plan) -> None:
    result = merged(small, [fill({"cover/nil_return": "Yes"})])
    assert rows(result, "returns", "agency", "status", "nil_return") == [("north", "nil", "Yes"), ("south", "not_received", None)]
    assert AnswersByPeriod(result).actions(small.period_by_id[PERIOD])["2.4"].rating == NOT_RATED


def test_late_return_is_merged(fill: Fill, small: Plan) -> None:
    late = fill(RATED, sent=datetime(2020, 1, 21, 0, 0, tzinfo=UTC))
    punctual = fill(RATED, agency="south", sent=datetime(2020, 1, 20, 23, 59, tzinfo=UTC))
    result = merged(small, [late, punctual])
    assert rows(result, "returns", "agency", "status", "late") == [("north", "accepted", True), ("south", "accepted", False)]


def test_strict_holds_back_a_whole_return_until_a_merge_without_strict(fill: Fill, small: Plan) -> None:
    wrong, right = fill({**RATED, "action/2.3/rating": "Blue"}), fill({"action/2.1/rating": "Red"}, agency="south")
    strict = merged(small, [wrong, right], strict=True)
    assert rows(strict, "returns", "agency", "status") == [("north", "held_back"), ("south", "held_back")]
    loose = merge(checked(small, wrong), small, strict.store)
    assert rows(loose, "returns", "agency", "status") == [("north", "accepted"), ("south", "held_back")]


@pytest.mark.parametrize(
    ("ratings", "overall"),
    [
        (["Blue", "Blue"], "Blue"),
        (["Blue", None], "Not rated"),
        (["Blue", "Green"], "Green"),
        (["Green", "Amber"], "Amber"),
        (["Amber", "Red", "Blue"], "Red"),
        (["Green", None], "Green"),
        ([None, None], "Not rated"),
        ([], "Not rated"),
    ],
)
def test_overall_rating(ratings: list[str | None], overall: str) -> None:
    assert {overall_rating(order) for order in itertools.permutations(ratings)} == {overall}


def test_only_accountable_agencies_count(fill: Fill, small: Plan) -> None:
    """2.1 is south's; north only contributes, and both count in 2.3."""
    north = fill({**RATED, "action/2.3/rating": "Green"})
    south = fill({"action/2.1/rating": "Green", "action/2.3/rating": "Red"}, agency="south")
    overall = AnswersByPeriod(merged(small, [north, south])).actions(small.period_by_id[PERIOD])
    assert [(ref, o.rating, o.rated, o.to_rate) for ref, o in overall.items()] == [
        ("2.1", "Green", 1, 1), ("2.3", "Red", 2, 2), ("2.4", "Red", 1, 1), ("2.5", "Red", 1, 1),
    ]  # fmt: skip


def test_percentages_are_combined_from_their_parts(fill: Fill, small: Plan) -> None:
    """1 of 1 and 1 of 9 are 20 %, not the 56 % that averaging percentages gives."""
    north = fill({**RATED, "kpi/K2.2/numerator": 1, "kpi/K2.2/denominator": 1, "kpi/K2.1/value": 2})
    south = fill({"action/2.1/rating": "Red", "action/2.3/rating": "Red", "kpi/K2.2/numerator": 1, "kpi/K2.2/denominator": 9,
                  "kpi/K2.1/value": 5}, agency="south")  # fmt: skip
    result = merged(small, [north, south])
    assert total(result, small, "K2.2") == pytest.approx(20)
    assert total(result, small, "K2.1") == 7
    assert total(result, small, "K2.3") is None


def changes(result: Merged) -> list[tuple[object, ...]]:
    return rows(result, "changes", "key", "old", "new")


def test_changes_list_every_cell_that_a_later_return_changed(fill: Fill, small: Plan) -> None:
    """Held-back values as they were typed; blanks as None; dates as dates."""
    first = {**RATED, "action/2.3/evidence": "Old", "kpi/K2.1/value": "12 people", "action/2.4/target_date": date(2020, 3, 1)}
    second = {**RATED, "action/2.3/rating": "Green", "action/2.3/evidence": None, "kpi/K2.1/value": 5}
    one, two = fill(first, name="a.xlsx"), fill(second, name="b.xlsx", sent=SENT + timedelta(days=1))
    result = merged(small, [two], [one])
    assert changes(result) == [
        ("action/2.3/evidence", "Old", None), ("action/2.3/rating", "Red", "Green"),
        ("action/2.4/target_date", date(2020, 3, 1), None), ("kpi/K2.1/value", "12 people", 5),
    ]  # fmt: skip
    sources = set(rows(result, "changes", "old_sha256", "new_sha256"))
    assert sources == {tuple(item.returned.sha256 for item in checked(small, one, two))}


def test_each_resubmission_is_compared_with_the_one_before_it(fill: Fill, small: Plan) -> None:
    steps = [fill({**RATED, "action/2.3/rating": word}, name=f"{n}.xlsx", sent=SENT + timedelta(days=n))
             for n, word in enumerate(("Red", "Green", "Red"))]  # fmt: skip
    for order in itertools.permutations(steps):
        assert changes(merged(small, *[[path] for path in order])) == [
            ("action/2.3/rating", "Red", "Green"), ("action/2.3/rating", "Green", "Red"),
        ]  # fmt: skip


def withdrawn(plan: Plan, held: Merged) -> Merged:
    """The return of North in use is withdrawn."""
    result = withdraw(plan, held.store, "north", PERIOD)
    assert result is not None
    return result


def test_withdraw_falls_back_to_the_return_before_and_is_undone_step_by_step(fill: Fill, small: Plan) -> None:
    files = [fill({**RATED, "action/2.3/rating": rating}, name=f"{rating}.xlsx", sent=SENT + timedelta(days=day))
             for day, rating in enumerate(("Red", "Amber", "Green"))]  # fmt: skip
    three = merged(small, files)
    steps = [three, two := withdrawn(small, three), one := withdrawn(small, two), none := withdrawn(small, one)]
    in_use = [next((name for name, status in statuses(step).items() if status == "accepted"), None) for step in steps]
    assert in_use == ["Green.xlsx", "Amber.xlsx", "Red.xlsx", None]
    assert len(none.tables["actions"]) == len(none.tables["changes"]) == 0
    assert withdraw(small, none.store, "north", PERIOD) is None
    for expected in (one, two, three):
        undone = undo_withdraw(small, none.store, "north", PERIOD)
        assert undone is not None and master_bytes(undone) == master_bytes(expected)
        none = undone
    assert undo_withdraw(small, three.store, "north", PERIOD) is None


def test_withdrawn_return_stays_out_even_if_its_file_is_still_in_the_folder(fill: Fill, small: Plan) -> None:
    north = fill(RATED)
    out = withdrawn(small, merged(small, [north]))
    assert statuses(out) == {"north_2019-20-Q3.xlsx": "withdrawn"}
    again = merge(checked(small, north), small, out.store)
    assert master_bytes(again) == master_bytes(out)
    new = merge(checked(small, fill(RATED, name="new.xlsx", sent=SENT + timedelta(days=1))), small, again.store)
    assert statuses(new)["new.xlsx"] == "accepted"


@pytest.fixture
def returns(fill: Fill, tmp_path: Path) -> list[Path]:
    """Eight files: two periods, a resubmission, a nil return, two that clash, a text file and one with a held-back cell."""
    later = SENT + timedelta(days=3)
    text = tmp_path / "notes.xlsx"
    text.write_text("not a workbook")
    return [
        fill({**RATED, "action/2.3/rating": "Green"}, name="n1.xlsx"),
        fill({**RATED, "action/2.3/rating": "Blue", "kpi/K2.1/value": "12 people"}, name="n2.xlsx", sent=later),
        fill({"cover/nil_return": "Yes"}, agency="south", name="s1.xlsx"),
        fill(RATED, period="2019-20-Q4", name="n3.xlsx", sent=later),
        fill({**RATED, "action/2.4/rating": "Green"}, period="2019-20-Q4", name="n4.xlsx", sent=later),
        fill({"action/2.1/evidence": '=HYPERLINK("x")'}, agency="south", period="2019-20-Q4", name="s2.xlsx", sent=later),
        text,
    ]


def test_order_batches_and_repeats_make_no_difference(returns: list[Path], small: Plan, tmp_path: Path) -> None:
    """The same master to the byte, through the file each time as a coordinator would."""
    whole = master_bytes(merged(small, returns))

    @settings(
        max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # every example writes masters: shrinking one would take minutes
    )  # fmt: skip
    @given(st.permutations(returns), st.lists(st.integers(0, len(returns)), max_size=3), st.lists(st.sampled_from(returns), max_size=3))
    def same(order: list[Path], cuts: list[int], repeats: list[Path]) -> None:
        master = tmp_path / "master.xlsx"
        master.unlink(missing_ok=True)
        edges = [0, *sorted(cuts), len(order)]
        for batch in [*(order[a:b] for a, b in itertools.pairwise(edges)), repeats]:
            result = merge(checked(small, *batch), small, read_master(master, small.about.id))
            master.write_bytes(master_bytes(result))
        assert master.read_bytes() == whole

    same()


def test_store_and_tables_can_be_read_back_from_the_master(returns: list[Path], small: Plan, tmp_path: Path) -> None:
    result = merged(small, returns)
    path = tmp_path / "master.xlsx"
    path.write_bytes(master_bytes(result))
    store = read_master(path, small.about.id)
    for name in ("files", "values", "notes", "decisions"):
        want, got = getattr(result.store, name), getattr(store, name)
        assert list(got.itertuples(index=False, name=None)) == list(want.itertuples(index=False, name=None)), name
    for name in COLUMNS:
        assert list(read_table(path, name).itertuples(index=False, name=None)) == list(
            result.tables[name].itertuples(index=False, name=None)
        ), name


@given(st.one_of(st.dates(), st.integers(0, 10**12), st.floats(0, 1e12), st.text(min_size=1)))
def test_stored_values_come_back_as_they_were(value: object) -> None:
    kind = "date" if isinstance(value, date) else "text" if isinstance(value, str) else "number"
    back = text_to_value(value_to_text(value), kind)  # type: ignore[arg-type]
    assert (type(back), back) == (type(value), value)


def total(result: Merged, plan: Plan, ref: str) -> int | float | None:
    """A KPI's total in the first period."""
    return AnswersByPeriod(result).kpi(plan.kpi_by_ref[ref], plan.period_by_id[PERIOD]).total()
