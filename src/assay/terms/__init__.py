"""Contracts as code: what is agreed, how a term decides, what is paid and by when. Pure, apart from reading files."""
