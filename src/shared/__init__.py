"""What the three stages agree on: the messages of the two hops, the two families of errors, the form of a reject."""
