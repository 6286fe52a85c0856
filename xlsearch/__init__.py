"""xlsearch: learning-rate search for zero-shot cross-lingual generation."""

__version__ = "0.1.0"
