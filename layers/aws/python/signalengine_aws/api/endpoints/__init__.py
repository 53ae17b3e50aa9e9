"""The endpoints, one module a subject: the shapes of its answers, its functions, its routes.

An endpoint's function gets the services, the request and the parameters' values by name. Its
docstring is its text in docs/api.md. What only some endpoints need is imported inside them, so that
a cold start loads the modules of one request.

Times are ms since the epoch, UTC, unless a name says otherwise; `timestamp` and `closed_at` of a
signal are seconds. `*_pct` and returns are percent, rates are fractions. Null is "not known", never
zero.
"""
