"""The tables' keys, attributes and indexes: a function imports those of its own tables."""
