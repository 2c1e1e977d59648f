"""The engine: collects exchanges, evaluates every check on them, and turns the outcomes into verdicts.

The law of this folder: exchanges are collected once and evaluated in the order of their requests. A clause passes only
if a response of the operation was checked, and one defect is reported once.
"""
