"""What an account earned, what it cost, and what its owner put in: pure arithmetic over the venue's records.

Every figure is a sum over ``Line``s, one for each part of a trade, funding payment, other income or adjustment, so that
parts always add up to their whole, however they are grouped.
"""
