"""Letters to those outside the house, computed from the inventory: a `Document`, shown as text or as PDF."""
