"""Files that start a cluster and run a search on it: templates, and what fills them in."""
