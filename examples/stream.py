"""Follows one symbol's book on the gateway's WebSocket, and prints the best prices.

Usage: python examples/stream.py ws://127.0.0.1:8080/v1/stream SYMBOL
(needs websockets; by docs/GATEWAY.md)
"""

import asyncio
import json
import sys

import websockets


async def main(url: str, symbol: str) -> None:
    """Begin with a snapshot; after each end of the connection go on behind the last number."""
    levels, place = {"bids": {}, "asks": {}}, {}
    async for socket in websockets.connect(url):
        wanted = {"op": "subscribe", "channel": "book", "symbol": symbol, **place}
        try:
            await socket.send(json.dumps(wanted))
            async for text in socket:
                said = json.loads(text)
                if said["type"] == "book.snapshot":
                    levels = {"bids": {}, "asks": {}}
                elif said["type"] == "book.update":
                    assert said["number"] == place["number"] + 1, said
                else:
                    assert said["type"] != "error", said["message"]
                    continue
                place = {"epoch": said["epoch"], "number": said["number"]}
                for side, held in levels.items():
                    held.update({price: quantity for price, quantity, _ in said[side]})
                    levels[side] = {price: held[price] for price in held if held[price] != "0"}
                bid = max(levels["bids"], key=float, default=None)
                ask = min(levels["asks"], key=float, default=None)
                print(json.dumps({**place, "bid": bid, "ask": ask}), flush=True)
        except websockets.ConnectionClosed:
            continue


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
