"""What a chart shows of the fold: its own numbers at each bar, computed again from stored data."""
