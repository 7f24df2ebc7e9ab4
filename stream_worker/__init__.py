"""The stream worker: hears everything, measures, forwards. It decides nothing and may order nothing."""
