"""Each condition and order of writes is taken away once: the schedules have to notice every one.

A mutation replaces text of a source file while it is imported, in a process of its own; no file is
changed. `python -m infra.local.chaos.model.mutations write [REPORT]` writes the table of the docs.

| module | what it holds |
|---|---|
| `table` | the mutations, as `mutations.toml` has them |
| `hunt` | plays schedules with a mutation until one notices it |
| `progress` | what was found so far, in the report's file: a hunt goes on from there |
| `page` | the table of the docs, and who noticed each mutation |
"""
