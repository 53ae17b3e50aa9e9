"""Strategies: the form of a strategy's file, how it is checked, loaded and run."""
