"""Thin adapters to uvicorn: ASGI application, HTTP protocol, server lifecycle, reload."""
