"""What a configuration is, as a text and on the disk; what it means is for other rooms."""
