"""charon: how it is asked, given its connections, and understood."""
