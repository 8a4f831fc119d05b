"""The services that a site is there for, tried as its clients would use them."""
