"""The machine itself: its clock set right, its disk tried."""
