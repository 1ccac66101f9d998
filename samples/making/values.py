"""Values that are wrong, or only look wrong."""

from __future__ import annotations

from datetime import date, datetime

from making.copies import Copy, paste
from making.defect import (
    ACHIEVED,
    BARNARDOS,
    COMMENCED,
    EVIDENCE,
    KPI,
    OUT_OF,
    PERCENTAGE,
    RATING,
    REASON,
    REMEDIAL,
    TARGET,
    ChangeCopy,
    ChangeParts,
    Defect,
)
from making.forms import link
from making.zips import Parts, set_cell
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from cedg_excel.form.model import Value


def _formula(key: str, formula: str, value: str) -> ChangeParts:
    """Write a formula with the value that Excel last calculated; "" for one that was never calculated."""
    return _cell(key, f"<f>{formula}</f>" + (f"<v>{value}</v>" if value else ""))


def _cell(key: str, content: str, kind: str = "") -> ChangeParts:
    """Write the XML of one cell, as Excel would."""

    def change(parts: Parts, copy: Copy) -> None:
        cell = copy.cell(key)
        set_cell(parts, copy.part(cell.parent.title), cell.coordinate, content, kind)

    return change


def _pasted(key: str, value: Value, number_format: str) -> ChangeCopy:
    return lambda copy: paste(copy.cell(key), value, number_format)


def _mac_dates(copy: Copy) -> None:
    copy.workbook.epoch = CALENDAR_MAC_1904


def _blue(achieved: Value = None, evidence: Value = "Invented: prosecutions are complete.") -> dict[str, Value]:
    """The answers for 4.3 as a completed action."""
    return {RATING: "Blue", ACHIEVED: achieved, EVIDENCE: evidence, REMEDIAL: None}


STRUCK = '<is><r><t xml:space="preserve">{}</t></r><r><rPr><strike/></rPr><t>{}</t></r><r><t xml:space="preserve">{}</t></r></is>'
"""A text with a part struck through, as Excel writes it."""


def _struck_rating(copy: Copy) -> None:
    cell = copy.cell(RATING)
    paste(cell, cell.value, cell.number_format)
    cell.font = Font(strike=True)


def _numbers_as_evidence(copy: Copy) -> None:
    paste(copy.cell(EVIDENCE), 0.75, "0%")
    paste(copy.cell(REMEDIAL), 1234.5, '"£"#,##0.00')
    paste(copy.cell("kpi/K4.9/comment"), 12345, "0000000")
    paste(copy.cell("narrative/4/achievements"), date(2019, 12, 3), "d mmmm yyyy")


def _link_to(address: str) -> ChangeCopy:
    def change(copy: Copy) -> None:
        cell = copy.cell(EVIDENCE)
        cell.value = "Invented: see our log."
        cell.hyperlink = address

    return change


LONG = ("Invented: and so on. " * 100).strip()

VALUE_DEFECTS = (
    Defect("error-value", "ERROR_VALUE", "A pasted formula shows #N/A.", change_parts=_cell(KPI, "<v>#N/A</v>", "e")),
    Defect("error-value-in-a-rating", "ERROR_VALUE", "A pasted formula shows #REF! where a rating belongs.",
           change_parts=_cell(RATING, "<v>#REF!</v>", "e")),
    Defect("evidence-of-unknown-number", "UNREADABLE_VALUE", "A program wrote -7 as the number of a shared text.",
           change_parts=_cell(EVIDENCE, "<v>-7</v>", "s")),
    Defect("linked-figure", "FORMULA_EXTERNAL", "A figure comes from another workbook.", change_copy=link,
           change_parts=_formula(KPI, "[1]Figures!$B$7", "13")),
    Defect("formula-without-result", "FORMULA_NO_VALUE", "A formula that was never calculated.",
           change_parts=_formula(KPI, "SUM(6,7)", "")),
    Defect("formula", "FORMULA_USED", "A formula where a number is expected.", change_parts=_formula(KPI, "SUM(6,7)", "13")),
    Defect("formula-with-a-link", "FORMULA_USED", "A link made by a formula; its address is read too.",
           change_parts=_cell(EVIDENCE, '<f>HYPERLINK("https://www.example.org/log","Invented: see our log.")</f>'
                                        "<v>Invented: see our log.</v>", "str")),
    Defect("link-behind-text", "LINK_KEPT", "A link behind words; its address is read too.",
           change_copy=_link_to("https://www.example.org/log")),
    Defect("link-to-a-drive", "LINK_LEFT_OUT", "A link to a file that only the agency can open.", change_copy=_link_to("file:///S:/log.xlsx")),
    Defect("picture-in-a-cell", "PICTURE_IN_CELL", "A picture was placed in the cell for evidence; older programs show #VALUE!.",
           change_parts=_cell(EVIDENCE, "<v>#VALUE!</v>", 'e" vm="1')),
    Defect("percent-in-a-count", "SHOWN_OTHERWISE", "100% in a count: the cell shows 100%, and the number stored is 1.",
           change_copy=_pasted(KPI, 1, "0%")),
    Defect("less-than-by-format", "SHOWN_OTHERWISE", "The cell shows <5, and the number stored is 5.", change_copy=_pasted(KPI, 5, '"<"0')),
    Defect("words-by-format", "SHOWN_WITH_WORDS", "The cell shows 13 arrests, and the number stored is 13.",
           change_copy=_pasted(KPI, 13, '0" arrests"')),
    Defect("format-of-fractions", "FORMAT_NOT_FOLLOWED", "A figure in the format of fractions.", change_copy=_pasted(KPI, 13, "# ?/?")),
    Defect("evidence-with-formats", "", "Numbers and a date as evidence, which are read as they are displayed.",
           change_copy=_numbers_as_evidence),
    Defect("struck-through-in-part", "STRUCK_PART", "One number in a sentence is struck through, and the new one typed after it.",
           change_parts=_cell(EVIDENCE, STRUCK.format("Invented: we closed ", "25", " 31 networks."), "inlineStr")),
    Defect("struck-through-rating", "STRUCK_OUT", "A rating that is struck through.", change_copy=_struck_rating),
    Defect("bullets-of-word", "", "Bullets of a font that only Word has, and marks that turn the direction of text.",
           {EVIDENCE: "Invented:\n\uf0b7 one arrest\n\uf0a7 \u202etwo\u202c warnings"}),
    Defect("unknown-rating", "UNKNOWN_RATING", "A colour that is not a rating.", {RATING: "Purple"}),
    Defect("two-ratings", "UNKNOWN_RATING", "Two ratings at once.", {RATING: "Amber/Green"}),
    Defect("rating-in-capitals", "RATING_RETYPED", "AMBER in upper case, with a space after it.", {RATING: "AMBER "}),
    Defect("unknown-choice", "UNKNOWN_CHOICE", "Finished, where only Draft or Final can be chosen.", {"cover/status": "Finished"}),
    Defect("date-with-two-figure-year", "UNREADABLE_DATE", "6/12/19 as text: it could be read in several ways.", {ACHIEVED: "6/12/19"}),
    Defect("date-that-does-not-exist", "UNREADABLE_DATE", "31/02/2020.", {TARGET: "31/02/2020"}),
    Defect("date-with-a-time", "", "A date with a time of day behind it, which the cell does not show.",
           {TARGET: datetime(2020, 9, 30, 14, 30)}),
    Defect("date-shown-in-part", "DATE_PARTLY_SHOWN", "A date of which the cell shows only the month and the year.",
           change_copy=_pasted(COMMENCED, date(2019, 10, 14), "mmm-yy")),
    Defect("date-not-yet-known", "UNREADABLE_DATE", "A word where a date is expected.", {TARGET: "tbc"}),
    Defect("date-as-text", "DATE_AS_TEXT", "A date typed as text, but with only one way to read it.", {COMMENCED: "14th October 2019"}),
    Defect("date-as-a-bare-number", "DATE_AS_NUMBER", "A date whose cell has lost its date format.",
           change_copy=_pasted(COMMENCED, 43752, "General")),
    Defect("dates-of-1904", "", "A workbook that counts days from 1904, as Excel for the Mac did.", change_copy=_mac_dates),
    Defect("number-with-a-unit", "NOT_A_NUMBER", "13 arrests, where the number 13 is expected.", {KPI: "13 arrests"}),
    Defect("number-not-applicable", "REASON_READ", "n/a in the place of a figure: read as the reason why there is none.", {KPI: "n/a"}),
    Defect("number-unclear", "NO_FIGURE_UNCLEAR", "nil in the place of a figure: none, or not known?", {KPI: "nil"}),
    Defect("figure-and-reason", "FIGURE_AND_REASON", "A figure, and a reason why there is none.", {REASON: "Not collected"}),
    Defect("percentage-in-words", "RATIO_TYPED", "31 out of 36 in one of the two cells of a percentage.",
           {PERCENTAGE: "31 out of 36"}, agency=BARNARDOS),
    Defect("percentage-as-text", "RATIO_IN_ONE_CELL", "86% as text in one of the two cells of a percentage.",
           {PERCENTAGE: "86%", OUT_OF: None}, agency=BARNARDOS),
    Defect("percentage-by-format", "RATIO_AS_PERCENTAGE", "86% typed in a cell that Excel then gave the format of a percentage.",
           change_copy=_pasted(PERCENTAGE, 0.86, "0%"), agency=BARNARDOS),
    Defect("status-in-other-words", "CHOICE_UNCLEAR", "Final version, where Draft or Final can be chosen.",
           {"cover/status": "Final version"}),
    Defect("nothing-to-report-no", "", "No, typed under Nothing to report: the same as blank.", {"cover/nil_return": "No"}),
    Defect("number-is-a-date", "NOT_A_NUMBER", "Excel turned 1/3 into a date.", change_copy=_pasted(KPI, date(2020, 3, 1), "dd/mm/yyyy")),
    Defect("number-too-large", "UNREADABLE_VALUE", "A number too large for a program to store.", change_parts=_cell(KPI, "<v>1e999</v>")),
    Defect("number-as-text", "NUMBER_AS_TEXT", "A number typed as text.", {KPI: "1,013"}),
    Defect("number-like-a-date", "LOOKS_LIKE_DATE", "43,891: the number that Excel uses for a date.", {KPI: 43891}),
    Defect("number-below-nothing", "NEGATIVE", "Minus three arrests.", {KPI: -3}),
    Defect("number-with-a-half", "NOT_WHOLE", "12.5 arrests.", {KPI: 12.5}),
    Defect("more-than-all", "NUMERATOR_ABOVE_DENOMINATOR", "33 out of 31.",
           {"kpi/K2.2/numerator": 33, "kpi/K2.2/denominator": 31}, agency=BARNARDOS),
    Defect("half-of-a-percentage", "RATIO_HALF", "How many, but not out of how many.", {"kpi/K2.2/denominator": None}, agency=BARNARDOS),
    Defect("nhs-number", "NHS_NUMBER", "A valid NHS number; it is one reserved for tests.",
           {EVIDENCE: "Invented: one arrest after the report on 943 476 5919."}),
    Defect("nhs-number-with-hidden-characters", "NHS_NUMBER", "The same number, with characters in it that cannot be seen.",
           {EVIDENCE: "Invented: one arrest after the report on 943\u200b\u00ad476\u20605919."}),
    Defect("nhs-number-as-a-figure", "NHS_NUMBER", "The same number, where a figure is expected.", {KPI: 9434765919}),
    Defect("national-insurance-number", "NI_NUMBER", "A number in the format of a National Insurance number.",
           {REMEDIAL: "Invented: ask the DWP about AB 12 34 56 C."}),
    Defect("date-of-birth", "DATE_OF_BIRTH", "A date of birth in a sentence.",
           {EVIDENCE: "Invented: the victim (DOB 12/03/2005) was heard."}),
    Defect("date-of-birth-after-an-age", "DATE_OF_BIRTH", "A date of birth in brackets after an age.",
           {EVIDENCE: "Invented: a victim aged 14 (12.03.2005) was heard."}),
    Defect("child-described", "CHILD_DESCRIBED", "Initials that could be those of one child.",
           {EVIDENCE: "Invented: support for child AB was agreed."}),
    Defect("e-mail-address", "EMAIL_ADDRESS", "An e-mail address.", {EVIDENCE: "Invented: figures from desk@example.org."}),
    Defect("phone-number", "PHONE_NUMBER", "A telephone number.", {EVIDENCE: "Invented: figures from the desk, 01632 960 001."}),
    Defect("postcode", "POSTCODE", "A postcode.", {EVIDENCE: "Invented: two patrols a week around S99 9ZZ."}),
    Defect("rating-missing", "RATING_MISSING", "An action without a rating.", {RATING: None}),
    Defect("achieved-in-the-future", "ACHIEVED_IN_FUTURE", "Achieved after the end of the period.", _blue(date(2020, 1, 9))),
    Defect("date-outside-the-plan", "DATE_OUTSIDE_PLAN", "A target date years after the plan ends.", {TARGET: date(2029, 9, 30)}),
    Defect("commenced-before-the-plan", "COMMENCED_BEFORE_PLAN", "Work that began before the plan did.", {COMMENCED: date(2018, 4, 2)}),
    Defect("commenced-after-the-plan", "COMMENCED_AFTER_PLAN", "Work that begins after the plan ends.", {COMMENCED: date(2029, 10, 14)}),
    Defect("achieved-before-commenced", "ACHIEVED_BEFORE_COMMENCED", "Achieved a week before it commenced.", _blue(date(2019, 10, 7))),
    Defect("blue-without-date", "BLUE_NEEDS_ACHIEVED", "Blue without the date it was achieved.", _blue()),
    Defect("achieved-but-green", "ACHIEVED_NOT_BLUE", "A date achieved, but rated Green.",
           {RATING: "Green", ACHIEVED: date(2019, 12, 6), REMEDIAL: None}),
    Defect("amber-without-remedial-action", "AMBER_NEEDS_REMEDIAL", "Amber without the remedial action.", {REMEDIAL: None}),
    Defect("green-past-its-target", "GREEN_PAST_TARGET", "Green, although the target date has passed.",
           {RATING: "Green", TARGET: date(2019, 11, 29), REMEDIAL: None}),
    Defect("blue-without-evidence", "BLUE_NEEDS_EVIDENCE", "Blue without any evidence.", _blue(date(2019, 12, 6), None)),
    Defect("text-too-long", "TEXT_TOO_LONG", "2,099 characters of evidence.", {EVIDENCE: LONG}),
    Defect("nil-with-entries", "NIL_WITH_ENTRIES", "Nothing to report is set to Yes, but the tabs are filled in.",
           {"cover/nil_return": "Yes"}),
    Defect("cover-blank", "COVER_MISSING", "The name of the person who completed it is missing.", {"cover/completed_by": None}),
    Defect("draft", "DRAFT", "A draft.", {"cover/status": "Draft"}),
)  # fmt: skip
