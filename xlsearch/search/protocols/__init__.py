"""Search protocols: one short function each."""
