"""One router: what it shall run, what a push would change, the push itself, its proof, and how a lost one ended."""
