"""Ask the warehouse, through the driver locally and through the Redshift Data API on AWS."""
