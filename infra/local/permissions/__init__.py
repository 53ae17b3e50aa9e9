"""What each role may do, and where it is seen doing it.

The synthesised template is the only source of rights. `grants` reads them from it, `calls` says
which ones a call of a client needs, `emulator` reads those that the embedded AWS allowed, and
`page` keeps docs/permissions.md, where each right names the tests that use it.
"""
