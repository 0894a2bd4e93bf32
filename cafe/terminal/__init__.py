"""How the command line reads options and writes answers on a terminal."""
