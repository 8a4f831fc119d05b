"""The tunnel kept whole: at a site from its own end, at a hub from its peers'."""
