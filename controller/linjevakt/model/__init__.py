"""The nouns, rules and errors of the domain: pure values, no I/O, no framework."""
