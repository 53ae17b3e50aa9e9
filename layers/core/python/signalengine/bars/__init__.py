"""Bars of one symbol, from market data to facts. Imported by the ingest task and research only."""
