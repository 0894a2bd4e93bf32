"""Answers for the person on call and the data team: where a file is, how the pipeline is, what to do."""
