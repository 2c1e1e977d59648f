"""HAR 1.2 recordings: write one, read one back, redact secrets."""
