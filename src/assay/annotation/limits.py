"""Every bound that is counted while input is read, in one place."""

from __future__ import annotations

from dataclasses import dataclass, fields

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True)
class Limits:
    """How large, deep and many things may be. The defaults fit a delivery of 10^8 labels on one machine.

    A caller who expects more passes other figures: ``Limits(line_characters=64 * MIB)``.
    """

    #: one file as it lies on the disk
    file_bytes: int = 64 * GIB
    #: one stream, or one archive with everything in it, after unpacking
    unpacked_bytes: int = 64 * GIB
    #: unpacked bytes for each packed byte; counted once ``unpack_free_bytes`` have come out
    unpack_ratio: int = 200
    #: what may come out of any archive before its ratio is looked at
    unpack_free_bytes: int = 16 * MIB
    #: files and folders in one archive
    archive_entries: int = 10_000
    #: characters in the name of an archived file, folders included
    name_characters: int = 1_000
    #: folders in folders
    folder_depth: int = 16
    #: files in a delivered folder; Pascal VOC and YOLO take one for each image, and one for its picture
    folder_files: int = 1_000_000
    #: characters in one line of text
    line_characters: int = 16 * MIB
    #: characters in one field of a table, and in one label
    field_characters: int = 1 * MIB
    #: columns of a table
    columns: int = 1_000
    #: rows of one delivery
    rows: int = 1_000_000_000
    #: a JSON document that is read as a whole
    json_bytes: int = 512 * MIB
    #: one record of a JSON stream
    record_bytes: int = 64 * MIB
    #: lists and objects inside each other, in JSON
    json_depth: int = 64
    #: a YAML document
    yaml_bytes: int = 16 * MIB
    #: lists and mappings inside each other, in YAML
    yaml_depth: int = 32
    #: classes of one schema or one delivery
    classes: int = 100_000
    #: address space of the process that reads
    memory_bytes: int = 16 * GIB
    #: processor time of the process that reads
    cpu_seconds: int = 4 * 3600

    def __post_init__(self) -> None:
        for field in fields(self):
            if getattr(self, field.name) < 1:
                raise ValueError(f"the limit {field.name} is at least 1")


DEFAULT_LIMITS = Limits()


def bytes_text(count: int) -> str:
    """A number of bytes for people.

    >>> [bytes_text(n) for n in (1, 900, 16 * MIB, 64 * GIB, 1_500_000)]
    ['1 byte', '900 bytes', '16 MiB', '64 GiB', '1.4 MiB']
    """
    if count < KIB:
        return "1 byte" if count == 1 else f"{count} bytes"
    for unit, name in ((GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")):
        if count >= unit:
            return f"{count / unit:.1f}".removesuffix(".0") + f" {name}"
    raise ValueError("a number of bytes is not negative")
