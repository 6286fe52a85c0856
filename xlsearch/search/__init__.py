"""The search: a protocol that reads like the paper, its planner, its record, and who runs it."""
