import { SlipwayError } from './base.ts';

export type WebhookFault = 'headers' | 'timestamp' | 'signature';

const webhookFaults: Readonly<Record<WebhookFault, string>> = {
  headers: 'lacks webhook-id, webhook-timestamp or webhook-signature',
  timestamp: 'was signed too long ago, or its clock or ours is wrong',
  signature: 'carries no signature made with the secret we know',
};

/** A message that claims to be signed and does not prove it. The answer to the sender says no more than that. */
export class WebhookRejected extends SlipwayError {
  readonly code = 'UNAUTHENTICATED';
  readonly fault = 'caller';
  readonly retryable = false;
  readonly reason: WebhookFault;

  constructor(reason: WebhookFault) {
    super(`The message ${webhookFaults[reason]}.`, {
      suggestion: 'Check that both sides use the same secret and that their clocks are right.',
      facts: { reason },
    });
    this.reason = reason;
  }
}

/** A signing secret that is not in the form of Standard Webhooks. The message never repeats it. */
export class InvalidWebhookSecret extends SlipwayError {
  readonly code = 'INVALID_CONFIG';
  readonly fault = 'caller';
  readonly retryable = false;

  constructor() {
    super('The signing secret is not whsec_ followed by 24 to 64 bytes in base64.', {
      suggestion: 'Make one with: printf "whsec_%s" "$(openssl rand -base64 32)"',
    });
  }
}
