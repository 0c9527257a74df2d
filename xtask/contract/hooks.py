"""Signs webhooks, so that they are read and not only refused, and waits for nothing long."""

import hashlib
import hmac
import os
import time

import schemathesis
from schemathesis.core.parameters import ParameterLocation

SECRET = os.environ.get("STRIPE_WEBHOOK_SECRET", "")


def sign(request):
    """As Stripe documents it: https://docs.stripe.com/webhooks#verify-manually."""
    body = request.body or b""
    if isinstance(body, str):
        body = body.encode()
    timestamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    request.headers["Stripe-Signature"] = f"t={timestamp},v1={digest}"
    return request


def shorten(query):
    """A wait that is granted holds the attack up, and one second of it shows as much as thirty."""
    wait = query.get("wait")
    if isinstance(wait, str) and wait.isascii() and wait.isdigit():
        wait = int(wait)
    if isinstance(wait, int) and 1 < wait <= 30:
        query["wait"] = 1


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.operation.path == "/api/payment-status" and case.query:
        shorten(case.query)
    if not SECRET or case.operation.path != "/api/webhook/stripe":
        return
    header = case.meta.components.get(ParameterLocation.HEADER) if case.meta else None
    # A header that is made to be wrong stays wrong.
    if header is None or header.mode.is_positive:
        kwargs["auth"] = sign
