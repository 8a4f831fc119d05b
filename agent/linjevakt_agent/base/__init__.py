"""What every room stands on: places, types, errors, and how files, programs, services and sockets are used."""
