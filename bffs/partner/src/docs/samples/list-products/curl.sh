#!/usr/bin/env bash
set -euo pipefail

# Reads the whole catalog, page by page.
cursor=''
count=0
while true; do
  page=$(curl --silent --show-error --fail-with-body --get "$API_URL/v1/products" \
    -H "Authorization: Bearer $API_KEY" \
    -H 'API-Version: 2026-11-01' \
    --data-urlencode 'limit=100' \
    ${cursor:+--data-urlencode "cursor=$cursor"})
  count=$((count + $(grep -o '"sku":' <<< "$page" | wc -l)))
  cursor=$(sed -n 's/.*"next":"\([^"]*\)".*/\1/p' <<< "$page")
  if [ -z "$cursor" ]; then break; fi
done
echo "$count products"
