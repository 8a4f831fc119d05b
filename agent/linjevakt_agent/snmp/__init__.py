"""What the agent knows, told over SNMPv3."""
