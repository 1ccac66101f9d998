"""The versions of a plan that copies have been made from: each is kept, so that a return is read and judged by its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cedg_excel.plan.model import Plan

_NUMBER = re.compile(r"(\d+)")


def with_tables(plan: Plan, /, **tables: Any) -> Plan:
    """The plan with other tables, by their names in TOML. Built again, because `model_copy` would keep what the old one has cached."""
    own = {field.alias: getattr(plan, name) for name, field in Plan.model_fields.items() if field.alias}
    return Plan.model_validate({**own, **tables})


def kept(plan: Plan) -> Plan:
    """
    The plan as it is kept: without contacts, e-mail addresses and waivers.

    Contacts must not reach those who read a master, and none of them changes what a copy asks for or how an answer is judged.
    """
    return with_tables(plan, agency=[agency.model_copy(update={"contact": "", "email": ""}) for agency in plan.agencies], waiver=())


@dataclass(frozen=True)
class PlanVersions:
    """
    Plans as they are kept, by name: the version's number, and `-2`, `-3` ... where the plan was changed without a new number.

    The oldest comes first, by number: 1.9 before 1.10.
    """

    by_name: Mapping[str, Plan] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Plan]:
        return iter(self.by_name.values())

    def with_plan(self, plan: Plan) -> PlanVersions:
        """These versions and the plan, unless it is one of them."""
        new = kept(plan)
        if any(new == old for old in self):
            return self
        name = re.sub(r"[^\w.-]+", "-", plan.about.version).strip(".-") or "version"
        names = [name, *(f"{name}-{number}" for number in range(2, len(self.by_name) + 2))]
        free = next(candidate for candidate in names if candidate not in self.by_name)
        return self.merged_with({free: new})

    def merged_with(self, other: Mapping[str, Plan]) -> PlanVersions:
        """These versions and the others, in order. Where both have a name, these are kept."""
        found = {**other, **self.by_name}
        return PlanVersions({name: found[name] for name in sorted(found, key=_natural)})

    @cached_property
    def newest_first(self) -> tuple[Plan, ...]:
        """The plans, the newest first."""
        return tuple(reversed(list(self)))

    def before(self, plan: Plan) -> tuple[Plan, ...]:
        """The plans, the newest first, without the present one, and with its contacts."""
        present = kept(plan)
        return tuple(_with_contacts(version, plan) for version in self.newest_first if version != present)


def _with_contacts(version: Plan, plan: Plan) -> Plan:
    present = [plan.agency_by_id.get(agency.id, agency) for agency in version.agencies]
    pairs = zip(version.agencies, present, strict=True)
    return with_tables(version, agency=[old.model_copy(update={"contact": new.contact, "email": new.email}) for old, new in pairs])


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts 1.10 after 1.9."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in _NUMBER.split(name)]
