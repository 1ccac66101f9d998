"""The rules on answers: each with a row that breaks it and a row that does not."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

import cedg_excel
from cedg_excel.form.rules import BY_CODE, RULES
from cedg_excel.form.value_rules import VALUE_RULES
from cedg_excel.plan.model import Plan
from tests.conftest import COVER, RATED, Fill, checked

Returned = Callable[[str], list[str]]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        pytest.param(
            """
            | Ref | Date achieved | Evidence | BRAG |
            | 2.3 |               | Seen     | Blue |
            | 2.4 | 12/12/2019    | Seen     | Blue |
            """,
            ["2.3 BRAG BLUE_NEEDS_ACHIEVED"],
            id="Blue needs a date; the rating is named, because the rating may be the mistake",
        ),
        pytest.param(
            """
            | Ref | Date achieved | Evidence | BRAG  |
            | 2.3 | 12/12/2019    | Seen     | Green |
            | 2.4 |               | Seen     | Green |
            """,
            ["2.3 BRAG ACHIEVED_NOT_BLUE"],
            id="a date achieved goes with Blue",
        ),
        pytest.param(
            """
            | Ref | Date achieved | Evidence | BRAG |
            | 2.3 | 12/12/2019    |          | Blue |
            | 2.4 | 12/12/2019    | Minutes  | Blue |
            """,
            ["2.3 BRAG BLUE_NEEDS_EVIDENCE"],
            id="Blue needs evidence",
        ),
        pytest.param(
            """
            | Ref | Remedial action | BRAG  |
            | 2.3 |                 | Amber |
            | 2.4 | A new lead      | Amber |
            """,
            ["2.3 BRAG AMBER_NEEDS_REMEDIAL"],
            id="Amber needs remedial action",
        ),
        pytest.param(
            """
            | Ref | Target date | BRAG  |
            | 2.3 | 30/12/2019  | Green |
            | 2.4 | 31/12/2019  | Green |
            """,
            ["2.3 BRAG GREEN_PAST_TARGET"],
            id="a date has passed when it is before the last day of the period",
        ),
        pytest.param(
            """
            | Ref | BRAG  |
            | 2.5 | Green |
            """,
            ["2.5 BRAG GREEN_PAST_TARGET"],
            id="a target date settled in the plan counts as well",
        ),
        pytest.param(
            """
            | Ref | Date commenced | Date achieved | Evidence | BRAG |
            | 2.3 | 02/12/2019     | 01/12/2019    | Seen     | Blue |
            | 2.4 | 01/12/2019     | 01/12/2019    | Seen     | Blue |
            """,
            ["2.3 Date achieved ACHIEVED_BEFORE_COMMENCED"],
            id="nothing is achieved before it commenced; the same day is fine",
        ),
        pytest.param(
            """
            | Ref | Date achieved | Evidence | BRAG |
            | 2.3 | 01/01/2020    | Seen     | Blue |
            | 2.4 | 31/12/2019    | Seen     | Blue |
            """,
            ["2.3 Date achieved ACHIEVED_IN_FUTURE"],
            id="in the future means after the period's end",
        ),
        pytest.param(
            """
            | Ref | Date commenced | Target date |
            | 2.3 | 17/07/2019     | 30/09/2022  |
            | 2.4 | 18/07/2019     | 01/10/2022  |
            """,
            ["2.4 Target date DATE_OUTSIDE_PLAN", "2.3 Date commenced COMMENCED_BEFORE_PLAN"],
            id="dates are within the plan, but work may have started before it",
        ),
        pytest.param(
            """
            | Ref | BRAG     |
            | 2.3 | Purple   |
            | 2.4 | "blue "  |
            | 2.5 |          |
            """,
            [
                "2.3 BRAG UNKNOWN_RATING",
                "2.4 BRAG BLUE_NEEDS_ACHIEVED",
                "2.5 BRAG RATING_MISSING",
            ],
            id="a rating is one of four, in upper or lower case; a cell has one finding, the first cause",
        ),
        pytest.param(
            """
            | Ref | Target date    | Date achieved   | Evidence | BRAG |
            | 2.3 | "12 March 2020"| "01/12/2019"    | Seen     | Blue |
            | 2.4 | "31/02/2020"   | "1/2/20"        | Seen     | Blue |
            | 2.5 |                | "soon"          | Seen     | Blue |
            """,
            [
                "2.4 Target date UNREADABLE_DATE",
                "2.4 Date achieved UNREADABLE_DATE",
                "2.5 Date achieved UNREADABLE_DATE",
                "2.3 Target date DATE_AS_TEXT",
                "2.3 Date achieved DATE_AS_TEXT",
            ],
            id="UK dates typed as text are read; ambiguous ones are not",
        ),
        pytest.param(
            """
            | Ref  | Number | Comment |
            | K2.1 | -1     | Why?    |
            | K2.3 | 2.5    |         |
            """,
            ["K2.1 Number NEGATIVE"],
            id="counts are not negative; days may be fractions",
        ),
        pytest.param(
            """
            | Ref  | Number  |
            | K2.1 | 2.5     |
            | K2.3 | "9 days" |
            """,
            ["K2.1 Number NOT_WHOLE", "K2.3 Number NOT_A_NUMBER"],
            id="counts are whole numbers, and words are not numbers",
        ),
        pytest.param(
            """
            | Ref  | Number |
            | K2.1 | 43831  |
            | K2.3 | "1,200" |
            """,
            ["K2.1 Number LOOKS_LIKE_DATE", "K2.3 Number NUMBER_AS_TEXT"],
            id="a number that may be a date is reported; a number stored as text is read",
        ),
        pytest.param(
            """
            | Ref  | How many | Out of |
            | K2.2 | 5        | 4      |
            """,
            ["K2.2 How many NUMERATOR_ABOVE_DENOMINATOR"],
            id="the numerator is not above the denominator",
        ),
        pytest.param(
            """
            | Ref  | How many | Out of |
            | K2.2 | 5        |        |
            """,
            ["K2.2 How many RATIO_HALF"],
            id="a percentage needs both numbers",
        ),
    ],
)
def test_rule(returned: Returned, table: str, expected: list[str]) -> None:
    assert returned(table) == expected


def test_clean_return_has_no_findings(fill: Fill, small: Plan) -> None:
    (item,) = checked(small, fill(RATED))
    assert (item.status, item.findings) == ("clean", ())


def test_text_length_is_counted_as_excel_counts_it(fill: Fill, small: Plan) -> None:
    """An emoji counts as two in Excel's LEN, so a text that Excel accepts is accepted here."""
    texts = {"action/2.3/evidence": "x" * 2000, "action/2.4/evidence": "😀" * 1000, "action/2.5/evidence": "x" * 1999 + "😀"}
    (item,) = checked(small, fill({**RATED, **texts}))
    assert [(f.key, f.code) for f in item.findings] == [("action/2.5/evidence", "TEXT_TOO_LONG")]
    assert f"{small.about.text_limit:,}" in item.findings[0].message


def test_nil_return_needs_no_answers(fill: Fill, small: Plan) -> None:
    (item,) = checked(small, fill({"cover/nil_return": "Yes"}))
    assert [f.code for f in item.findings] == []


def test_nil_return_with_answers_is_an_error_at_nothing_to_report(fill: Fill, small: Plan) -> None:
    (item,) = checked(small, fill({"cover/nil_return": "Yes", "kpi/K2.1/value": 0}))
    assert [(f.code, f.key, f.where) for f in item.findings] == [("NIL_WITH_ENTRIES", "cover/nil_return", "Cover!B25")]


@pytest.mark.parametrize(
    ("cover", "codes"),
    [
        ({}, ["COVER_MISSING", "COVER_MISSING", "COVER_MISSING"]),
        ({**COVER, "cover/status": "Draft"}, ["DRAFT"]),
        ({**COVER, "cover/status": "draft"}, ["DRAFT"]),
        ({**COVER, "cover/status": "Nearly"}, ["UNKNOWN_CHOICE"]),
        ({**COVER, "cover/completed_on": "yesterday"}, ["UNREADABLE_DATE"]),
    ],
)
def test_cover(fill: Fill, small: Plan, cover: dict[str, object], codes: list[str]) -> None:
    (item,) = checked(small, fill(RATED, cover=cover))
    assert [f.code for f in item.findings] == codes


def test_finding_names_the_cells_as_excel_shows_them(fill: Fill, small: Plan) -> None:
    (item,) = checked(small, fill({**RATED, "action/2.3/rating": "Blue", "action/2.3/evidence": "Seen"}))
    assert [f.as_line() for f in item.findings] == [
        "north_2019-20-Q3.xlsx  Objective 2!H8  Blue needs the date it was achieved. "
        "Enter it in F8, or pick another rating.  [BLUE_NEEDS_ACHIEVED]"
    ]


def test_contributor_is_not_asked_for_a_rating(fill: Fill, small: Plan) -> None:
    (item,) = checked(small, fill(RATED))
    keys = item.returned.entries or {}
    assert "action/2.1/evidence" in keys
    assert not {"action/2.1/rating", "action/2.1/date_achieved"} & set(keys)


def test_settled_dates_are_not_asked_for(fill: Fill, small: Plan) -> None:
    (item,) = checked(small, fill(RATED))
    assert "action/2.5/target_date" not in (item.returned.entries or {})


def test_every_sentence_can_be_filled_in() -> None:
    """A mistake in the wording of a rule shows here, not when an agency first sees it."""
    known = {
        "value": "x", "other": "x", "near": "", "size": "x", "limit": "x", "kind": "x", "reason": "x", "sheet": "x", "cell": "x",
        "due": "x", "now": "x", "read": "x", "label": "x", "period_end": "x", "plan_start": "x", "plan_end": "x", "other_half": "x",
        "text_limit": "x", "date_commenced": "x", "date_achieved": "x", "remedial_action": "x", "evidence": "x", "denominator": "x",
        "count": "x", "answers": "x", "times": "x", "changes": "x",
    }  # fmt: skip
    for rule in RULES:
        assert rule.message.format(**known), rule.code
        assert rule.fix.format(**known) or rule.code == "OTHER_VERSION", rule.code


def test_codes_are_unique_and_in_the_order_of_causes() -> None:
    codes = [rule.code for rule in RULES]
    assert len(codes) == len(set(codes)) == len(BY_CODE)
    holding = [rule.holds_back for rule in VALUE_RULES]
    assert holding == sorted(holding, reverse=True), "rules that hold a value back come before those that only comment on it"


def test_nothing_reads_the_clock() -> None:
    """The same returns must give the same findings and the same master in ten years."""
    package = Path(cedg_excel.__file__).parent
    modules = {str(path.relative_to(package)): path.read_text("utf-8") for path in package.rglob("*.py")}
    assert {"files.py", str(Path("checking") / "check.py"), str(Path("master") / "merge.py")} <= set(modules)
    assert {name: read for name, text in modules.items() if (read := CLOCKS & attributes(text))} == {}


CLOCKS = {"today", "now", "utcnow", "time_ns", "localtime", "getmtime", "st_mtime"}


def attributes(code: str) -> set[str]:
    """Every name after a dot."""
    return {node.attr for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Attribute)}
