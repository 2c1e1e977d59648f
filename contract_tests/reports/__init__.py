"""What a run found out, written for those who read it: people (text), CI systems (junit).

The law of this folder: every report is made from the one Result, and shows no secret, and nothing of a target that did
not pass through `showing`.
"""
