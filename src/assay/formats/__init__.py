"""Deliveries, gold and manifests in, tables of annotations out; label tables, tasks and redo lists written.

``read.read_delivery``, ``gold.read_gold`` and ``manifest.read_manifest`` fill tables of a DuckDB connection and return
what they found; ``delivery`` and ``gold_file`` hold what ``delivery.yaml`` and ``gold.yaml`` may declare; ``write``,
``convert`` and ``inspect`` are the way back. Nothing is imported here, so that a command pays only for what it reads.
"""
