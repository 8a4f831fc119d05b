"""The work orders that change a connection: from the order, by a change, to its proof."""
