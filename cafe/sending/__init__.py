"""Send branch files and events into the pipeline: first, again, or to one stage alone."""
