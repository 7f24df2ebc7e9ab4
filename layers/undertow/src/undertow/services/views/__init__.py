"""What people see: functions from the repositories to JSON. Figures are texts, times are milliseconds UTC.

A view states what is known and how old it is. It never fills a gap with a guess: what is not known is null.
"""
