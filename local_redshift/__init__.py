"""A local Redshift: a wire-protocol endpoint before a PostgreSQL, for development and tests.

What is real: the protocol, the driver, TLS, transactions, SQL. What stands in: PostgreSQL for Redshift's engine. It
takes only what Redshift documents and refuses the rest by name, so that what passes here has a chance there; it was
compared with Redshift's documentation, never with a Redshift.

    client ── server ── session ── protocols ── dialect (expressions, tables, settings, principals)  ── upstream
                                        └────── copy_statement ── load (s3_source, csv_rows, field_values) ──┘
"""
