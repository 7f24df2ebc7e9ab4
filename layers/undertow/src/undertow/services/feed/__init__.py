"""Live news: what changed, as people are shown it, numbered and handed to everybody who looks."""
