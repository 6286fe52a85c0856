"""The report of a study: one structure of sections, tables and pictures, as Markdown and HTML."""
