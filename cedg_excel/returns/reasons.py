"""
Reads the words that stand for a figure as the reason why there is none.

`n/a` in the place of a figure is an answer, and not a number: it moves to the reason of its row, and the figure is blank.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from cedg_excel.form.fields import FIGURES, Field, split_key
from cedg_excel.form.model import Layout
from cedg_excel.form.no_figure import REASON_OF_WORD
from cedg_excel.form.values import NO_FIGURE
from cedg_excel.returns.model import Entry
from cedg_excel.text import normalised, squeeze

UNCLEAR = "NO_FIGURE_UNCLEAR"


def with_reasons(entries: Mapping[str, Entry], layout: Layout) -> dict[str, Entry]:
    """The entries of a return, with every word that says why there is no figure as the reason of its KPI."""
    read = dict(entries)
    for ref, words in _words_for_figures(entries).items():
        key = f"kpi/{ref}/reason"
        reason = entries.get(key)
        chosen = reason.value if reason else None
        meant = chosen or next((entry.other for entry in words if entry.rule_code == NO_FIGURE), None)
        if not meant or (reason and not reason.blank and chosen is None):
            # A reason that cannot be used, or none: what was typed stays an open question.
            read |= {entry.field.key: entry._replace(rule_code=UNCLEAR, other="") for entry in words}
            continue
        read |= {entry.field.key: entry._replace(raw=None, value=None, rule_code=None, other="") for entry in words}
        place = reason.place if reason and chosen else words[0].place
        code = (reason.rule_code if reason else None) or "REASON_READ"
        read[key] = Entry(reason.field if reason else _field(layout, key), place, meant, meant, code, str(words[0].raw))
    return read


def _words_for_figures(entries: Mapping[str, Entry]) -> dict[str, list[Entry]]:
    """By the ref of each KPI, the entries in the place of its figure that may say that there is none."""
    words: dict[str, list[Entry]] = defaultdict(list)
    for key, entry in entries.items():
        if key.startswith("kpi/") and entry.field.name in FIGURES and (found := _as_word(entry)):
            words[split_key(key)[1]].append(found)
    return words


def _as_word(entry: Entry) -> Entry | None:
    """The entry if it is such a word. A KPI in words is answered with any words; only those with one meaning are none."""
    if entry.rule_code in (NO_FIGURE, UNCLEAR):
        return entry
    if entry.field.kind == "text" and isinstance(entry.value, str):
        reason = REASON_OF_WORD.get(squeeze(normalised(entry.value)).upper())
        return entry._replace(rule_code=NO_FIGURE, other=reason) if reason else None
    return None


def _field(layout: Layout, key: str) -> Field:
    return next(field for _, _, field in layout.fields() if field.key == key)
