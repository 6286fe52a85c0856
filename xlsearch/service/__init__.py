"""A search as a service: where it is kept, how it is launched, and what it will cost."""
