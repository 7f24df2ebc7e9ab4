"""AWS for a process that must stay small: the JSON protocol over httpx, signed here.

The SDK with the three clients that the stream worker needs takes 24 MB resident and 2 ms of CPU per request. Functions,
which live differently, use the SDK.
"""
