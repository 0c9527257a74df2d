"""Signs webhooks, so that they are read and not only refused."""

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


@schemathesis.hook
def before_call(context, case, kwargs):
    if not SECRET or case.operation.path != "/api/webhook/stripe":
        return
    header = case.meta.components.get(ParameterLocation.HEADER) if case.meta else None
    # A header that is made to be wrong stays wrong.
    if header is None or header.mode.is_positive:
        kwargs["auth"] = sign
