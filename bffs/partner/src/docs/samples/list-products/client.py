import json
import os
import urllib.parse
import urllib.request


def list_products():
    """Reads the whole catalog, page by page."""
    query = {"limit": 100}
    while True:
        request = urllib.request.Request(
            f"{os.environ['API_URL']}/v1/products?{urllib.parse.urlencode(query)}",
            headers={
                "Authorization": f"Bearer {os.environ['API_KEY']}",
                "API-Version": "2026-11-01",
            },
        )
        with urllib.request.urlopen(request) as response:
            page = json.load(response)
        yield from page["items"]
        if page["next"] is None:
            return
        query["cursor"] = page["next"]


print(len(list(list_products())), "products")
