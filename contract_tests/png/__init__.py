"""PNG: structure and pixels of a picture.

The law of this folder: bytes are hostile. Nothing raises for any bytes, and memory is bounded by constants. It knows
nothing of clauses or responses.
"""
