"""The kernel's addresses, routes and rules: what they shall be, and how they become it."""
