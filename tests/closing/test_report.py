"""What the report at the end of a plan says, and the Word document it comes as."""

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
from tests.closing.conftest import BLUE, NORTH, Q3, Q4, SOUTH, View_, action
from tests.conftest import COVER, Cedg, Fill, with_
from tests.helpers.places import ROOT, SMALL
from tests.helpers.zips import parts_of


@pytest.fixture
def one(seen: View_) -> PeriodView:
    return seen({("north", Q3): NORTH, ("south", Q3): SOUTH})


def opened(report: Report) -> Any:
    return docx.Document(BytesIO(report_bytes(report)))


def lines(document: Any) -> list[str]:
    """Every paragraph, those in tables too, in the order of the document."""
    return ["".join(text.text or "" for text in p.iter(qn("w:t"))) for p in document.element.body.iter(qn("w:p"))]


def test_headings_are_those_of_a_closure_report_in_their_order(one: PeriodView) -> None:
    document = opened(report_of(one))
    heads = [(p.style.name, p.text) for p in document.paragraphs if p.style.name.startswith(("Title", "Heading"))]
    assert heads == [
        ("Title", "Closure Report"), ("Heading 1", "Purpose and introduction"), ("Heading 1", "Progress and achievements"),
        ("Heading 2", "2 Support"), ("Heading 3", "Achievements"), ("Heading 3", "Impact"), ("Heading 3", "Ongoing actions"),
        ("Heading 3", "Key performance indicators"), ("Heading 1", "Next steps"), ("Heading 1", "How far this can be relied on"),
    ]  # fmt: skip


def test_what_is_blue_is_achieved_and_the_rest_goes_on(one: PeriodView) -> None:
    (section,) = report_of(one).sections
    assert [(f.action.ref, f.achieved.text, [w.text for w in f.evidence]) for f in section.finished] == [
        ("2.1", "2 December 2019", ["Minutes of 2 December", "Our services are sent in"]),
        ("2.4", "2 December 2019", ["Minutes of 2 December"]),
    ]
    assert [(u.action.ref, u.rating, u.lead, u.target_dates, [w.text for w in u.position]) for u in section.unfinished] == [
        ("2.3", "Amber", "None named in the plan", "1 March 2020", ["Half are trained\nRemedial action: A second trainer"]),
        ("2.5", "Red", "None named in the plan", "30 November 2019", ["Not begun"]),
    ]
    assert dict(section.counts) == {"Blue": 2, "Amber": 1, "Red": 1}


def test_words_that_nobody_has_given_are_asked_for_by_name_and_stand_out(seen: View_) -> None:
    report = report_of(seen({("north", Q3): {**action("2.4", rating="Blue")}}))
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
    marked = [run for p in opened(report).element.body.iter(qn("w:p")) for run in p.iter(qn("w:r"))
              if run.find(f"{qn('w:rPr')}/{qn('w:rStyle')}") is not None
              and run.find(f"{qn('w:rPr')}/{qn('w:rStyle')}").get(qn("w:val")) == TO_WRITE.replace(" ", "")]  # fmt: skip
    assert ["".join(t.text for t in run.iter(qn("w:t"))) for run in marked] == report.to_write


def test_agreed_words_stand_before_the_agencies_and_each_says_whose_it_is(seen: View_) -> None:
    group = {"agreed/2/achievements": "Agreed achievement", "agreed/2/impact": "Agreed impact", "agreed/2/next_steps": "Agreed step"}
    report = report_of(seen({("north", Q3): NORTH}, group))
    texts = lines(opened(report))
    expected = [
        "Agreed achievement (agreed by the group, Q3 2019-20)", "2.4 Run a campaign. Achieved: 2 December 2019",
        "North's achievement (North Agency, Q3 2019-20)", "Agreed impact (agreed by the group, Q3 2019-20)",
        "2 Support: Agreed step (agreed by the group, Q3 2019-20)", "2 Support: North's next step (North Agency, Q3 2019-20)",
    ]  # fmt: skip
    assert [text for text in texts if text in expected] == expected
    assert not any("impact" in place for place in report.to_write)


def test_achievements_of_every_period_and_only_the_latest_next_steps(seen: View_) -> None:
    later = {**NORTH, "narrative/2/achievements": "The second", "narrative/2/next_steps": "The next one"}
    (section,) = report_of(seen({("north", Q3): NORTH, ("north", Q4): later})).sections
    assert [words.source + ": " + words.text for words in section.achievements] == [
        "North Agency, Q3 2019-20: North's achievement", "North Agency, Q4 2019-20: The second",
    ]  # fmt: skip
    assert [words.text for words in section.next_steps] == ["The next one"]


def test_silent_agency_is_named_and_its_older_words_say_from_when_they_are(seen: View_) -> None:
    report = report_of(seen({("north", Q3): NORTH, ("south", Q3): SOUTH, ("south", Q4): SOUTH}))
    (section,) = report.sections
    rows = {u.action.ref: (u.rating, u.remarks, [w.source for w in u.position]) for u in section.unfinished}
    assert rows["2.4"] == ("Not rated", ("North Agency: Not returned (Blue in Q3 2019-20)",), ["North Agency, Q3 2019-20"])
    assert "1 of 2 agencies answered for Q4 2019-20." in report.reliability
    assert "No return has come from North Agency for Q4 2019-20." in report.reliability


def test_what_is_held_back_or_doubtful_is_said(seen: View_) -> None:
    wrong = {**NORTH, "kpi/K2.1/value": "about 40", **action("2.4", rating="Blue", evidence="Minutes", date_achieved=None)}
    told = report_of(seen({("north", Q3): wrong, ("north", Q4): wrong})).reliability
    assert "Left out, because it could not be used: the value of K2.1 from North Agency. This is not a number." in told
    assert "Doubtful, but shown and counted as typed: the rating of 2.4 from North Agency. Blue needs the date it was achieved." in told
    assert "Also left out: 1 answer from earlier periods; see Findings in the master." in told


def test_report_before_the_end_says_so(one: PeriodView, seen: View_) -> None:
    assert any("no return has been accepted for Q4 2019-20." in sentence for sentence in report_of(one).reliability)
    last = report_of(seen({("north", Q4): NORTH}))
    assert not any("continues after that" in sentence for sentence in last.reliability)
    assert "No agency answered for Q3 2019-20." in last.reliability


def test_group_rating_is_marked(seen: View_) -> None:
    (section,) = report_of(seen({("north", Q3): NORTH}, {"group/2.5/rating": "Blue", "group/2.4/rating": "Amber"})).sections
    assert [(f.action.ref, f.by_group) for f in section.finished] == [("2.5", True)]
    assert {u.action.ref: u.remarks for u in section.unfinished}["2.4"] == ("The group's own rating; by the agencies: Blue",)


def test_work_that_continues_is_achieved_and_goes_on(seen: View_, small: Plan) -> None:
    going = tuple(a.model_copy(update={"continues": a.ref == "2.4"}) for a in small.actions)
    plan = with_(small, action=going)
    (section,) = report_of(seen({("north", Q3): NORTH}, plan=plan)).sections
    assert "2.4" in [f.action.ref for f in section.finished]
    assert {u.action.ref: u.remarks for u in section.unfinished}["2.4"] == ("Work that continues",)


FIGURES = """
    | unit    | good | baseline | target | first   | last    | -> baseline                    | latest            | change                 | target         | total            |
    | count   | up   |          |        | 4       | 6       | 4 first reported, Q3 2019-20   | 6 Q4 2019-20      | Improved: up 2         | None set       | 10 2 periods     |
    | count   | down |          | 5      | 4       | 6       | 4 first reported, Q3 2019-20   | 6 Q4 2019-20      | Worsened: up 2         | 5 (not met)    | 10 2 periods     |
    | count   | up   |          | 6      | 4       | 6       | 4 first reported, Q3 2019-20   | 6 Q4 2019-20      | Improved: up 2         | 6 (met)        | 10 2 periods     |
    | count   | up   |          | 7      | 4       | 6       | 4 first reported, Q3 2019-20   | 6 Q4 2019-20      | Improved: up 2         | 7 (not met)    | 10 2 periods     |
    | count   | down |          | 6      | 4       | 6       | 4 first reported, Q3 2019-20   | 6 Q4 2019-20      | Worsened: up 2         | 6 (met)        | 10 2 periods     |
    | count   |      |          | 5      | 4       | 6       | 4 first reported, Q3 2019-20   | 6 Q4 2019-20      | Up 2                   | 5              | 10 2 periods     |
    | count   | up   | 1204     | 5      |         | 6       | 1,204 baseline                 | 6 Q4 2019-20      | Worsened: down 1,198   | 5 (met)        | 6 1 period       |
    | count   | up   | unknown  | all    | 6       | 6       | unknown baseline               | 6 Q4 2019-20      | Unchanged              | all            | 12 2 periods     |
    | count   | up   |          |        |         | 6       | None set                       | 6 Q4 2019-20      | Nothing to compare     | None set       | 6 1 period       |
    | count   | up   |          |        | 6       |         | None set                       | 6 Q3 2019-20      | Nothing to compare     | None set       | 6 1 period       |
    | days    | down | 12.5     | 10     | 11      | 9       | 12.5 days baseline             | 9 days Q4 2019-20 | Improved: down 3.5     | 10 days (met)  | –                |
    | percent | up   | 40       | 60     | 1 of 2  | 3 of 4  | 40% baseline                   | 75% Q4 2019-20    | Improved: up 35 points | 60% (met)      | –                |
"""  # noqa: E501  a table


@pytest.mark.parametrize("row", FIGURES.strip().splitlines()[1:])
def test_figures_go_from_baseline_to_latest(row: str, seen: View_, small: Plan) -> None:
    unit, good, baseline, target, first, last, *expected = [cell.strip() for cell in row.strip().strip("|").split("|")]
    kpi = Kpi.model_validate({
        "ref": "K2.9", "measure": "Something", "unit": unit, "good": good, "agencies": ["north"],
        "combine": "ratio" if unit == "percent" else "single", "over_time": "sum" if unit == "count" else "none",
        "baseline": number(baseline), "target": number(target),
    })  # fmt: skip
    plan = with_(small, kpi=(kpi,))
    report = report_of(seen({("north", Q3): answer(first), ("north", Q4): answer(last)}, plan=plan))
    (m,) = report.sections[0].kpis.rows
    said = [f"{part.text} {part.source}".strip() if isinstance(part, ReportText) else part
            for part in (m.baseline, m.latest, m.change, m.target, m.total)]  # fmt: skip
    assert said == expected


def number(text: str) -> int | float | str | None:
    return float(text) if "." in text else int(text) if text.isdecimal() else text or None


def answer(text: str) -> dict[str, Any]:
    if " of " in text:
        return dict(zip(("kpi/K2.9/numerator", "kpi/K2.9/denominator"), map(int, text.split(" of ")), strict=True))
    return {"kpi/K2.9/value": number(text)} if text else {}


def test_total_of_some_agencies_is_not_passed_off_as_that_of_all(seen: View_) -> None:
    returns = {("north", Q3): {"kpi/K2.1/value": 4}, ("south", Q3): {"kpi/K2.1/value": 6}, ("north", Q4): {"kpi/K2.1/value": 5}}
    measure = report_of(seen(returns)).sections[0].kpis.rows[0]
    assert (measure.latest.text, measure.latest.source) == ("5", "Q4 2019-20, from 1 of 2 agencies")
    assert measure.change == "Down 5, but not from the same agencies"


def test_words_and_comments_stand_under_the_figures(seen: View_) -> None:
    said = {"kpi/K2.4/value": "Mostly one app", "kpi/K2.1/value": 4, "kpi/K2.1/comment": "Two are counted twice"}
    texts = lines(opened(report_of(seen({("north", Q3): said}))))
    assert "K2.4 Which apps are used (being explored). Mostly one app (North Agency)" in texts
    assert "K2.1: Two are counted twice (North Agency)" in texts


def test_interim_report_says_what_is_overdue_and_nothing_of_a_close(one: PeriodView) -> None:
    report = report_of(one, interim=True)
    texts = lines(opened(report))
    assert (texts[0], report.interim) == ("Progress Report", True)
    assert [t for t in texts if re.search(r"(?i)\bclos(e|ure|es|ing)\b|end of the plan", t)] == []
    where = texts.index("What is overdue")
    assert texts[where + 1 : where + 9] == [
        "Action", "Agency", "Target date", "Its rating", "2.5 Agree a protocol", "North Agency", "30 November 2019", "\u00a0Red\u00a0",
    ]  # fmt: skip


def test_everything_a_table_needs_on_paper(one: PeriodView) -> None:
    document = opened(report_of(one))
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


def test_chart_says_in_words_what_it_shows(one: PeriodView) -> None:
    document = opened(report_of(one))
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
    paper = WordDocument("A title")
    paper.picture(draw_chart(bars), chart_size(bars), "Bars")
    assert paper.document.inline_shapes[0].height.cm < 26


def test_document_names_nobody_and_has_title_language_and_page_numbers(one: PeriodView) -> None:
    content = report_bytes(report_of(one))
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


def test_same_master_gives_the_same_bytes(one: PeriodView) -> None:
    assert report_bytes(report_of(one)) == report_bytes(report_of(one))


NASTY = ["<w:p>&amp;</w:p>", "=1+1", "a\x0bb\x00c\x1f", "one\n\ntwo\r\nthree\tfour", "\U0001f600 \u0175\u0177", "x" * 2000, "]]>", "\ud800"]


@pytest.mark.parametrize("text", NASTY)
def test_text_is_text(text: str, seen: View_) -> None:
    said = {**NORTH, **action("2.4", **{**BLUE, "evidence": text}), "narrative/2/impact": text}
    if "\x00" in text or text == "\ud800":
        # No workbook can hold these, but a report must not break on them.
        paper = WordDocument(text, text)
        paper.heading(text, 1)
        paper.table((text,), (17.0,), [[text]], text)
        assert docx.Document(BytesIO(paper.to_bytes(datetime(2020, 1, 1, tzinfo=UTC)))).paragraphs[0].text == clean(text)
        return
    document = opened(report_of(seen({("north", Q3): said})))
    impact = next(p for p in document.paragraphs if p.text.endswith("(North Agency, Q3 2019-20)") and p.style.name == "Normal")
    assert impact.text == text.replace("\r\n", "\n") + " (North Agency, Q3 2019-20)"


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_nothing_that_can_be_typed_is_lost_or_breaks_the_document(text: str) -> None:
    allowed = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]", "\ufffd", text.replace("\r\n", "\n"))
    assert clean(text) == allowed


def test_notice_of_the_plan_is_on_every_page(seen: View_, small: Plan) -> None:
    noticed = with_(small, plan=small.about.model_copy(update={"notice": "Invented sample data."}))
    document = opened(report_of(seen({("north", Q3): action("2.4", **BLUE)}, plan=noticed)))
    assert document.sections[0].header.paragraphs[0].text == "Invented sample data."
    assert "Invented sample data." in lines(document)


def test_no_logic_reads_the_texts_of_the_agencies(seen: View_) -> None:
    """Whether the data are invented is said by the plan, in a field of its own."""
    assert report_of(seen({("north", Q3): {**action("2.4", **BLUE), "narrative/2/impact": "Invented: much"}})).notice == ""


def test_nothing_to_report_is_one_sentence(cedg: Cedg, small: Plan, tmp_path: Path) -> None:
    cedg("init", "round", "--plan", SMALL)
    home = tmp_path / "round"
    for command in ("closure", "rollover"):
        ran = cedg(command, folder=home)
        assert (ran.status, ran.out, ran.err) == (
            2,
            "",
            "There is no master at master.xlsx. Run merge first, or give the path of the master.\n",
        )
    with pytest.raises(CannotRead, match="contains no return that can be used"):
        last_view(small, Store())


def test_work_of_the_one_who_edited_it_is_never_written_over(cedg: Cedg, fill: Fill, tmp_path: Path) -> None:
    cedg("init", "round", "--plan", SMALL)
    home = tmp_path / "round"
    assert cedg("merge", fill(NORTH), folder=home).status in (0, 1)
    ran = cedg("closure", folder=home)
    assert (ran.status, ran.out.splitlines()[0]) == (0, "Wrote closure.docx.")
    written = (home / "closure.docx").stat()
    same = cedg("closure", folder=home)
    assert (same.status, "Wrote" in same.out) == (0, False)
    assert os.path.samestat(written, left := (home / "closure.docx").stat()) and left.st_mtime_ns == written.st_mtime_ns
    (home / "closure.docx").write_bytes(b"edited")
    again = cedg("closure", folder=home)
    assert (again.status, (home / "closure.docx").read_bytes()) == (2, b"edited")
    assert again.err.startswith("closure.docx already exists and differs from what would be written now")
    assert cedg("closure", "--interim", "-o", "x.docx", folder=home).out.startswith("Wrote x.docx.\nProgress Report")
