"""What a number or a date looks like in Excel, by its format."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from cedg_excel.excel.date_format import Moment, date_as_shown
from cedg_excel.excel.number_format import number_as_shown


@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [
        (0.75, "0%", "75%"), (0.125, "0.00%", "12.50%"), (12345, "0000000", "0012345"), (1234.5, '"£"#,##0.00', "£1,234.50"),
        (1234.5, "[$£-809]#,##0.00", "£1,234.50"), (1, '0"0"', "10"), (5, '"<"0', "<5"), (1234567, "#,##0,", "1,235"),
        (1234567, '0.0,,"m"', "1.2m"), (7, '0" children"', "7 children"), (-5, "#,##0;(#,##0)", "(5)"),
        (-5, "#,##0;[Red]#,##0", "5"), (-5, "0.0", "-5.0"), (-0.01, "0.0", "0.0"), (0, "0;-0;;@", ""), (5, ";;;", ""),
        (5, '"n/a"', "n/a"), (123456789, "000-00-0000", "123-45-6789"), (9434765919, "000 000 0000", "943 476 5919"),
        (3, '[<5]"<5";0', "<5"), (7, '[<5]"<5";0', "7"), (0.5, "#.##", ".5"), (2.5, "0", "3"), (12, "0.0#", "12.0"),
        (1234, "0.0E+00", "1.2E+03"), (12, 'General" people"', "12 people"), (0, '_-"£"* #,##0_-;-"£"* #,##0_-;_-"£"* "-"_-', "£-"),
        (0.5, "# ?/?", None), (5, "0 q", None), (43800, "dd/mm/yyyy", None), (7, '[>9]0;[<3]"few"', None), (1e300, "0", None),
    ],
)  # fmt: skip
def test_numbers(number: float, code: str, shown: str | None) -> None:
    """None where the format cannot be followed."""
    assert number_as_shown(number, code) == shown


DAY = date(2019, 12, 3)


@pytest.mark.parametrize(
    ("moment", "code", "shown"),
    [
        (DAY, "dd/mm/yyyy", "03/12/2019"), (DAY, "d-mmm-yy", "3-Dec-19"), (DAY, "mmm-yy", "Dec-19"), (DAY, "mmmm yyyy", "December 2019"),
        (DAY, "[$-F800]dddd\\,\\ d\\ mmmm\\ yyyy", "Tuesday, 3 December 2019"), (DAY, "[$-809]dd mmmm yyyy;@", "03 December 2019"),
        (datetime(2019, 12, 3, 14, 5), "dd/mm/yyyy hh:mm", "03/12/2019 14:05"), (datetime(2019, 12, 3, 14, 5), "h:mm AM/PM", "2:05 PM"),
        (time(9, 5), "h:mm", "9:05"), (timedelta(hours=30), "[h]:mm:ss", "30:00:00"), (datetime(2019, 12, 3, 0, 5, 6), "mm:ss", "05:06"),
        (DAY, "0.00", None), (DAY, "dd q", None),
    ],
)  # fmt: skip
def test_dates(moment: Moment, code: str, shown: str | None) -> None:
    assert date_as_shown(moment, code) == shown
