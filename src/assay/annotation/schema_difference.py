"""What changed between two versions of a schema, in words and as data."""

from __future__ import annotations

from dataclasses import dataclass, fields

from .place import shown
from .schema_values import AttributeDefinition, ClassDefinition, Schema


@dataclass(frozen=True)
class SchemaDiff:
    """The changes from one version to another. A class is the same class as long as its id is the same."""

    old_version: str
    new_version: str
    added: tuple[ClassDefinition, ...] = ()
    removed: tuple[ClassDefinition, ...] = ()
    renamed: tuple[tuple[ClassDefinition, ClassDefinition], ...] = ()
    moved: tuple[tuple[ClassDefinition, ClassDefinition], ...] = ()
    aliases: tuple[tuple[ClassDefinition, ClassDefinition], ...] = ()
    #: what changed about the scale of measurement: its name, before, after
    scale: tuple[tuple[str, str, str], ...] = ()
    attributes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self) if not one.name.endswith("_version"))

    @property
    def breaks_labels(self) -> bool:
        """Whether labels of the old version may mean something else, or nothing, in the new one."""
        return bool(self.added or self.removed or self.scale)

    def lines(self) -> list[str]:
        """One sentence for each change, for people."""
        if not self:
            return [f"Version {self.new_version} says the same as version {self.old_version}."]
        said = [f"The {what} is {new}; it was {old}." for what, old, new in self.scale]
        said += [f"Class {_called(one)} is new{_below(one)}." for one in self.added]
        said += [f"Class {_called(one)} is gone." for one in self.removed]
        said += [
            f"Class {shown(old.name)} is called {shown(new.name)} now (id {new.id})."
            for old, new in self.renamed
        ]
        said += [f"Class {_called(new)} stands{_below(new) or ' at the top'} now." for _, new in self.moved]
        said += [
            f"Class {_called(new)} has other aliases{_changed_aliases(old, new)}."
            for old, new in self.aliases
        ]
        return said + list(self.attributes)


def diff_schemas(old: Schema, new: Schema) -> SchemaDiff:
    """What changed from ``old`` to ``new``."""
    before = {one.id: one for one in old.classes}
    after = {one.id: one for one in new.classes}
    both = [(before[name], one) for name, one in after.items() if name in before]
    return SchemaDiff(
        old_version=old.version,
        new_version=new.version,
        added=tuple(one for name, one in after.items() if name not in before),
        removed=tuple(one for name, one in before.items() if name not in after),
        renamed=tuple(pair for pair in both if pair[0].name != pair[1].name),
        moved=tuple(pair for pair in both if pair[0].parent != pair[1].parent),
        aliases=tuple(pair for pair in both if set(pair[0].aliases) != set(pair[1].aliases)),
        scale=_scale(old, new),
        attributes=tuple(_attributes(old, new)),
    )


def _scale(old: Schema, new: Schema) -> tuple[tuple[str, str, str], ...]:
    names = {
        "kind": "kind of label",
        "level": "level of measurement",
        "low": "lower end",
        "high": "upper end",
        "step": "step",
        "normal_form": "Unicode form",
    }
    changes = [
        (name, _value(getattr(old, key)), _value(getattr(new, key)))
        for key, name in names.items()
        if getattr(old, key) != getattr(new, key)
    ]
    shared = {one.id for one in old.classes} & {one.id for one in new.classes}
    order = [[one.id for one in schema.classes if one.id in shared] for schema in (old, new)]
    if "nominal" not in (old.level, new.level) and order[0] != order[1]:
        changes.append(("order of the classes", " < ".join(order[0]), " < ".join(order[1])))
    return tuple(changes)


def _attributes(old: Schema, new: Schema) -> list[str]:
    before = {one.id: one for one in old.attributes}
    after = {one.id: one for one in new.attributes}
    said = [f"Attribute {shown(one.name)} is new." for name, one in after.items() if name not in before]
    said += [f"Attribute {shown(one.name)} is gone." for name, one in before.items() if name not in after]
    for name, one in after.items():
        if name in before and before[name] != one:
            said.append(f"Attribute {shown(one.name)} changed: {_changed_attribute(before[name], one)}.")
    return said


def _changed_attribute(old: AttributeDefinition, new: AttributeDefinition) -> str:
    parts = []
    for one in fields(new):
        before, after = getattr(old, one.name), getattr(new, one.name)
        if before != after:
            parts.append(f"{one.name} {_value(after)} instead of {_value(before)}")
    return "; ".join(parts)


def _changed_aliases(old: ClassDefinition, new: ClassDefinition) -> str:
    added = [shown(alias) for alias in new.aliases if alias not in old.aliases]
    removed = [shown(alias) for alias in old.aliases if alias not in new.aliases]
    said = [f"new {', '.join(added)}"] if added else []
    said += [f"gone {', '.join(removed)}"] if removed else []
    return f": {'; '.join(said)}"


def _called(one: ClassDefinition) -> str:
    return shown(one.name) if one.name == one.id else f"{shown(one.name)} (id {one.id})"


def _below(one: ClassDefinition) -> str:
    return f" below {shown(one.parent)}" if one.parent is not None else ""


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
