"""Tells ministack which action a batch of SQS needs, for the check of IAM policies (AUTH=true).

AWS has no permission for a batch: SendMessageBatch, DeleteMessageBatch and ChangeMessageVisibilityBatch are checked
against the action for one message. ministack 1.5.33 checks them against a permission of their own name, which no policy
can grant on AWS. docs/decisions/iam-enforcement-in-the-emulator.md says more.
"""

from ministack.core import iam_actions

extracted = iam_actions.extract_iam_action


def extract_iam_action(service, method, path, headers, body, query_params):
    action = extracted(service, method, path, headers, body, query_params)
    return action.removesuffix("Batch") if action and service == "sqs" else action


# Looked up in its module at every call.
iam_actions.extract_iam_action = extract_iam_action
