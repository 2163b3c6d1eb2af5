import base64
import hashlib
import hmac
import os
import sys
import time


def verify(secret, webhook_id, timestamp, signature, body):
    """Whether we sent `body`, unchanged and within the last five minutes."""
    if abs(time.time() - int(timestamp)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(
        hmac.compare_digest(each, f"v1,{expected}") for each in signature.split(" ")
    )


# In a server these are headers of the request, and the body as it came, before any parsing.
is_valid = verify(
    os.environ["WEBHOOK_SECRET"],
    os.environ["WEBHOOK_ID"],
    os.environ["WEBHOOK_TIMESTAMP"],
    os.environ["WEBHOOK_SIGNATURE"],
    sys.stdin.buffer.read(),
)
print("valid" if is_valid else "not valid")
sys.exit(0 if is_valid else 1)
