"""What is written to disk: run folders, shared content, tidy rows; all of it atomically."""
