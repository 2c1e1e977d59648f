"""The bounded HTTP client: exchanges, deadlines, size limits, transport errors."""
