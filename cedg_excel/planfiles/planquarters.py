"""The quarters of a new plan as formulas: they appear when its first and last day are typed, and may be typed over."""

from __future__ import annotations

from cedg_excel.planfiles.live_checks import END, START
from cedg_excel.planfiles.sheets import HEAD, PERIODS

QUARTERS = 20
"""How many quarters a new plan has room for: five years."""

DUE_AFTER = 20
"""Days after the quarter's end by which its returns are due, unless the group says otherwise."""


def quarter_formulas(row: int) -> dict[int, str]:
    """The formulas of one row of Periods, by column: `2025-26-Q1`, its label, plan year, first, last and due day."""
    number = row - HEAD - 1
    first = f"DATE(YEAR({START}),3*INT((MONTH({START})-1)/3)+{1 + 3 * number},1)"
    there = f"AND(ISNUMBER({START}),ISNUMBER({END}),{first}<={END})"
    # Quarters of the financial year: Q1 is April to June.
    year = f"(YEAR({first})-(MONTH({first})<4))"
    quarter = f"(MOD(INT((MONTH({first})-1)/3)+3,4)+1)"
    years = f'{year}&"-"&RIGHT({year}+1,2)'
    says = {
        "id": f'{years}&"-Q"&{quarter}',
        "label": f'"Q"&{quarter}&" "&{years}',
        "year": f'"Year {number // 4 + 1}"',
        "start": first,
        "end": f"DATE(YEAR({first}),MONTH({first})+3,0)",
        "due": f"DATE(YEAR({first}),MONTH({first})+3,0)+{DUE_AFTER}",
    }
    return {PERIODS.column(key): f'=IF({there},{formula},"")' for key, formula in says.items()}
