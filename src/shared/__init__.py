"""What the three stages agree on: the messages of the two hops, the two families of errors, the shape of a reject."""
