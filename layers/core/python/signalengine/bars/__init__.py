"""Building closed bars from market data. Imported by the ingest task only, never by a Lambda."""
