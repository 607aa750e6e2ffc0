"""Three exposures of one scene, through blue, green and red filters, made one colour picture. Uses NumPy throughout.

`plate` says what a plate is, `border` finds its picture, `edges` makes plates of different brightness alike, `align`
finds where they lie, `warp` moves them there and `compose` puts them together.
"""
