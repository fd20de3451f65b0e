"""Tells ministack what a call is about where it would not know, for the check of IAM policies (AUTH=true).

ministack 1.5.33 takes the resource of a call from its parameters. Where it finds none it checks against "*", so that a
policy that names the one resource, as it should, is refused; it takes the name of an event bus for a rule's, and every
schedule for one of the group "default". For the calls below AWS checks against a resource that the parameters do lead to.
docs/decisions/iam-enforcement-in-the-emulator.md says more about each.
"""

import json
import re
import threading
from urllib.parse import unquote

from ministack.core import iam_actions
from ministack.services import stepfunctions

# By task token, of every execution since the start.
machine_of = {}
running = threading.local()
STORE = re.compile(r"^/key-value-stores/(arn:[^/]+/[A-Za-z0-9_-]+)")


def machine_of_task_token(body):
    """A token does not say whose it is; one that nobody waits for any more is checked against any machine."""
    machine = machine_of.get(body.get("taskToken"))
    return machine or next(iter(stepfunctions._state_machines), None)


def project_of_build(body, region, account):
    """The id of a build is `<project>:<build>`."""
    build = body.get("id") or next(iter(body.get("ids", [])), "")
    project, colon, _ = build.partition(":")
    return f"arn:aws:codebuild:{region}:{account}:project/{project}" if colon else None


def bus_of_description(headers, body, region, account):
    """Named or by its ARN; without either, the default one."""
    if not headers.get("x-amz-target", "").endswith(".DescribeEventBus"):
        return None
    bus = json.loads(body or "{}").get("Name") or "default"
    return bus if bus.startswith("arn:") else f"arn:aws:events:{region}:{account}:event-bus/{bus}"


def moment_of_group(path, body, query, region, account):
    """A schedule is named by its group and its own name; who makes one says the group in the body."""
    _, named, name = path.rpartition("/schedules/")
    if not named:
        return None
    group = json.loads(body or "{}").get("GroupName") or next(iter(query.get("groupName", [])), "default")
    return f"arn:aws:scheduler:{region}:{account}:schedule/{group}/{unquote(name)}"


def resource_of(service, path, body, region, account):
    if service == "cloudfront-keyvaluestore":
        store = STORE.match(unquote(path))
        return store and store.group(1)
    if service == "states":
        found = json.loads(body or "{}")
        return machine_of_task_token(found) if "taskToken" in found else None
    if service == "codebuild":
        return project_of_build(json.loads(body or "{}"), region, account)
    return None


run_task = stepfunctions._execute_task
wait_for_token = stepfunctions._invoke_with_callback


def execute_task(state_def, raw_input, execution, ctx):
    running.machine = execution["stateMachineArn"]
    return run_task(state_def, raw_input, execution, ctx)


def invoke_with_callback(resource, input_data, token, state_def):
    """In the thread of the execution, as every task is."""
    machine_of[token] = running.machine
    return wait_for_token(resource, input_data, token, state_def)


extracted = iam_actions.extract_resource_arn


def extract_resource_arn(service, method, path, headers, body, query_params, region, account_id):
    if service == "events" and (bus := bus_of_description(headers, body, region, account_id)):
        return bus
    if service == "scheduler" and (moment := moment_of_group(path, body, query_params, region, account_id)):
        return moment
    found = extracted(service, method, path, headers, body, query_params, region, account_id)
    return found if found != "*" else resource_of(service, path, body, region, account_id) or found


# Looked up in their modules at every call.
stepfunctions._execute_task = execute_task
stepfunctions._invoke_with_callback = invoke_with_callback
iam_actions.extract_resource_arn = extract_resource_arn
