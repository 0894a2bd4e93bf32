"""The pipeline beside what people would use instead: ``make bench-peers``."""
