"""Writes every call that IAM enforcement (AUTH=true) refuses into the emulator's log.

A caller may swallow a refusal: what it does beside its answer is then never done, and nothing says so. Only here does
each of them come by, whatever the caller makes of it. docs/decisions/iam-enforcement-in-the-emulator.md says more.
"""

import logging

from ministack.core import iam_actions

logger = logging.getLogger("slipway.iam")

answered = iam_actions.access_denied_response


def access_denied_response(service, action, principal_arn, request_id, **details):
    resource = details.get("resource_policy_arn") or details.get("resource_arn", "*")
    why = details.get("error_code") or ("a policy denies it" if details.get("explicit_deny") else "no policy allows it")
    logger.warning("IAM refused %s on %s to %s: %s", action or service, resource, principal_arn or "nobody", why)
    return answered(service, action, principal_arn, request_id, **details)


# Looked up in its module at every refusal.
iam_actions.access_denied_response = access_denied_response
