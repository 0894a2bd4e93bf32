"""What the person on call and the data team ask: where a file is, how the pipeline is, what to do."""
