"""The lines to the world: which are up, which one is used, and what passes them."""
