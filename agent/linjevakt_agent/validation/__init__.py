"""Whether a configuration may be taken: read by us, then tried by the programs that are to use it."""
