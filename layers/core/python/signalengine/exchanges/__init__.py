"""Exchanges, one folder each. Imported by the ingest task and research only, never by a Lambda."""
