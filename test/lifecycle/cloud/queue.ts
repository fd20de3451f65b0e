import { labelOf } from './aws.ts';
import type { Functions } from './lambda.ts';
import { asNobody } from './process.ts';
import type { Commands } from './sdk.ts';
import type { Timeline } from './timeline.ts';

interface Message {
  readonly id: string;
  readonly body: string;
  /** The one that was given out last; only with it can the message be hidden for longer or shorter. */
  handle: string;
  receives: number;
  /** Takes back its next delivery. */
  later: () => void;
  /** The moment of its next delivery (ms). */
  shownAt: number;
}

/** A message as it is kept. */
export interface KeptMessage {
  readonly body: string;
  readonly shownAt: number;
}

interface Request {
  readonly MessageBody?: string;
  readonly DelaySeconds?: number;
  readonly ReceiptHandle?: string;
  readonly VisibilityTimeout?: number;
}

const METADATA = { $metadata: {} };
/** The queue's own time, and how often a message is given out (infra: queues.ts). */
const HIDDEN_MS = 900_000;
const RECEIVES = 20;
/** Between a message and the poll that finds it (ms). */
const FOUND_MS = 100;

/** The observe queue in memory, read by `targets`: at least once, hidden while somebody works on it. */
export class Queue {
  readonly #timeline: Timeline;
  readonly #functions: Functions;
  readonly #messages = new Map<string, Message>();
  #count = 0;

  constructor(timeline: Timeline, functions: Functions) {
    this.#timeline = timeline;
    this.#functions = functions;
  }

  get commands(): Commands {
    const execute = (operation: string, input: object) => this.#execute(operation, input);
    return {
      service: { name: 'sqs', execute },
      reads: [],
      changes: ['SendMessage', 'ChangeMessageVisibility'],
    };
  }

  #execute(operation: string, input: object): object {
    // Which input belongs to which command is the SDK's promise.
    const { MessageBody = '{}', DelaySeconds = 0, ReceiptHandle, VisibilityTimeout = 0 } = input as Request;
    if (operation === 'SendMessage') {
      this.#put(MessageBody, DelaySeconds * 1000 + FOUND_MS);
      return METADATA;
    }
    const found = [...this.#messages.values()].find(({ handle }) => handle === ReceiptHandle);
    // Of what is gone meanwhile nothing needs to be hidden.
    if (found !== undefined) this.#show(found, VisibilityTimeout * 1000);
    return METADATA;
  }

  all = (): KeptMessage[] => [...this.#messages.values()].map(({ body, shownAt }) => ({ body, shownAt }));

  /** Takes in what was in the queue before. */
  load(messages: readonly KeptMessage[]): void {
    for (const { body, shownAt } of messages) this.#put(body, Math.max(0, shownAt - this.#timeline.now));
  }

  #put(body: string, ms: number): void {
    this.#count += 1;
    const id = `message-${this.#count}`;
    const message = { id, body, handle: '', receives: 0, later: () => {}, shownAt: 0 };
    this.#messages.set(id, message);
    this.#show(message, ms);
  }

  #show(message: Message, ms: number): void {
    message.later();
    message.shownAt = this.#timeline.now + ms;
    message.later = asNobody(() => this.#timeline.in(ms, () => void this.#receive(message)));
  }

  async #receive(message: Message): Promise<void> {
    if (message.receives >= RECEIVES) {
      this.#messages.delete(message.id);
      return;
    }
    message.receives += 1;
    message.handle = `${message.id}-${message.receives}`;
    this.#show(message, HIDDEN_MS);
    const { id: messageId, body, handle: receiptHandle } = message;
    const event = { Records: [{ messageId, receiptHandle, body }] };
    try {
      const label = labelOf('targets', JSON.parse(body));
      const answer = await this.#functions.deliver('queue', 'targets', event, label);
      // The form that a queue's function answers in.
      const { batchItemFailures = [] } = (answer ?? {}) as { batchItemFailures?: readonly unknown[] };
      if (batchItemFailures.length > 0) return;
      message.later();
      this.#messages.delete(messageId);
    } catch {
      // It is seen again when its time is up.
    }
  }
}
