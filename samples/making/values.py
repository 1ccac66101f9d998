"""Values that are wrong, or only look wrong."""

from __future__ import annotations

from datetime import date, datetime

from making.copies import Copy, paste
from making.defect import ACHIEVED, BARNARDOS, COMMENCED, EVIDENCE, KPI, RATING, REMEDIAL, TARGET, ChangeCopy, ChangeParts, Defect
from making.forms import link
from making.zips import Parts, set_cell
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
    Defect("unknown-rating", "UNKNOWN_RATING", "A colour that is not a rating.", {RATING: "Purple"}),
    Defect("two-ratings", "UNKNOWN_RATING", "Two ratings at once.", {RATING: "Amber/Green"}),
    Defect("rating-in-capitals", "RATING_RETYPED", "AMBER in upper case, with a space after it.", {RATING: "AMBER "}),
    Defect("unknown-choice", "UNKNOWN_CHOICE", "Finished, where only Draft or Final can be chosen.", {"cover/status": "Finished"}),
    Defect("date-with-two-figure-year", "UNREADABLE_DATE", "6/12/19 as text: it could be read in several ways.", {ACHIEVED: "6/12/19"}),
    Defect("date-that-does-not-exist", "UNREADABLE_DATE", "31/02/2020.", {TARGET: "31/02/2020"}),
    Defect("date-with-a-time", "UNREADABLE_DATE", "A date together with a time of day.", {TARGET: datetime(2020, 9, 30, 14, 30)}),
    Defect("date-not-yet-known", "UNREADABLE_DATE", "A word where a date is expected.", {TARGET: "tbc"}),
    Defect("date-as-text", "DATE_AS_TEXT", "A date typed as text, but with only one way to read it.", {COMMENCED: "14th October 2019"}),
    Defect("date-as-a-bare-number", "DATE_AS_NUMBER", "A date whose cell has lost its date format.",
           change_copy=_pasted(COMMENCED, 43752, "General")),
    Defect("dates-of-1904", "", "A workbook that counts days from 1904, as Excel for the Mac did.", change_copy=_mac_dates),
    Defect("number-with-a-unit", "NOT_A_NUMBER", "13 arrests, where the number 13 is expected.", {KPI: "13 arrests"}),
    Defect("number-not-available", "NOT_A_NUMBER", "n/a, where a blank is expected.", {KPI: "n/a"}),
    Defect("number-is-a-date", "NOT_A_NUMBER", "Excel turned 1/3 into a date.", change_copy=_pasted(KPI, date(2020, 3, 1), "dd/mm/yyyy")),
    Defect("number-too-large", "NOT_A_NUMBER", "A number too large for a program to store.", change_parts=_cell(KPI, "<v>1e999</v>")),
    Defect("number-as-text", "NUMBER_AS_TEXT", "A number typed as text.", {KPI: "1,013"}),
    Defect("number-like-a-date", "LOOKS_LIKE_DATE", "43,891: the number that Excel uses for a date.", {KPI: 43891}),
    Defect("number-below-nothing", "NEGATIVE", "Minus three arrests.", {KPI: -3}),
    Defect("number-with-a-half", "NOT_WHOLE", "12.5 arrests.", {KPI: 12.5}),
    Defect("more-than-all", "NUMERATOR_ABOVE_DENOMINATOR", "33 out of 31.",
           {"kpi/K2.2/numerator": 33, "kpi/K2.2/denominator": 31}, agency=BARNARDOS),
    Defect("half-of-a-percentage", "RATIO_HALF", "How many, but not out of how many.", {"kpi/K2.2/denominator": None}, agency=BARNARDOS),
    Defect("nhs-number", "NHS_NUMBER", "A valid NHS number; it is one reserved for tests.",
           {EVIDENCE: "Invented: one arrest after the report on 943 476 5919."}),
    Defect("nhs-number-as-a-figure", "NHS_NUMBER", "The same number, where a figure is expected.", {KPI: 9434765919}),
    Defect("national-insurance-number", "NI_NUMBER", "A number in the format of a National Insurance number.",
           {REMEDIAL: "Invented: ask the DWP about AB 12 34 56 C."}),
    Defect("date-of-birth", "DATE_OF_BIRTH", "A date of birth in a sentence.",
           {EVIDENCE: "Invented: the victim (DOB 12/03/2005) was heard."}),
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
