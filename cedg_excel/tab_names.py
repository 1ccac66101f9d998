"""The names of the tabs of a copy, as everybody refers to them."""

from __future__ import annotations

COVER, CHECK_TAB, REFERENCE, VERSIONS = "Cover", "Check", "Reference", "Versions"
AS_ISSUED = "As issued"
"""Shows what a copy was filled in with when it was issued."""

PLEASE_FIX = "Please fix"
"""The tab that is put before the Cover of a copy sent back."""

_OBJECTIVE = "Objective "


def objective_tab_name(number: int) -> str:
    """`objective_tab_name(4) == "Objective 4"`."""
    return f"{_OBJECTIVE}{number}"


def objective_number(tab: str) -> int | None:
    """`objective_number("Objective 4") == 4`; None for any other tab."""
    number = tab.removeprefix(_OBJECTIVE)
    return int(number) if number != tab and number.isdecimal() else None


def is_form_tab(title: str) -> bool:
    """Whether a tab has the name of one of a copy's own, in any case and with any spaces."""
    name = " ".join(title.split()).capitalize()
    return name in (COVER, CHECK_TAB, REFERENCE, VERSIONS) or objective_number(name) is not None


def tab_order(tab: str) -> tuple[int, int | str]:
    """Sorts tabs as a copy has them: Cover, Objective 1, 2 ... 10, then the others by name."""
    if tab == COVER:
        return (0, 0)
    number = objective_number(tab)
    return (2, tab) if number is None else (1, number)
