"""Starts ministack, with one gap in its IAM enforcement closed.

AWS authorizes the answer to a task token (states:SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat) against the
ARN of the state machine that waits for it. ministack 1.5.33 doesn't know which machine a token belongs to and
checks against "*", so a policy that names the machine, as it should, is refused. Where there is one machine, it is
the one. This matters with AUTH=true only.
"""

from ministack.core import iam_actions

_resource_arn_of = iam_actions.extract_resource_arn


def _resource_arn_with_task_tokens(service, method, path, headers, *rest):
    target = headers.get("x-amz-target", "")
    if service == "states" and ".SendTask" in target:
        from ministack.services import stepfunctions

        # Keys are (account, region, ARN); the request's own account isn't settled at this point.
        machines = [key[-1] for key in stepfunctions._state_machines._data]
        if len(machines) == 1:
            return machines[0]
    return _resource_arn_of(service, method, path, headers, *rest)


iam_actions.extract_resource_arn = _resource_arn_with_task_tokens

if __name__ == "__main__":
    from ministack.app import main

    main()
