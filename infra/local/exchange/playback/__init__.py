"""Plays a market: state as of now, order of publication, pace."""
