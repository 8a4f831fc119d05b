"""What people do outside of work orders: organisations, stock, imports; the command line and the API call it."""
