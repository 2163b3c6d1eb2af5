#!/usr/bin/env bash
set -euo pipefail

# --retry heeds Retry-After; without one it waits 1 s, 2 s, 4 s …
for sku in SKU-00001 SKU-00002 SKU-00003; do
  curl --silent --show-error --fail --retry 4 "$API_URL/v1/inventory/$sku" \
    -H "Authorization: Bearer $API_KEY" \
    -H 'API-Version: 2026-11-01'
  echo
done
