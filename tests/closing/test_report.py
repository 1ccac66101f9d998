"""The report at the end of a plan: its content, and the Word document."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from cedg_excel.closing.ratings_chart import chart_size, draw_chart
from cedg_excel.closing.report import Report, report_of
from cedg_excel.closing.report_text import ReportText
from cedg_excel.closing.word_document import TEXT_WIDTH, TO_WRITE, WordDocument, clean
from cedg_excel.closing.word_report import report_bytes
from cedg_excel.errors import CannotRead
from cedg_excel.master.period_view import PeriodView, last_view
from cedg_excel.master.store import Store
from cedg_excel.plan.model import Kpi, Plan
from tests.closing.conftest import BLUE, NORTH, Q3, Q4, SOUTH, ViewOf, action
from tests.conftest import COVER, Cedg, Fill, plan_with
from tests.helpers.places import ROOT, SMALL
from tests.helpers.zips import parts_of


@pytest.fixture
def view(view_of: ViewOf) -> PeriodView:
    return view_of({("north", Q3): NORTH, ("south", Q3): SOUTH})


def document_of(report: Report) -> Any:
    return docx.Document(BytesIO(report_bytes(report)))


def lines(document: Any) -> list[str]:
    """Every paragraph, those in tables too, in the order of the document."""
    return ["".join(text.text or "" for text in p.iter(qn("w:t"))) for p in document.element.body.iter(qn("w:p"))]


def test_report_has_the_usual_headings_in_order(view: PeriodView) -> None:
    document = document_of(report_of(view))
    heads = [(p.style.name, p.text) for p in document.paragraphs if p.style.name.startswith(("Title", "Heading"))]
    assert heads == [
        ("Title", "Closure Report"), ("Heading 1", "Purpose and introduction"), ("Heading 1", "Progress and achievements"),
        ("Heading 2", "2 Support"), ("Heading 3", "Achievements"), ("Heading 3", "Impact"), ("Heading 3", "Ongoing actions"),
        ("Heading 3", "Key performance indicators"), ("Heading 1", "Next steps"), ("Heading 1", "How far this can be relied on"),
    ]  # fmt: skip


def test_blue_actions_are_achieved_and_the_rest_are_ongoing(view: PeriodView) -> None:
    (section,) = report_of(view).sections
    assert [(f.action.ref, f.achieved.text, [w.text for w in f.evidence]) for f in section.finished] == [
        ("2.1", "2 December 2019", ["Minutes of 2 December", "Our services are sent in"]),
        ("2.4", "2 December 2019", ["Minutes of 2 December"]),
    ]
    assert [(u.action.ref, u.rating, u.lead, u.target_dates, [w.text for w in u.position]) for u in section.unfinished] == [
        ("2.3", "Amber", "None named in the plan", "1 March 2020", ["Half are trained\nRemedial action: A second trainer"]),
        ("2.5", "Red", "None named in the plan", "30 November 2019", ["Not begun"]),
    ]
    assert dict(section.counts) == {"Blue": 2, "Amber": 1, "Red": 1}


def test_missing_texts_are_requested_and_highlighted(view_of: ViewOf) -> None:
    report = report_of(view_of({("north", Q3): {**action("2.4", rating="Blue")}}))
    assert report.to_write == [
        "[To be written: who this report is for, and the date of the meeting. The plan does not say.]",
        "[To be written: the purpose of the plan. The plan does not say.]",
        "[To be written: how the plan is governed and scrutinised. The plan does not say.]",
        "[To be written: the date 2.4 was achieved. No agency has given it.]",
        "[To be written: the evidence that 2.4 is done. No agency has given any.]",
        "[To be written: the impact of objective 2. No agency has given any.]",
        "[To be written: the position of 2.1, and what is left to do. No accountable agency has reported it.]",
        "[To be written: the position of 2.3, and what is left to do. No accountable agency has reported it.]",
        "[To be written: the position of 2.5, and what is left to do. No accountable agency has reported it.]",
        "[To be written: the latest figure for K2.1. No agency has given one.]",
        "[To be written: the latest figure for K2.2. No agency has given one.]",
        "[To be written: the latest figure for K2.3. No agency has given one.]",
        "[To be written: what happens after the end of the plan. The plan does not say.]",
    ]
    marked = [run for p in document_of(report).element.body.iter(qn("w:p")) for run in p.iter(qn("w:r"))
              if run.find(f"{qn('w:rPr')}/{qn('w:rStyle')}") is not None
              and run.find(f"{qn('w:rPr')}/{qn('w:rStyle')}").get(qn("w:val")) == TO_WRITE.replace(" ", "")]  # fmt: skip
    assert ["".join(t.text for t in run.iter(qn("w:t"))) for run in marked] == report.to_write


def test_agreed_text_comes_before_the_agencies_text_and_each_names_its_source(view_of: ViewOf) -> None:
    group = {"agreed/2/achievements": "Agreed achievement", "agreed/2/impact": "Agreed impact", "agreed/2/next_steps": "Agreed step"}
    report = report_of(view_of({("north", Q3): NORTH}, group))
    texts = lines(document_of(report))
    expected = [
        "Agreed achievement (agreed by the group, Q3 2019-20)", "2.4 Run a campaign. Achieved: 2 December 2019",
        "North's achievement (North Agency, Q3 2019-20)", "Agreed impact (agreed by the group, Q3 2019-20)",
        "2 Support: Agreed step (agreed by the group, Q3 2019-20)", "2 Support: North's next step (North Agency, Q3 2019-20)",
    ]  # fmt: skip
    assert [text for text in texts if text in expected] == expected
    assert not any("impact" in place for place in report.to_write)


def test_report_has_achievements_of_every_period_but_only_the_latest_next_steps(view_of: ViewOf) -> None:
    later = {**NORTH, "narrative/2/achievements": "The second", "narrative/2/next_steps": "The next one"}
    (section,) = report_of(view_of({("north", Q3): NORTH, ("north", Q4): later})).sections
    assert [words.source + ": " + words.text for words in section.achievements] == [
        "North Agency, Q3 2019-20: North's achievement", "North Agency, Q4 2019-20: The second",
    ]  # fmt: skip
    assert [words.text for words in section.next_steps] == ["The next one"]


def test_agency_that_has_not_answered_is_named_and_its_earlier_text_is_dated(view_of: ViewOf) -> None:
    report = report_of(view_of({("north", Q3): NORTH, ("south", Q3): SOUTH, ("south", Q4): SOUTH}))
    (section,) = report.sections
    rows = {u.action.ref: (u.rating, u.remarks, [w.source for w in u.position]) for u in section.unfinished}
    assert rows["2.4"] == ("Not rated", ("North Agency: Not returned (Blue in Q3 2019-20)",), ["North Agency, Q3 2019-20"])
    assert "1 of 2 agencies answered for Q4 2019-20." in report.reliability
    assert "No return has come from North Agency for Q4 2019-20." in report.reliability


def test_held_back_and_doubtful_answers_are_listed(view_of: ViewOf) -> None:
    wrong = {**NORTH, "kpi/K2.1/value": "about 40", **action("2.4", rating="Blue", evidence="Minutes", date_achieved=None)}
    reliability = report_of(view_of({("north", Q3): wrong, ("north", Q4): wrong})).reliability
    assert "Left out, because it could not be used: the value of K2.1 from North Agency. This is not a number." in reliability
    assert (
        "Doubtful, but shown and counted as typed: the rating of 2.4 from North Agency. Blue needs the date it was achieved." in reliability
    )
    assert "Also left out: 1 answer from earlier periods; see Findings in the master." in reliability


def test_report_before_the_end_of_the_plan_says_so(view: PeriodView, view_of: ViewOf) -> None:
    assert any("no return has been accepted for Q4 2019-20." in sentence for sentence in report_of(view).reliability)
    last = report_of(view_of({("north", Q4): NORTH}))
    assert not any("continues after that" in sentence for sentence in last.reliability)
    assert "No agency answered for Q3 2019-20." in last.reliability


def test_group_rating_is_marked(view_of: ViewOf) -> None:
    (section,) = report_of(view_of({("north", Q3): NORTH}, {"group/2.5/rating": "Blue", "group/2.4/rating": "Amber"})).sections
    assert [(f.action.ref, f.by_group) for f in section.finished] == [("2.5", True)]
    assert {u.action.ref: u.remarks for u in section.unfinished}["2.4"] == ("The group's own rating; by the agencies: Blue",)


def test_continuing_work_is_both_achieved_and_ongoing(view_of: ViewOf, small: Plan) -> None:
    actions = tuple(a.model_copy(update={"continues": a.ref == "2.4"}) for a in small.actions)
    plan = plan_with(small, action=actions)
    (section,) = report_of(view_of({("north", Q3): NORTH}, plan=plan)).sections
    assert "2.4" in [f.action.ref for f in section.finished]
    assert {u.action.ref: u.remarks for u in section.unfinished}["2.4"] == ("Work that continues",)


FIGURES = """
    | unit    | good | baseline | target | first   | last    | -> baseline                    | latest            | change                 | target         | total            |
    | count   | up   |          |        | 4       | 6       | 4 first reported, Q3 2019-20   | 6 Q4 2019-20      | Up 2                   | None set       | 10 2 periods     |
    | count   | down |          | 5      | 4       | 6       | 4 first reported, Q3 2019-20   | 6 Q4 2019-20      | Up 2                   | 5 (missed by 1) | 10 2 periods     |
    | count   | up   |          | 6      | 4       | 6       | 4 first reported, Q3 2019-20   | 6 Q4 2019-20      | Up 2                   | 6 (met)        | 10 2 periods     |
    | count   | up   |          | 7      | 4       | 6       | 4 first reported, Q3 2019-20   | 6 Q4 2019-20      | Up 2                   | 7 (missed by 1) | 10 2 periods     |
    | count   | down |          | 6      | 4       | 6       | 4 first reported, Q3 2019-20   | 6 Q4 2019-20      | Up 2                   | 6 (met)        | 10 2 periods     |
    | count   |      |          | 5      | 4       | 6       | 4 first reported, Q3 2019-20   | 6 Q4 2019-20      | Up 2                   | 5              | 10 2 periods     |
    | count   | up   | 1204     | 5      |         | 6       | 1,204 baseline                 | 6 Q4 2019-20      | Down 1,198             | 5 (met)        | 6 1 period       |
    | count   | up   | unknown  | all    | 6       | 6       | unknown baseline               | 6 Q4 2019-20      | Unchanged              | all            | 12 2 periods     |
    | count   | up   |          |        |         | 6       | None set                       | 6 Q4 2019-20      | Nothing to compare     | None set       | 6 1 period       |
    | count   | up   |          |        | 6       |         | None set                       | 6 Q3 2019-20      | Nothing to compare     | None set       | 6 1 period       |
    | days    | down | 12.5     | 10     | 11      | 9       | 12.5 days baseline             | 9 days Q4 2019-20 | Down 3.5 days          | 10 days (met)  | –                |
    | percent | up   | 40       | 60     | 1 of 2  | 3 of 4  | 40% baseline                   | 75% Q4 2019-20    | Up 35 points           | 60% (met)      | –                |
"""  # noqa: E501  a table


@pytest.mark.parametrize("row", FIGURES.strip().splitlines()[1:])
def test_kpi_table_goes_from_baseline_to_latest(row: str, view_of: ViewOf, small: Plan) -> None:
    unit, good, baseline, target, first, last, *expected = [cell.strip() for cell in row.strip().strip("|").split("|")]
    kpi = Kpi.model_validate({
        "ref": "K2.9", "measure": "Something", "unit": unit, "good": good, "agencies": ["north"],
        "combine": "ratio" if unit == "percent" else "single", "over_time": "sum" if unit == "count" else "none",
        "baseline": number(baseline), "target": number(target),
    })  # fmt: skip
    plan = plan_with(small, kpi=(kpi,))
    report = report_of(view_of({("north", Q3): answer(first), ("north", Q4): answer(last)}, plan=plan))
    (m,) = report.sections[0].kpis.rows
    found = [f"{part.text} {part.source}".strip() if isinstance(part, ReportText) else part
            for part in (m.baseline, m.latest, m.change, m.target, m.total)]  # fmt: skip
    assert found == expected


def number(text: str) -> int | float | str | None:
    return float(text) if "." in text else int(text) if text.isdecimal() else text or None


def answer(text: str) -> dict[str, Any]:
    if " of " in text:
        return dict(zip(("kpi/K2.9/numerator", "kpi/K2.9/denominator"), map(int, text.split(" of ")), strict=True))
    return {"kpi/K2.9/value": number(text)} if text else {}


def test_total_from_some_agencies_is_marked_as_partial(view_of: ViewOf) -> None:
    returns = {("north", Q3): {"kpi/K2.1/value": 4}, ("south", Q3): {"kpi/K2.1/value": 6}, ("north", Q4): {"kpi/K2.1/value": 5}}
    measure = report_of(view_of(returns)).sections[0].kpis.rows[0]
    assert (measure.latest.text, measure.latest.source) == ("5 ‡", "Q4 2019-20, from 1 of 2 agencies")
    assert measure.change == "Up 1, the same 1 of 2 agencies"


def test_texts_and_comments_follow_the_kpi_table(view_of: ViewOf) -> None:
    answers = {"kpi/K2.4/value": "Mostly one app", "kpi/K2.1/value": 4, "kpi/K2.1/comment": "Two are counted twice"}
    texts = lines(document_of(report_of(view_of({("north", Q3): answers}))))
    assert "K2.4 Which apps are used (being explored). Mostly one app (North Agency)" in texts
    assert "K2.1: Two are counted twice (North Agency)" in texts


def test_interim_report_lists_overdue_work_and_does_not_mention_closing(view: PeriodView) -> None:
    report = report_of(view, interim=True)
    texts = lines(document_of(report))
    assert (texts[0], report.interim) == ("Progress Report", True)
    assert [t for t in texts if re.search(r"(?i)\bclos(e|ure|es|ing)\b|end of the plan", t)] == []
    where = texts.index("What is overdue")
    assert texts[where + 1 : where + 9] == [
        "Action", "Agency", "Target date", "Its rating", "2.5 Agree a protocol", "North Agency", "30 November 2019", "\u00a0Red\u00a0",
    ]  # fmt: skip


def test_tables_have_header_rows_and_descriptions_and_fit_the_page(view: PeriodView) -> None:
    document = document_of(report_of(view))
    for table in document.tables:
        heads = [row for row in table._tbl.tr_lst if row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None]
        assert heads == table._tbl.tr_lst[:1]
        assert table._tbl.tblPr.find(qn("w:tblDescription")).get(qn("w:val"))
        assert round(sum(column.width.cm for column in table.columns), 1) <= TEXT_WIDTH
    assert [[cell.text for cell in table.rows[0].cells] for table in document.tables] == [
        ["Objective", "Actions", "Red", "Amber", "Green", "Blue", "Not rated"],
        ["Action", "Lead", "Rating", "Position and what is left to do"],
        ["Ref", "Indicator", "Baseline", "Latest", "Change", "Target", "Whole plan"],
    ]
    section = document.sections[0]
    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)


def test_chart_has_a_text_description(view: PeriodView) -> None:
    document = document_of(report_of(view))
    (shape,) = document.inline_shapes
    words = shape._inline.docPr.get("descr")
    assert words == "Stacked bars, one for each objective. Objective 2: 4 actions: 2 Blue, 1 Amber, 1 Red."
    assert shape.width.cm <= TEXT_WIDTH


def test_chart_is_the_same_each_time_and_changes_with_the_numbers() -> None:
    bars = [("Objective 1", {"Blue": 1, "Green": 40}), ("Objective 2", {})]
    assert draw_chart(bars) == draw_chart(bars) != draw_chart([("Objective 1", {"Blue": 2, "Green": 39}), ("Objective 2", {})])
    assert draw_chart([]).startswith(b"\x89PNG")


def test_chart_of_many_objectives_is_no_taller_than_the_page() -> None:
    bars = [(f"Objective {n}", {"Green": n}) for n in range(1, 60)]
    word = WordDocument("A title")
    word.picture(draw_chart(bars), chart_size(bars), "Bars")
    assert word.document.inline_shapes[0].height.cm < 26


def test_document_has_title_language_and_page_numbers_but_no_author(view: PeriodView) -> None:
    content = report_bytes(report_of(view))
    parts = {name: part.decode("utf-8", "replace") for name, part in parts_of(content).items()}
    core = docx.Document(BytesIO(content)).core_properties
    assert (core.author, core.last_modified_by, core.comments, core.language) == ("", "", "", "en-GB")
    assert core.title == "Closure Report: A small plan"
    assert (core.created, core.modified) == (datetime(2020, 1, 14, 10, tzinfo=UTC),) * 2
    assert 'w:instr="PAGE"' in parts["word/footer1.xml"]
    assert 'w:instr="NUMPAGES"' in parts["word/footer1.xml"]
    assert 'w:val="en-US"' not in parts["word/styles.xml"] + parts["word/settings.xml"]
    assert [name for name in parts if "thumbnail" in name or "customXml" in name] == []
    whole = "".join(part for name, part in parts.items() if not name.startswith("word/theme"))
    names = (str(COVER["cover/completed_by"]), "python-docx", "Macintosh", "north_2019", str(ROOT))
    assert [name for name in names if name in whole] == []


def test_same_master_gives_the_same_bytes(view: PeriodView) -> None:
    assert report_bytes(report_of(view)) == report_bytes(report_of(view))


AWKWARD_TEXTS = [
    "<w:p>&amp;</w:p>",
    "=1+1",
    "a\x0bb\x00c\x1f",
    "one\n\ntwo\r\nthree\tfour",
    "\U0001f600 \u0175\u0177",
    "x" * 2000,
    "]]>",
    "\ud800",
]


@pytest.mark.parametrize("text", AWKWARD_TEXTS)
def test_awkward_text_appears_unchanged_in_the_document(text: str, view_of: ViewOf) -> None:
    answers = {**NORTH, **action("2.4", **{**BLUE, "evidence": text}), "narrative/2/impact": text}
    if "\x00" in text or text == "\ud800":
        # No workbook can hold these, but a report must not break on them.
        word = WordDocument(text, text)
        word.heading(text, 1)
        word.table((text,), (17.0,), [[text]], text)
        assert docx.Document(BytesIO(word.to_bytes(datetime(2020, 1, 1, tzinfo=UTC)))).paragraphs[0].text == clean(text)
        return
    document = document_of(report_of(view_of({("north", Q3): answers})))
    impact = next(p for p in document.paragraphs if p.text.endswith("(North Agency, Q3 2019-20)") and p.style.name == "Normal")
    assert impact.text == text.replace("\r\n", "\n") + " (North Agency, Q3 2019-20)"


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_any_typed_text_can_be_written_to_the_document(text: str) -> None:
    allowed = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]", "\ufffd", text.replace("\r\n", "\n"))
    assert clean(text) == allowed


def test_notice_of_the_plan_is_on_every_page(view_of: ViewOf, small: Plan) -> None:
    noticed = plan_with(small, plan=small.about.model_copy(update={"notice": "Invented sample data."}))
    document = document_of(report_of(view_of({("north", Q3): action("2.4", **BLUE)}, plan=noticed)))
    assert document.sections[0].header.paragraphs[0].text == "Invented sample data."
    assert "Invented sample data." in lines(document)


def test_no_logic_reads_the_texts_of_the_agencies(view_of: ViewOf) -> None:
    """Whether the data are invented is said by the plan, in a field of its own."""
    assert report_of(view_of({("north", Q3): {**action("2.4", **BLUE), "narrative/2/impact": "Invented: much"}})).notice == ""


def test_closing_commands_without_a_master_give_one_sentence(cedg: Cedg, small: Plan, tmp_path: Path) -> None:
    cedg("init", "round", "--plan", SMALL)
    round_folder = tmp_path / "round"
    for command in ("closure", "rollover"):
        completed = cedg(command, folder=round_folder)
        assert (completed.status, completed.out, completed.err) == (
            2,
            "",
            "There is no master at master.xlsx. Run merge first, or give the path of the master.\n",
        )
    with pytest.raises(CannotRead, match="contains no return that can be used"):
        last_view(small, Store())


def test_an_edited_report_is_never_overwritten(cedg: Cedg, fill: Fill, tmp_path: Path) -> None:
    cedg("init", "round", "--plan", SMALL)
    round_folder = tmp_path / "round"
    assert cedg("merge", fill(NORTH), folder=round_folder).status in (0, 1)
    completed = cedg("closure", folder=round_folder)
    assert (completed.status, completed.out.splitlines()[0]) == (0, "Wrote closure.docx.")
    written = (round_folder / "closure.docx").stat()
    same = cedg("closure", folder=round_folder)
    assert (same.status, "Wrote" in same.out) == (0, False)
    assert os.path.samestat(written, left := (round_folder / "closure.docx").stat()) and left.st_mtime_ns == written.st_mtime_ns
    (round_folder / "closure.docx").write_bytes(b"edited")
    again = cedg("closure", folder=round_folder)
    assert (again.status, (round_folder / "closure.docx").read_bytes()) == (2, b"edited")
    assert again.err.startswith("closure.docx already exists and differs from what would be written now")
    assert cedg("closure", "--interim", "-o", "x.docx", folder=round_folder).out.startswith("Wrote x.docx.\nProgress Report")
