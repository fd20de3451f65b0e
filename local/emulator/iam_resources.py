"""Tells ministack what a call is about where it would not know, for the check of IAM policies (AUTH=true).

ministack 1.5.33 takes the resource of a call from its parameters. Where it finds none it checks against "*", so that a
policy that names the one resource, as it should, is refused. For the calls below AWS checks against a resource that
the parameters do lead to. docs/decisions/iam-enforcement-in-the-emulator.md says more about each.
"""

import json
import re
from urllib.parse import unquote

from ministack.core import iam_actions

STORE = re.compile(r"^/key-value-stores/(arn:[^/]+/[A-Za-z0-9_-]+)")


def machine_of_task_token(body):
    """A token does not say whose it is; where there is one machine, it is that one's."""
    from ministack.services import stepfunctions  # large, and loaded at its first use elsewhere too

    machines = list(stepfunctions._state_machines)
    return machines[0] if "taskToken" in body and len(machines) == 1 else None


def project_of_build(body, region, account):
    """The id of a build is `<project>:<build>`."""
    build = body.get("id") or next(iter(body.get("ids", [])), "")
    project, colon, _ = build.partition(":")
    return f"arn:aws:codebuild:{region}:{account}:project/{project}" if colon else None


def resource_of(service, path, body, region, account):
    if service == "cloudfront-keyvaluestore":
        store = STORE.match(unquote(path))
        return store and store.group(1)
    if service == "states":
        return machine_of_task_token(json.loads(body or "{}"))
    if service == "codebuild":
        return project_of_build(json.loads(body or "{}"), region, account)
    return None


extracted = iam_actions.extract_resource_arn


def extract_resource_arn(service, method, path, headers, body, query_params, region, account_id):
    found = extracted(service, method, path, headers, body, query_params, region, account_id)
    return found if found != "*" else resource_of(service, path, body, region, account_id) or found


# Looked up in its module at every call.
iam_actions.extract_resource_arn = extract_resource_arn
