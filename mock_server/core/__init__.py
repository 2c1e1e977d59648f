"""The decision: which response a request gets. No Flask, no asyncio, no sockets, no sleep."""
