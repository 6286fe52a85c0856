"""Ray Tune as the executor of a search: it starts, watches and restarts trials, and keeps nothing."""
