"""Pure data and arithmetic of trading. Imports nothing of the project outward, does no I/O, knows no clock."""
