"""Measurements of Assay itself: speed and memory beside a common pipeline, growth, and the coverage of intervals."""
