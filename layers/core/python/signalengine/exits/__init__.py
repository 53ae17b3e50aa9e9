"""Exits of a signal beyond one TP and one SL."""
