"""Fine-tuning: encoded data, batches, schedule, the loop, and checkpoints of it."""
