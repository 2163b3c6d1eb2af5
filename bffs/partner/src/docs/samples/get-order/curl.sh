#!/usr/bin/env bash
set -euo pipefail

curl --silent --show-error --fail-with-body "$API_URL/v1/orders/$ORDER_ID" \
  -H "Authorization: Bearer $API_KEY" \
  -H 'API-Version: 2026-11-01'
