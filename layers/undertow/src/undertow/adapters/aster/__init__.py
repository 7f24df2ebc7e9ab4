"""Aster: signatures, the raw REST client, its wire formats, and the venue of our ports above them."""
