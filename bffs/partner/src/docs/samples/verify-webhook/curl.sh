#!/usr/bin/env bash
set -euo pipefail

# The body comes on standard input, exactly as it was received. Needs openssl.
body=$(cat; printf x) && body=${body%x}
key=$(printf %s "${WEBHOOK_SECRET#whsec_}" | base64 --decode |
  od -An -v -tx1 | tr -d ' \n')
expected=$(printf %s "$WEBHOOK_ID.$WEBHOOK_TIMESTAMP.$body" |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)

age=$(($(date +%s) - WEBHOOK_TIMESTAMP))
if [ "${age#-}" -gt 300 ]; then echo 'too old'; exit 1; fi
case " $WEBHOOK_SIGNATURE " in
  *" v1,$expected "*) echo valid ;;
  *) echo 'wrong signature'; exit 1 ;;
esac
