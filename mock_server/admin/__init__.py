"""The admin API under /__mock/, described by openapi.yaml in this folder, and its page."""
