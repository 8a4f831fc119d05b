"""What the commands of `linjevakt-agent` answer, and how it is said to people."""
