"""The nouns of Assay and its strict readers: schema, layers, findings, numbers, JSON, YAML, lines, archives.

Nothing is imported here, so that a command that needs one reader does not pay for the others.
"""
