"""COPY from S3: the objects of a manifest, checked as Redshift checks them, into PostgreSQL."""
