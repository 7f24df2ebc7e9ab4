"""The commands of `undertow`, one file for each thing they are about. Each is a function of operator, arguments and
terminal; it says what it did, or raises."""
