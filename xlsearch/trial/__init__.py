"""One trial: a run in its run folder, from the pretrained checkpoint to its last evaluation."""
