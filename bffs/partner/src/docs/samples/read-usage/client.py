import json
import os
import urllib.request

request = urllib.request.Request(
    f"{os.environ['API_URL']}/v1/usage",
    headers={"Authorization": f"Bearer {os.environ['API_KEY']}"},
)
with urllib.request.urlopen(request) as response:
    usage = json.load(response)

print(usage["requests"], "requests from", usage["from"], "to", usage["to"])
for day in usage["days"]:
    print(day["date"], day["requests"])
