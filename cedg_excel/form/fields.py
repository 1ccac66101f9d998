"""
The fields of a copy, one row each. Everything about a field is defined here, and nowhere else.

The copy, its reader, the frames that are checked, prefilling, the master's tables and pages, `cedg map` and `cedg data` are all
derived from these tables: a new column is one new row here. A field that no table of the master takes is an error at import.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from cedg_excel.form.no_figure import NOT_APPLICABLE, NOT_AVAILABLE_YET, NOT_COLLECTED, TOO_FEW
from cedg_excel.ratings import RATING_WORDS

FieldKind = Literal["rating", "date", "text", "number", "choice"]
Shown = Literal["column", "rating", "words", "named words"]


@dataclass(frozen=True, slots=True)
class ChoiceList:
    """The choices for a field: the defined name of the list, its heading on Reference, and the choices in order."""

    name: str
    heading: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its name in keys and data, the heading people see, and its width in characters."""

    name: str
    heading: str
    width: float = 0


@dataclass(frozen=True, slots=True)
class Field:
    """One input cell of a copy. `key` is its name everywhere outside the workbook: `action/2.3/rating`."""

    key: str
    kind: FieldKind
    label: str
    required: bool = False
    choices: tuple[str, ...] | None = None
    whole: bool = False

    @property
    def name(self) -> str:
        """The last part of the key: `rating`."""
        return self.key.rsplit("/", 1)[1]

    @property
    def is_figure(self) -> bool:
        """Whether it is a KPI's figure, in whose place a word may say that there is none."""
        return self.key.startswith("kpi/") and self.name in FIGURES

    @property
    def is_half(self) -> bool:
        """Whether it is one of the two numbers of a percentage."""
        return self.is_figure and self.name != "value"


@dataclass(frozen=True, slots=True)
class FormField(Column):
    """
    A column, or on the Cover a line, that an agency fills in.

    `from_plan`: the plan may set it, and it is then locked. `contributors`: they fill it in too; otherwise only accountable agencies
    do. `carried`: the agency's next copy shows the answer that was last accepted. `shown` says how the master's objective page
    shows it: in a column with the same heading, as a rating, or as text, with or without its heading before it.
    `label` is its name in findings (by default the heading); `data` is its column in `cedg data` (by default its name).
    """

    kind: FieldKind = "text"
    required: bool = False
    from_plan: bool = False
    contributors: bool = False
    carried: bool = False
    shown: Shown = "named words"
    choices: ChoiceList | None = None
    whole: bool = False
    help: str = ""
    label: str = ""
    data: str = ""

    @property
    def column(self) -> str:
        """Its column in the master's tables."""
        return self.data or self.name

    def field(
        self, key: str, about: str = "", *, kind: FieldKind | None = None, required: bool | None = None, whole: bool = False
    ) -> Field:
        """
        One input cell of this field. `key` is the part of the key before the name, `action/2.3`; `about` is what it belongs to,
        `2.3 Map services`.

        `kind`, `required` and `whole` are passed where they depend on the KPI.
        """
        return Field(
            f"{key}/{self.name}", kind or self.kind, ": ".join(part for part in (about, self.label or self.heading) if part),
            self.required if required is None else required, self.choices.words if self.choices else None, whole or self.whole,
        )  # fmt: skip


RATING_LIST = ChoiceList("brag_ratings", "BRAG ratings", RATING_WORDS)
STATUS_LIST = ChoiceList("return_status", "Draft or final", ("Draft", "Final"))
NIL_LIST = ChoiceList("nil_return", "Nothing to report", ("Yes", "No"))
REASON_LIST = ChoiceList("why_no_figure", "Why no figure", (NOT_AVAILABLE_YET, NOT_COLLECTED, NOT_APPLICABLE, TOO_FEW))
LISTS = (RATING_LIST, STATUS_LIST, NIL_LIST, REASON_LIST)
"""The lists behind the dropdowns, in the order that Reference shows them."""

CHECK_COLUMNS = (Column("check", "Check", 34.0), Column("number", "To fix", 7.0))

# fmt: off
ACTION_COLUMNS: tuple[Column, ...] = (
    Column("ref", "Ref", 8.0),
    Column("title", "Action", 34.0),
    FormField("date_commenced", "Date commenced", 12.0, "date", from_plan=True, carried=True, shown="column"),
    Column("leads", "Accountable", 18.0),
    FormField("target_date", "Target date", 12.0, "date", from_plan=True, carried=True, shown="column"),
    FormField("date_achieved", "Date achieved", 12.0, "date", carried=True, shown="column"),
    FormField("evidence", "Evidence", 42.0, contributors=True, carried=True, shown="words"),
    FormField("rating", "BRAG", 11.0, "rating", required=True, choices=RATING_LIST, shown="rating"),
    FormField("remedial_action", "Remedial action", 34.0, carried=True),
    Column("last_time", "Last time", 17.0),
)
"""The columns of the table of actions, in order. The rating is never carried: an untouched copy would otherwise read as an update."""

KPI_FIELDS = (
    FormField("value", "", kind="number"),
    FormField("numerator", "", kind="number", whole=True, label="number"),
    FormField("denominator", "Out of", kind="number", whole=True, label="out of"),
    FormField("comment", "Comment", label="comment"),
    FormField("reason", "Why no figure", kind="choice", choices=REASON_LIST, label="why no figure"),
)
"""
A figure is a value, or for a percentage a numerator under the period's heading and a denominator next to it. Where there is none, the
reason says why; it is never carried to the next copy.
"""

FIGURES = ("value", "numerator", "denominator")
"""The fields of a KPI's figure."""

NARRATIVE_FIELDS = (
    FormField("achievements", "Achievements", help="What has been achieved since last time?"),
    FormField("impact", "Impact", help="What difference has it made to children, families or communities?"),
    FormField("next_steps", "Next steps", help="What happens next, and by when?"),
)

COVER_FIELDS = (
    FormField("completed_by", "Completed by", required=True, help="Your name."),
    FormField("role", "Role", help="Your job title."),
    FormField("completed_on", "Date completed", kind="date", required=True, help="For example 14/01/2020."),
    FormField("status", "Draft or final", kind="choice", required=True, choices=STATUS_LIST, data="declared",
              help="Choose Final when it is ready to be used. A draft is read too, and marked as one."),
    FormField("nil_return", "Nothing to report", kind="choice", choices=NIL_LIST,
              help="Choose Yes only if you have nothing new at all this quarter. What was filled in for you can stay as it is."),
)
# fmt: on

FIELDS: dict[str, tuple[FormField, ...]] = {
    "actions": tuple(column for column in ACTION_COLUMNS if isinstance(column, FormField)),
    "kpis": KPI_FIELDS,
    "narrative": NARRATIVE_FIELDS,
    "cover": COVER_FIELDS,
}
"""The fields of each table that an agency fills in, in order."""

_TABLE_OF_KEY = {"action": "actions", "kpi": "kpis", "narrative": "narrative", "cover": "cover"}
_KEY_OF_TABLE = {table: key for key, table in _TABLE_OF_KEY.items()}
_BY_NAME = {(table, field.name): field for table, fields in FIELDS.items() for field in fields}


def form_field(table: str, name: str) -> FormField:
    """One field. Raises KeyError where the table has none of that name."""
    return _BY_NAME[table, name]


def field_kinds(table: str) -> dict[str, FieldKind]:
    """The kind of each field of a table, by name."""
    return {field.name: field.kind for field in FIELDS[table]}


def field_names(table: str, *of_kind: FieldKind) -> tuple[str, ...]:
    """The names of a table's fields of these kinds, or of all of them."""
    return tuple(field.name for field in FIELDS[table] if not of_kind or field.kind in of_kind)


@lru_cache(maxsize=10_000)
def split_key(key: str) -> tuple[str, str, str]:
    """
    `split_key("action/2.3/rating") == ("actions", "2.3", "rating")`; a cover key has no ref.

    Raises KeyError for a field that no table has.
    """
    first, *ref, name = key.split("/")
    return _TABLE_OF_KEY[first], "/".join(ref), form_field(_TABLE_OF_KEY[first], name).name


def make_key(table: str, ref: str, name: str) -> str:
    """The reverse of `split_key`: `make_key("actions", "2.3", "rating") == "action/2.3/rating"`."""
    return "/".join(part for part in (_KEY_OF_TABLE[table], ref, name) if part)


def _refuse_mistakes() -> None:
    """Fail at import if a field is defined twice or incompletely: its answers would otherwise be lost later without a message."""
    for table, fields in FIELDS.items():
        repeated = [name for name, times in Counter(field.name for field in fields).items() if times > 1]
        if repeated:
            raise ValueError(f"form/fields.py: {table} has the field {repeated[0]} more than once.")
        for field in fields:
            if (field.kind in ("rating", "choice")) != (field.choices is not None):
                raise ValueError(f"form/fields.py: {table}.{field.name} must have choices if its kind is rating or choice, and only then.")
            if field.choices and field.choices not in LISTS:
                raise ValueError(f"form/fields.py: the list of {table}.{field.name} is not among LISTS.")
    if set(FIELDS) != set(_TABLE_OF_KEY.values()):
        raise ValueError(f"form/fields.py: no key is defined for {', '.join(sorted(set(FIELDS) ^ set(_TABLE_OF_KEY.values())))}.")


_refuse_mistakes()
