"""A generation put in force, and what is in force read back and compared with it."""
