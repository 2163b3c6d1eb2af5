#!/usr/bin/env bash
set -euo pipefail

curl --silent --show-error --fail-with-body "$API_URL/v1/usage" \
  -H "Authorization: Bearer $API_KEY"
