"""The engine: collects exchanges from a target, evaluates every check on them, and keeps the evidence."""
