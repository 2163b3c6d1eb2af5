import json
import os
import random
import time
import urllib.error
import urllib.request


def read(path, tries=5):
    """Reads, and waits as long as it is told when it was too fast."""
    for attempt in range(1, tries + 1):
        request = urllib.request.Request(
            os.environ["API_URL"] + path,
            headers={
                "Authorization": f"Bearer {os.environ['API_KEY']}",
                "API-Version": "2026-11-01",
            },
        )
        try:
            with urllib.request.urlopen(request) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503) or attempt == tries:
                raise
            seconds = float(error.headers.get("Retry-After", 1))
        time.sleep(seconds + random.random() / 4)  # not all of your workers at once


for sku in ("SKU-00001", "SKU-00002", "SKU-00003"):
    stock = read(f"/v1/inventory/{sku}")
    print(stock["sku"], stock["available"])
