"""What people see of a search: the live table, tables, curves, YAML."""
