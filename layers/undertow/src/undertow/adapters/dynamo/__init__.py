"""The repository ports over DynamoDB tables.

``wiring`` builds them all over one client. ``keys``, ``tables`` and ``worker_rows`` need neither pynamodb nor botocore,
so that the stream worker can do without both.
"""
