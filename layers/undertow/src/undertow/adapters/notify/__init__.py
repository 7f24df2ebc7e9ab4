"""Alerts: one structured log line and one count each. Alarms on the counts reach people."""
