"""Tasks: what is read, what is to be written, in which languages, and how it is scored."""
