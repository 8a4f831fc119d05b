"""What runs for long in `linjevakt serve`: polls, orders whose time comes, renewals."""
