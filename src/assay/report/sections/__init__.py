"""The sections of a report, each a function from the document to HTML, or nothing where it holds nothing."""
