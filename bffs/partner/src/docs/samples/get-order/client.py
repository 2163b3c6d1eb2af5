import json
import os
import urllib.error
import urllib.request

request = urllib.request.Request(
    f"{os.environ['API_URL']}/v1/orders/{os.environ['ORDER_ID']}",
    headers={
        "Authorization": f"Bearer {os.environ['API_KEY']}",
        "API-Version": "2026-11-01",
    },
)
try:
    with urllib.request.urlopen(request) as response:
        order = json.load(response)
    print(order["id"], order["status"], order["total"]["amount"], order["total"]["currency"])
except urllib.error.HTTPError as error:
    problem = json.load(error)
    if problem["code"] != "not-found":
        raise SystemExit(f"{problem['title']} (request {problem['requestId']})")
    print("there is no such order")
