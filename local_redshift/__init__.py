"""A local Redshift for development and tests: a server that speaks Redshift's protocol in front of a PostgreSQL.

Real: the protocol, the driver, TLS, transactions, SQL. Stand-in: PostgreSQL's engine for Redshift's. It accepts only
what Redshift documents and the project uses, and refuses the rest by name, so that what passes here should pass there.
It was compared with Redshift's documentation, never with a Redshift.

    client ── server ── session ── protocols ── dialect/   statements, rewritten for PostgreSQL
                           │           └─────── wire/      messages, answers, the session with PostgreSQL
                           └─────────────────── copy/      COPY: a manifest's objects, read from S3 and checked

`dialect` and `wire` import nothing of the other folders; `copy` imports both. None imports `server` or `session`.
"""
