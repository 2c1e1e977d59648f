"""Decides on the response to a request: `Mock.respond`. No Flask, no asyncio, no sockets, no sleep in this folder."""
