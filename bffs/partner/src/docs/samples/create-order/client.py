import json
import os
import random
import time
import urllib.error
import urllib.request
import uuid


def create_order(order, tries=5):
    """Places an order once, however often it has to ask."""
    key = str(uuid.uuid4())  # the same for every try
    for attempt in range(1, tries + 1):
        request = urllib.request.Request(
            f"{os.environ['API_URL']}/v1/orders",
            data=json.dumps(order).encode(),
            headers={
                "Authorization": f"Bearer {os.environ['API_KEY']}",
                "API-Version": "2026-11-01",
                "Content-Type": "application/json",
                "Idempotency-Key": key,
            },
        )
        seconds = 2**attempt / 4
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            is_running = error.code == 409 and "Retry-After" in error.headers
            if attempt == tries or not (is_running or error.code in (429, 502, 503, 504)):
                raise
            seconds = float(error.headers.get("Retry-After", seconds))
        except OSError:  # no answer: the order may have been placed, so ask again
            if attempt == tries:
                raise
        time.sleep(seconds + random.random() / 4)


order = create_order({
    "reference": "PO-4711",  # how you call it
    "lines": [{"sku": os.environ["SKU"], "quantity": 2}],
})
print(order["id"], order["status"])
