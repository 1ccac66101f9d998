"""How copies and returns are named: `rdash_2019-20-Q3.xlsx`."""

from __future__ import annotations

from collections.abc import Iterable


def copy_stem(agency: str, period: str) -> str:
    """The name of a copy without its ending: `copy_stem("rdash", "2019-20-Q3") == "rdash_2019-20-Q3"`."""
    return f"{agency}_{period}"


def copy_file(agency: str, period: str) -> str:
    """`copy_file("rdash", "2019-20-Q3") == "rdash_2019-20-Q3.xlsx"`."""
    return f"{copy_stem(agency, period)}.xlsx"


def is_named_for_agency(file: str, agency: str) -> bool:
    """Whether a file is named as the copies of an agency are, in any case."""
    return file.casefold().startswith(copy_stem(agency, "").casefold())


def named_for(file: str, agencies: Iterable[str], periods: Iterable[str]) -> tuple[str, str] | None:
    """The agency and the period that a file is named for, when it is named as copies are: `rdash_2019-20-Q3 (1).xlsx`."""
    for agency in agencies:
        if is_named_for_agency(file, agency):
            rest = file.casefold()[len(copy_stem(agency, "")) :]
            if found := [period for period in periods if rest.startswith(period.casefold())]:
                return agency, max(found, key=len)
    return None
