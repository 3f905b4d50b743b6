"""What the items look like, where a source says so: their text and a link to their media. Links are never followed."""

from __future__ import annotations

import re

import duckdb

from assay.annotation.finding import Finding

_SIGNED = (
    r"[?&](x-amz-|x-goog-|signature=|sig=|token=|access_token=|awsaccesskeyid=|expires=|policy=|key-pair-id=)"
)
_MEDIA = re.compile(
    r"\.(jpe?g|png|gif|webp|bmp|tiff?|svg|mp3|wav|flac|ogg|m4a|mp4|webm|mov|avi|pdf|html?)([?#]|$)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(https?|s3|gs|azure-blob)://", re.IGNORECASE)


def looks_like_link(text: str) -> bool:
    """Whether a text is the address of something, or a path to a media file.

    >>> [looks_like_link(t) for t in ("https://x/1", "/data/upload/29/a.png", "a man.", "see a.png there")]
    [True, True, False, False]
    """
    if _ADDRESS.match(text):
        return True
    return bool(_MEDIA.search(text)) and not re.search(r"\s", text)


def settle_content(connection: duckdb.DuckDBPyConnection) -> tuple[bool, list[Finding]]:
    """One row for each item; signatures and tokens are cut from links. Returns whether there is any content."""
    rows, items = connection.execute("SELECT count(*), count(DISTINCT item) FROM content").fetchall()[0]
    if not rows:
        return False, []
    if rows > items:
        connection.execute(
            "CREATE TEMP TABLE one_each AS SELECT item, min(text) AS text, min(link) AS link "
            "FROM content GROUP BY item"
        )
        connection.execute("DELETE FROM content")
        connection.execute("INSERT INTO content SELECT item, text, link FROM one_each")
        connection.execute("DROP TABLE one_each")
    return True, _cut_signatures(connection)


def _cut_signatures(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    condition = f"regexp_matches(link, '{_SIGNED}', 'i')"
    count = connection.execute(f"SELECT count(*) FROM content WHERE {condition}").fetchall()[0][0]
    if not count:
        return []
    connection.execute(f"UPDATE content SET link = string_split(link, '?')[1] WHERE {condition}")
    text = f"{count:,} links carried a signature or a token; what follows the ? was cut and is not kept."
    return [Finding("signed_link", "minor", "delivery", text, {"links": int(count)})]
