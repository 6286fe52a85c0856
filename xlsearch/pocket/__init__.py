"""The built-in small world: real words of nine languages, two tasks, and two tiny models.

Everything here runs on two CPU cores in minutes. The effects that one sees on these models are
learned, not written down; docs/pocket.md says how the world is built, and what is weak about it.
"""
