"""Commands that bring back what was lost: a table, or all that the archive holds."""
