"""The DCA ladder: entries by percentile of a liquidation, filters against cascades, layers that share one reserve."""
