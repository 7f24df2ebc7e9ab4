"""Use cases, one verb per file. They know ports and the pure core, no venue, no database, no clock of their own."""
