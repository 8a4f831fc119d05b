"""The fleet as other tools' inventory: what they see, and one module for each of them."""
