"""Transform: canonical rows in, third-normal-form files out, every id a function of content."""
