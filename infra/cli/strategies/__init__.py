"""Commands on strategies: new, list, show, check."""
