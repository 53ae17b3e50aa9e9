"""The log of folded facts: one entry a group of symbols and batch, and what is read from it."""
