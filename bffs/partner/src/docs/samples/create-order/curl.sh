#!/usr/bin/env bash
set -euo pipefail

# One key per order, made before the first try and the same for every retry.
# --retry tries again after 408, 429, 500, 502, 503 and 504, and heeds Retry-After.
key=$(uuidgen)

curl --silent --show-error --fail --retry 4 --retry-connrefused --max-time 10 \
  "$API_URL/v1/orders" \
  -H "Authorization: Bearer $API_KEY" \
  -H 'API-Version: 2026-11-01' \
  -H 'Content-Type: application/json' \
  -H "Idempotency-Key: $key" \
  -d @- << EOF
{
  "reference": "PO-4711",
  "lines": [{ "sku": "$SKU", "quantity": 2 }]
}
EOF
