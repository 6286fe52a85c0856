"""Ray Tune as the executor of a search: it starts and restarts trials, and keeps nothing."""
