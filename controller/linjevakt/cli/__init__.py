"""The commands of `linjevakt`: parse, call one function of a room below, print."""
