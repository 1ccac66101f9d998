"""What the group itself has written into the master's pages."""

from __future__ import annotations

from cedg_excel.master.merged import Merged
from cedg_excel.master.store import row_tuples
from cedg_excel.personal_data import had_identifiers


def agreed_texts(merged: Merged, period: str) -> dict[str, str]:
    """The texts that the group has agreed for a period, by key: `agreed/2/impact`."""
    rows = row_tuples(merged.store.group)
    return {key: text for entry_period, key, text in rows if entry_period == period and key.startswith("agreed/")}


def masked_entry_refs(merged: Merged) -> list[str]:
    """The refs and objectives, in the period shown, with a group entry from which identifying data was removed."""
    rows = row_tuples(merged.store.group)
    return sorted({key.split("/")[1] for period, key, text in rows if period == merged.period and had_identifiers(text)})
