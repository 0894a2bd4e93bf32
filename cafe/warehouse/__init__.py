"""Query the warehouse: through the driver locally, through the Redshift Data API on AWS."""
