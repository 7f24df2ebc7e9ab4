"""Queues: the bodies that travel on them, and the stream worker's sender."""
