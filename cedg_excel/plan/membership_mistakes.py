"""What is wrong with when agencies join and leave (`from`, `until`), and with how actions end (`until`, `became`)."""

from __future__ import annotations

from collections.abc import Iterator

from cedg_excel.plan.mistakes import Data, Mistake
from cedg_excel.plan.references import entries_of, id_in, unknown_id


def membership_mistakes(data: Data, incomplete: set[int | str]) -> Iterator[Mistake]:
    """Every mistake of this kind. `incomplete` are the tables with ids that cannot be read: references to them are not checked."""
    for table, key in (("agency", "from"), ("agency", "until"), ("action", "until")):
        for index, entry in entries_of(data, table):
            yield from unknown_id(data, incomplete, "period", (table, index, key), id_in(entry.get(key)))
    order = {id_in(period.get("id")): position for position, (_, period) in enumerate(entries_of(data, "period"))}
    spans = {id_in(agency.get("id")): _span(agency, order) for _, agency in entries_of(data, "agency")}
    yield from _wrong_spans(data, order)
    yield from _wrong_continuations(data, order, incomplete)
    if not incomplete.intersection(("agency", "period")) and all(spans.values()):
        yield from _periods_without_agencies(data, spans, list(order))
        yield from _unaccountable_actions(data, spans, list(order))


def _span(entry: Data, order: dict[str, int]) -> range:
    """The positions of the periods from an entry's `from` to its `until`. A bound that is unknown, and so a mistake, is no bound."""
    return range(order.get(id_in(entry.get("from")), 0), order.get(id_in(entry.get("until")), len(order) - 1) + 1)


def _wrong_spans(data: Data, order: dict[str, int]) -> Iterator[Mistake]:
    for index, agency in entries_of(data, "agency"):
        if not _span(agency, order) and order:
            first, last = id_in(agency.get("from")), id_in(agency.get("until"))
            message = f"until is before from: {last} is an earlier period than {first}. Change one of them, or leave it blank."
            yield Mistake("wrong_entry", ("agency", index, "until"), message)


def _wrong_continuations(data: Data, order: dict[str, int], incomplete: set[int | str]) -> Iterator[Mistake]:
    actions = {id_in(action.get("ref")): action for _, action in entries_of(data, "action")}
    for index, action in entries_of(data, "action"):
        ref, became, until = (id_in(action.get(key)) for key in ("ref", "became", "until"))
        loc = ("action", index, "became")
        yield from unknown_id(data, incomplete, "action", loc, became, key="ref")
        if not became or became not in actions:
            continue
        if became == ref:
            yield Mistake("wrong_entry", loc, f"{ref} became itself. Name the action that continues it, or leave became blank.")
        elif not until:
            yield Mistake("wrong_entry", loc, f"{ref} became {became}, but goes on. Name its last period under until.")
        elif until in order and _span(actions[became], order).stop <= order[until] + 1:
            message = f"{became} cannot continue {ref}, because it ends no later. Name an action that goes on after {until}."
            yield Mistake("wrong_entry", loc, message)


def _periods_without_agencies(data: Data, spans: dict[str, range], periods: list[str]) -> Iterator[Mistake]:
    for index, _ in entries_of(data, "period"):
        if spans and not any(index in span for span in spans.values()):
            message = f"no agency is active in {periods[index]}. Change from or until of an agency, or remove the period."
            yield Mistake("wrong_entry", ("period", index, "id"), message)


def _unaccountable_actions(data: Data, spans: dict[str, range], periods: list[str]) -> Iterator[Mistake]:
    """
    The actions that go on in a period in which none of their accountable agencies is active.

    Before the first of them joins, an action has not begun. An action that names no agency is only advised on.
    """
    for index, action in entries_of(data, "action"):
        ids = action.get("agencies")
        known = [name for name in map(id_in, ids) if name in spans] if isinstance(ids, list | tuple) else []
        begins = min((spans[name].start for name in known), default=len(periods))
        ends = _span(action, {name: position for position, name in enumerate(periods)}).stop
        without = [periods[position] for position in range(begins, ends) if not any(position in spans[name] for name in known)]
        if without:
            message = (
                f"{id_in(action.get('ref'))} goes on, but none of its accountable agencies is active in {_listed(without)}. "
                "Make an agency accountable that is active then, or end the action before with until."
            )
            yield Mistake("wrong_entry", ("action", index, "agencies"), message)


def _listed(periods: list[str]) -> str:
    """`2019-20-Q4`, or `2019-20-Q4 and 5 more periods`."""
    more = len(periods) - 1
    return periods[0] if not more else f"{periods[0]} and {more} more {'period' if more == 1 else 'periods'}"
