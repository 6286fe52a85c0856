"""Task metrics: one file each, 0 to 100."""
