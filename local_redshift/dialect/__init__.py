"""Redshift's SQL, recognised and rewritten for PostgreSQL. Pure: it opens nothing, and knows no session."""
