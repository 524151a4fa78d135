"""Places a call and prints its outcome: place_call.py URL CALLER CALLEE"""

import json
import sys
import urllib.error
import urllib.request
import uuid

url, caller, callee = sys.argv[1:4]
request = urllib.request.Request(
    f"{url}/v1/calls",
    data=json.dumps({"caller": caller, "callee": callee}).encode(),
    headers={
        "Content-Type": "application/json",
        "Prefer": "wait=60",
        "Idempotency-Key": str(uuid.uuid4()),
    },
)
try:
    with urllib.request.urlopen(request, timeout=90) as response:
        call = json.load(response)
except urllib.error.HTTPError as error:
    sys.exit(f"The call was not placed: {json.load(error)['detail']}")

if call["status"] in ("connected", "handedOver"):
    print(f"{call['caller']} and {call['callee']}: {call['status']}")
else:
    sys.exit(f"The call has failed: {call.get('reason', {}).get('code', call['status'])}")
