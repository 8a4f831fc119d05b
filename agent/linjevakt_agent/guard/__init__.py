"""The one process that changes a box's configuration, what it keeps to, and how it is asked."""
