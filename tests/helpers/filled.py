"""Thousands of filled-in copies, for the benchmark. Every answer in them is invented."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product
from pathlib import Path

from cedg_excel.copies.template import build_template
from cedg_excel.excel.save import to_bytes
from cedg_excel.form.fields import Field
from cedg_excel.form.layout import layout_for
from cedg_excel.form.model import Value
from cedg_excel.plan.model import Period, Plan
from tests.helpers.zips import parts_of, zipped

MARK = "batch aaaaaa"
"""Part of every text; each copy of the same form has other letters here, so that no two texts are the same."""
TEXT = (
    f"Invented for measuring, {MARK}: the panel met each month, 12 of 14 referrals were looked at within 5 days, and the "
    "learning was shared with the practitioners' forum. The audit of files is under way and will be reported in spring."
)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def filled_returns(plan: Plan, number: int, folder: Path) -> list[Path]:
    """
    This many returned files: first one for each agency and period (144 forms in the real plan), then later ones of the same forms.

    No two have the same bytes, values or time of saving.
    """
    folder.mkdir(parents=True, exist_ok=True)
    forms = list(product(plan.periods, plan.agencies))
    paths = []
    for count in range(number):
        period, agency = forms[count % len(forms)]
        path = folder / f"{agency.id}_{period.id} ({count}).xlsx"
        path.write_bytes(_varied(_filled(plan, agency.id, period.id), count, _saved(period) + timedelta(minutes=count)))
        paths.append(path)
    return paths


def _saved(period: Period) -> datetime:
    return datetime(period.end.year, period.end.month, period.end.day, 9, tzinfo=UTC)


@cache
def _filled(plan: Plan, agency: str, period: str) -> bytes:
    """One agency's copy with an answer in nearly every cell."""
    when = plan.period_by_id[period]
    fields = [item for _, _, item in layout_for(plan, agency, period).fields()]
    values = {item.key: _answer(item, place, when) for place, item in enumerate(fields)}
    return to_bytes(build_template(plan, agency, period, values=values), _saved(when))


def _answer(item: Field, place: int, period: Period) -> Value:
    if item.key == "cover/nil_return" or item.key.endswith("/date_achieved"):
        return None
    match item.kind:
        case "rating":
            return ("Green", "Amber", "Red")[place % 3]
        case "choice":
            return (item.choices or ("",))[-1]
        case "date":
            return period.end + timedelta(days=30) if item.key.endswith("/target_date") else period.start + timedelta(days=20)
        case "number":
            return 40 + place if item.name == "denominator" else 20 + place % 20
        case _:
            return TEXT if not item.key.startswith("cover/") else "Invented for measuring"


def _varied(data: bytes, count: int, saved: datetime) -> bytes:
    """The same copy with other words in its texts, saved at another time."""
    return zipped({name: _changed(part, count, saved) for name, part in parts_of(data).items()})


def _changed(part: bytes, count: int, saved: datetime) -> bytes:
    part = _MODIFIED.sub(rf"\g<1>{saved:%Y-%m-%dT%H:%M:%SZ}".encode(), part)
    return part.replace(MARK.encode(), f"batch {_letters(count)}".encode())


def _letters(number: int) -> str:
    """A number in six letters: `_letters(27) == "aaaabb"`."""
    return "".join(chr(97 + number // 26**place % 26) for place in range(5, -1, -1))
