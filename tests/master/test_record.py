"""The record: several returns of one agency for one period, and nothing replaced, cleared or undone by accident."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cedg_excel.checking.check import check
from cedg_excel.errors import CannotRead
from cedg_excel.master.accounting import count_cells
from cedg_excel.master.merge import merge, withdraw
from cedg_excel.master.merged import Merged
from cedg_excel.master.period_view import period_view
from cedg_excel.master.store import Store, records
from cedg_excel.master.workbook import master_bytes
from cedg_excel.plan.model import Plan
from cedg_excel.returns.model import Return
from tests.conftest import PERIOD
from tests.helpers.in_memory import returned

DAY = timedelta(days=1)
SENT = datetime(2020, 1, 13, tzinfo=UTC)
FIGURES = {"kpi/K2.1/value": 7, "kpi/K2.2/numerator": 3, "kpi/K2.2/denominator": 4}
RATINGS = {"action/2.3/rating": "Green", "action/2.3/evidence": "Minutes of the group", "narrative/2/impact": "Families say so"}
Answers = Mapping[str, Any]


def sent(plan: Plan, name: str, answers: Answers, saved: datetime = SENT, agency: str = "north", period: str = PERIOD) -> Return:
    """A return with a name, its Cover filled in."""
    cover = {"cover/completed_by": "An Officer", "cover/completed_on": saved.date(), "cover/status": "Final"}
    return returned(plan, agency, period, {**cover, **answers}, name, saved)


def merged(plan: Plan, *returns: Return, held: Store | None = None, **options: Any) -> Merged:
    """These returns merged, and every cell accounted for."""
    checked = check(returns, plan)
    result = merge(checked, plan, held, **options)
    count_cells(checked, result)
    return result


def statuses(result: Merged) -> dict[str, str]:
    return {row.file: row.status for row in records(result.tables["returns"]) if row.file}


def answers_in(result: Merged, agency: str = "north", period: str = PERIOD) -> dict[str, Any]:
    """Every answer in the tables of an agency for a period, by key, except those of the Cover."""
    fields = {"actions": ("action", "evidence", "rating", "remedial_action", "date_achieved"),
              "kpis": ("kpi", "value", "numerator", "denominator", "comment"),
              "narrative": ("narrative", "achievements", "impact", "next_steps")}  # fmt: skip
    found = {}
    for table, (kind, *names) in fields.items():
        for row in records(result.tables[table]):
            if (row.agency, row.period) == (agency, period):
                ref = row.objective if table == "narrative" else row.ref
                found |= {f"{kind}/{ref}/{name}": value for name in names if (value := getattr(row, name)) is not None}
    return found


def warnings(result: Merged, *codes: str) -> list[tuple[str, str]]:
    """Code and file of the findings with one of these codes."""
    return [(row.code, row.file) for row in records(result.tables["findings"]) if row.code in codes]


def message(result: Merged, code: str) -> str:
    return next(row.message for row in records(result.tables["findings"]) if row.code == code)


@pytest.mark.parametrize("first", ["figures", "ratings"])
def test_two_halves_are_one_return_in_either_order(small: Plan, first: str) -> None:
    """The analyst sends the figures and the inspector the ratings, each in a copy of its own."""
    days = {"figures": SENT, "ratings": SENT + DAY} if first == "figures" else {"figures": SENT + DAY, "ratings": SENT}
    figures, ratings = sent(small, "figures.xlsx", FIGURES, days["figures"]), sent(small, "ratings.xlsx", RATINGS, days["ratings"])
    result = merged(small, figures, ratings)
    assert answers_in(result) == {**FIGURES, **RATINGS}
    assert statuses(result) == {"figures.xlsx": "combined", "ratings.xlsx": "combined"}
    later, earlier = ("ratings.xlsx", "figures.xlsx") if first == "figures" else ("figures.xlsx", "ratings.xlsx")
    assert warnings(result, "COMBINED", "CLEARS_EARLIER") == [("COMBINED", later)]
    assert earlier in message(result, "COMBINED")
    assert {row.source_file for row in records(result.tables["kpis"]) if row.ref == "K2.1"} == {"figures.xlsx"}


def test_a_correction_supersedes_and_what_it_clears_is_named_with_place_and_file(small: Plan) -> None:
    first, second = (
        sent(small, "first.xlsx", {**FIGURES, **RATINGS}),
        sent(small, "second.xlsx", {**FIGURES, "kpi/K2.1/value": 9}, SENT + DAY),
    )
    result = merged(small, first, second)
    assert statuses(result) == {"first.xlsx": "superseded", "second.xlsx": "accepted"}
    assert answers_in(result) == {**FIGURES, "kpi/K2.1/value": 9}
    said = message(result, "CLEARS_EARLIER")
    assert "3 answers of first.xlsx" in said
    for where, what in (("Objective 2!H8", "Green"), ("Objective 2!G8", "Minutes of the group")):
        assert f'{where} "{what}"' in said, said
    assert "Families say so" in said


def test_what_was_cleared_is_still_named_after_one_more_correction(small: Plan) -> None:
    third = {**FIGURES, "kpi/K2.1/value": 9}
    returns = [sent(small, f"{n}.xlsx", answers, SENT + n * DAY) for n, answers in enumerate(({**FIGURES, **RATINGS}, FIGURES, third))]
    result = merged(small, *returns)
    assert "3 answers of 0.xlsx" in message(result, "CLEARS_EARLIER")


def test_an_old_copy_that_was_saved_again_is_noticed(small: Plan) -> None:
    """The first copy was opened after the correction, to look at it, and Excel saved it."""
    old, corrected = {**FIGURES, **RATINGS}, {**FIGURES, **RATINGS, "kpi/K2.1/value": 9}
    returns = [
        sent(small, "old.xlsx", old),
        sent(small, "corrected.xlsx", corrected, SENT + DAY),
        sent(small, "again.xlsx", old, SENT + 2 * DAY),
    ]
    result = merged(small, *returns)
    assert warnings(result, "REVERTS_EARLIER", "CLEARS_EARLIER") == [("REVERTS_EARLIER", "again.xlsx")]
    assert '1 answer of corrected.xlsx back to what a return before had: Objective 2!C13 "9"' in message(result, "REVERTS_EARLIER")
    preferred = merged(small, *returns, prefer=[returns[1].sha256])
    assert answers_in(preferred) == corrected
    assert answers_in(merged(small, *returns, held=preferred.store)) == corrected, "remembered"


def test_a_preferred_return_is_superseded_by_a_new_one(small: Plan) -> None:
    one, two = sent(small, "one.xlsx", FIGURES), sent(small, "two.xlsx", {**FIGURES, "kpi/K2.1/value": 9}, SENT + DAY)
    preferred = merged(small, one, two, prefer=[one.sha256])
    assert statuses(preferred) == {"one.xlsx": "accepted", "two.xlsx": "superseded"}
    new = merged(small, sent(small, "new.xlsx", {**FIGURES, "kpi/K2.1/value": 10}, SENT + 2 * DAY), held=preferred.store)
    assert statuses(new)["new.xlsx"] == "accepted"
    back = merged(small, one, two, held=preferred.store, prefer=[two.sha256])
    assert statuses(back) == {"one.xlsx": "superseded", "two.xlsx": "accepted"}


def test_a_return_is_used_that_is_preferred_after_it_was_withdrawn(small: Plan) -> None:
    one = sent(small, "one.xlsx", FIGURES)
    out = withdraw(small, merged(small, one).store, "north", PERIOD)
    assert out is not None and statuses(out) == {"one.xlsx": "withdrawn"}
    assert statuses(merged(small, one, held=out.store, prefer=[one.sha256])) == {"one.xlsx": "accepted"}


def test_of_two_halves_the_later_is_withdrawn(small: Plan) -> None:
    result = merged(small, sent(small, "figures.xlsx", FIGURES), sent(small, "ratings.xlsx", RATINGS, SENT + DAY))
    out = withdraw(small, result.store, "north", PERIOD)
    assert out is not None and statuses(out) == {"figures.xlsx": "accepted", "ratings.xlsx": "withdrawn"}
    assert answers_in(out) == FIGURES


def test_combine_joins_two_that_overlap_and_the_later_answer_counts(small: Plan) -> None:
    one, two = sent(small, "one.xlsx", FIGURES), sent(small, "two.xlsx", {**RATINGS, "kpi/K2.1/value": 9}, SENT + DAY)
    assert statuses(merged(small, one, two)) == {"one.xlsx": "superseded", "two.xlsx": "accepted"}
    result = merged(small, one, two, combine=[one.sha256, two.sha256])
    assert answers_in(result) == {**FIGURES, **RATINGS, "kpi/K2.1/value": 9}
    assert answers_in(merged(small, two, one, held=result.store)) == answers_in(result), "remembered"


def test_a_request_that_cannot_be_obeyed_is_refused_in_a_sentence(small: Plan) -> None:
    one, other = sent(small, "one.xlsx", FIGURES), sent(small, "other.xlsx", {}, agency="south")
    unreadable = Return("bad.xlsx", "bad", findings=())
    for options, sentence in (
        ({"combine": [one.sha256, other.sha256]}, "two returns of the same agency and period"),
        ({"combine": [one.sha256, one.sha256]}, "two different returns"),
        ({"prefer": ["unknown"]}, "not a return that could be read"),
        ({"prefer": ["bad"]}, "bad.xlsx could not be read"),
    ):
        with pytest.raises(CannotRead, match=sentence):
            merge(check([one, other, unreadable], small), small, **options)


CLOSED = """
    saved on    what it does               status
    2020-01-20  changes an answer          accepted
    2020-03-31  changes an answer          accepted
    2020-04-14  changes an answer          held_back
    2020-04-14  adds the other half        combined
    2020-04-14  says the same again        accepted
"""


@pytest.mark.parametrize("line", [line.strip() for line in CLOSED.strip().splitlines()[1:]])
def test_a_closed_period_is_not_rewritten_by_accident(small: Plan, line: str) -> None:
    """January's file is filled in again in April: the quarter after its own has ended."""
    day, _, rest = line.partition("  ")
    what, _, status = rest.rpartition("  ")
    answers = {"changes an answer": {**FIGURES, "kpi/K2.1/value": 30}, "adds the other half": RATINGS, "says the same again": FIGURES}
    first = sent(small, "first.xlsx", FIGURES)
    second = sent(small, "second.xlsx", answers[what.strip()], datetime.fromisoformat(f"{day}T12:00:00+00:00"))
    result = merged(small, first, second)
    assert statuses(result)["second.xlsx"] == status
    if status == "held_back":
        assert answers_in(result) == FIGURES
        assert period_view(result).statuses["north"] == "accepted", "the one in use, not the one that waits"
        assert warnings(result, "CLOSED_PERIOD", "STRICT") == [("CLOSED_PERIOD", "second.xlsx")]
        preferred = merged(small, first, second, prefer=[second.sha256])
        assert answers_in(preferred)["kpi/K2.1/value"] == 30
        assert answers_in(merged(small, first, second, held=preferred.store))["kpi/K2.1/value"] == 30, "remembered"


def test_a_return_held_back_by_strict_says_so_also_where_it_clears_answers(small: Plan) -> None:
    first, second = (
        sent(small, "first.xlsx", {**FIGURES, **RATINGS}),
        sent(small, "second.xlsx", {**FIGURES, "kpi/K2.1/value": -9}, SENT + DAY),
    )
    result = merged(small, first, second, strict=True)
    assert statuses(result)["second.xlsx"] == "held_back"
    assert ("STRICT", "second.xlsx") in warnings(result, "STRICT", "CLEARS_EARLIER")


def test_withdrawing_the_return_in_use_does_not_let_in_the_one_that_waits(small: Plan) -> None:
    waiting = sent(small, "wrong quarter.xlsx", {**FIGURES, "kpi/K2.1/value": 30}, datetime(2020, 4, 14, tzinfo=UTC))
    out = withdraw(small, merged(small, sent(small, "used.xlsx", FIGURES), waiting).store, "north", PERIOD)
    assert out is not None and statuses(out) == {"used.xlsx": "withdrawn", "wrong quarter.xlsx": "held_back"}
    assert answers_in(out) == {} and warnings(out, "CLOSED_PERIOD") == [("CLOSED_PERIOD", "wrong quarter.xlsx")]
    assert statuses(merged(small, waiting, held=out.store, prefer=[waiting.sha256]))["wrong quarter.xlsx"] == "accepted"


WAITING = """
    saved on    why it waits
    2020-04-14  CLOSED_PERIOD
    2020-01-14  CANNOT_ORDER
"""


@pytest.mark.parametrize("line", [line.strip() for line in WAITING.strip().splitlines()[1:]])
def test_the_errors_of_a_return_that_waits_cast_no_doubt_on_the_one_in_use(small: Plan, line: str) -> None:
    day, code = line.split()
    saved = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    waiting = [sent(small, f"{number}.xlsx", {**FIGURES, "kpi/K2.1/value": -number}, saved) for number in (1, 2)]
    result = merged(small, sent(small, "used.xlsx", FIGURES), *waiting[: 1 if code == "CLOSED_PERIOD" else 2])
    view = period_view(result)
    period = view.kpi(small.kpi_by_ref["K2.1"])
    assert (period.figures["north"].value, view.statuses["north"], period.doubt.in_error) == (7, "accepted", frozenset())
    assert {row.code for row in records(result.tables["findings"]) if row.file == "1.xlsx"} == {code}


def test_the_first_return_of_a_closed_period_is_only_late(small: Plan) -> None:
    result = merged(small, sent(small, "late.xlsx", FIGURES, datetime(2021, 1, 5, tzinfo=UTC)))
    assert statuses(result) == {"late.xlsx": "accepted"}


def test_times_that_contradict_a_date_are_pointed_out_where_they_decide(small: Plan) -> None:
    """A clock in 2031: the file would count as the latest for ever."""
    clock = datetime(2031, 5, 1, tzinfo=UTC)
    cover = {"cover/completed_on": date(2020, 1, 14)}
    wrong = sent(small, "wrong-clock.xlsx", {**FIGURES, **cover}, clock)
    assert warnings(merged(small, wrong), "TIME_DOUBTFUL") == []
    result = merged(small, wrong, sent(small, "right.xlsx", {**RATINGS, "kpi/K2.1/value": 8}, SENT))
    assert [code for code, _ in warnings(result, "TIME_DOUBTFUL")] == ["TIME_DOUBTFUL"]
    assert "wrong-clock.xlsx was saved on 1 May 2031 and completed on 14 January 2020" in message(result, "TIME_DOUBTFUL")


def test_what_a_copy_was_issued_with_is_nobodys_answer(small: Plan) -> None:
    """Both halves of the next quarter came filled in with last quarter's evidence: they still are two halves."""
    last = sent(small, "q3.xlsx", RATINGS)
    issued = {"action/2.3/evidence": RATINGS["action/2.3/evidence"]}
    after = datetime(2020, 4, 10, tzinfo=UTC)
    figures = sent(small, "figures.xlsx", {**issued, **FIGURES}, after, period="2019-20-Q4")
    ratings = sent(small, "ratings.xlsx", {**issued, "action/2.3/rating": "Blue", "action/2.3/date_achieved": date(2020, 3, 1)},
                   after + DAY, period="2019-20-Q4")  # fmt: skip
    result = merged(small, last, figures, ratings)
    assert statuses(result) == {"q3.xlsx": "accepted", "figures.xlsx": "combined", "ratings.xlsx": "combined"}
    found = answers_in(result, period="2019-20-Q4")
    assert found == {**issued, **FIGURES, "action/2.3/rating": "Blue", "action/2.3/date_achieved": date(2020, 3, 1)}


def test_the_rules_are_applied_to_both_halves_together(small: Plan) -> None:
    """Amber needs a remedial action: the other half may have it, and a rating may be missing from both."""
    amber = {"action/2.3/rating": "Amber", "action/2.4/rating": "Green"}
    remedy = {"action/2.3/remedial_action": "A new date", **FIGURES}
    alone = merged(small, sent(small, "amber.xlsx", amber))
    assert ("AMBER_NEEDS_REMEDIAL", "amber.xlsx") in warnings(alone, "AMBER_NEEDS_REMEDIAL")
    result = merged(small, sent(small, "amber.xlsx", amber), sent(small, "remedy.xlsx", remedy, SENT + DAY))
    assert warnings(result, "AMBER_NEEDS_REMEDIAL") == []
    missing = [(row.key, row.file) for row in records(result.tables["findings"]) if row.code == "RATING_MISSING"]
    assert {key for key, _ in missing} == {"action/2.5/rating"}


LONG = bool(os.environ.get("CEDG_LONG"))
EXAMPLES = settings(max_examples=300 if LONG else 30, deadline=None, derandomize=not LONG, suppress_health_check=list(HealthCheck))
EVERYTHING = {
    **FIGURES,
    **RATINGS,
    "kpi/K2.4/value": "Chat apps",
    "narrative/2/next_steps": "Carry on",
    "action/2.3/remedial_action": "None",
}
CHOSEN = st.lists(st.booleans(), min_size=len(EVERYTHING), max_size=len(EVERYTHING))


@given(chosen=CHOSEN, apart=st.sampled_from([timedelta(), DAY]))
@EXAMPLES
def test_any_split_into_two_files_loses_and_invents_nothing(small: Plan, chosen: Sequence[bool], apart: timedelta) -> None:
    parts: tuple[dict[str, Any], dict[str, Any]] = {}, {}
    for (key, value), second in zip(EVERYTHING.items(), chosen, strict=True):
        parts[second][key] = value
    for first, second in permutations(parts):
        files = [sent(small, "a.xlsx", first), sent(small, "b.xlsx", second, SENT + apart)]
        result = merged(small, *files)
        if all(parts):
            assert answers_in(result) == EVERYTHING
            assert len(warnings(result, "COMBINED")) == 1
        elif apart:
            cleared = warnings(result, "CLEARS_EARLIER")
            assert answers_in(result) == (EVERYTHING if second else {}) and len(cleared) == (not second)
        assert master_bytes(merged(small, *reversed(files))) == master_bytes(result)


@given(versions=st.lists(st.lists(st.sampled_from([None, 1, 2]), min_size=4, max_size=4), min_size=2, max_size=4), again=st.integers(0, 9))
@EXAMPLES
def test_sending_an_older_file_again_changes_no_answer_without_a_warning_that_names_it(
    small: Plan, versions: list[list[int | None]], again: int
) -> None:
    """Any number of corrections, and then one of the older files saved once more."""
    keys = ("kpi/K2.1/value", "kpi/K2.2/numerator", "kpi/K2.2/denominator", "kpi/K2.3/value")
    sent_before = [dict(zip(keys, version, strict=True)) for version in versions]
    files = [sent(small, f"{n}.xlsx", answers, SENT + n * DAY) for n, answers in enumerate(sent_before)]
    before = merged(small, *files)
    older = sent_before[again % len(sent_before)]
    result = merged(small, sent(small, "again.xlsx", older, SENT + 9 * DAY), held=before.store)
    then, now = answers_in(before), answers_in(result)
    named = " ".join(row.message for row in records(result.tables["findings"]) if row.code in ("CLEARS_EARLIER", "REVERTS_EARLIER"))
    for key, value in then.items():
        if now.get(key) != value:
            stored = next(row for row in records(before.store.values) if row.key == key and row.value == str(value))
            assert f'Objective 2!{"ABCDEFGH"[int(stored.column) - 1]}{int(stored.row)} "{value}"' in named, (key, named)
