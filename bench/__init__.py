"""The figures that the pipeline promises, measured; ratios between two sides of one run wherever that is possible."""
