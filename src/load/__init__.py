"""Load: files in, warehouse rows out, exactly once."""
