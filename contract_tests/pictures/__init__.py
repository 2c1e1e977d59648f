"""Structure and pixels of a picture, one module per format.

The law of this folder: bytes are hostile. Nothing raises for any bytes, and memory is bounded by constants. It knows
nothing of clauses or responses.
"""
