"""The condition that no text describes one child: as a check on a frame, and as an Excel formula with the same lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cedg_excel.child_cues import BEFORE_CUES, BEFORE_INITIALS, CUES, INITIALS
from cedg_excel.form.conditions import Condition

if TYPE_CHECKING:
    from pandas import DataFrame, Series

CUE_NAMES = {"child_initials": INITIALS, "child_cues": CUES}
"""The lists as defined names of a copy: written out in every formula, they would make it too long for Excel."""


def _substituted(formula: str, replacements: tuple[tuple[str, str], ...]) -> str:
    for old, new in replacements:
        formula = f'SUBSTITUTE({formula},{"CHAR(10)" if old == chr(10) else chr(34) + old + chr(34)},"{new}")'
    return formula


def _about_no_single_child(frame: DataFrame, name: str) -> Series[bool]:
    return ~frame[f"{name}.one_child"]


_WITH_MARKS, _IN_CAPITALS = _substituted('{it.raw}&" "', BEFORE_INITIALS), _substituted("UPPER({it.raw})", BEFORE_CUES)
# COUNT and not SUMPRODUCT: an array that FIND is given is searched for item by item in any case, and ROW() must not become an array.
ABOUT_NO_SINGLE_CHILD = Condition(
    _about_no_single_child,
    f"COUNT(FIND(child_initials,{_WITH_MARKS}),FIND(child_cues,{_IN_CAPITALS}))>0",
    highlighted=False,
)
