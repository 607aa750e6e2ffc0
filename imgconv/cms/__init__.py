"""Colour management: ICC profiles read and made here, colours computed by LittleCMS."""
