import { ConflictException, ResourceNotFoundException } from '@aws-sdk/client-scheduler';
import type { Functions } from './lambda.ts';
import type { Commands } from './sdk.ts';
import type { Timeline } from './timeline.ts';

const METADATA = { $metadata: {} };
/** Between the moment and its delivery, and between two deliveries of one moment (ms). */
const LATE_MS = 700;

interface Request {
  readonly Name?: string;
  readonly ScheduleExpression?: string;
  readonly Target?: { readonly Arn?: string; readonly Input?: string };
}

/** EventBridge Scheduler in memory: one-off schedules that are gone once they were delivered, which is at least once. */
export class Schedules {
  readonly #timeline: Timeline;
  readonly #functions: Functions;
  readonly #planned = new Map<string, { readonly undo: () => void; readonly request: Request }>();
  /** How often a moment is delivered. */
  deliveries = 1;

  constructor(timeline: Timeline, functions: Functions) {
    this.#timeline = timeline;
    this.#functions = functions;
  }

  get commands(): Commands {
    const execute = (operation: string, input: object) => this.#execute(operation, input);
    return {
      service: { name: 'scheduler', execute },
      reads: [],
      changes: ['CreateSchedule', 'DeleteSchedule'],
    };
  }

  #execute(operation: string, input: object): object {
    // Which input belongs to which command is the SDK's promise.
    const { Name = '' } = input as Request;
    const known = this.#planned.get(Name);
    if (operation === 'DeleteSchedule') {
      if (known === undefined)
        throw new ResourceNotFoundException({
          message: 'No such schedule',
          Message: 'No such schedule',
          ...METADATA,
        });
      known.undo();
      this.#planned.delete(Name);
      return METADATA;
    }
    if (known !== undefined)
      throw new ConflictException({ message: 'It exists', Message: 'It exists', ...METADATA });
    this.#plan(input as Request);
    return METADATA;
  }

  /** What is planned, as it was asked for. */
  all = (): object[] => [...this.#planned.values()].map(({ request }) => request);

  /** Plans what was planned before. */
  load(requests: readonly object[]): void {
    // Only `all` makes them.
    for (const request of requests) this.#plan(request as Request);
  }

  #plan(request: Request): void {
    const { Name = '', ScheduleExpression = '', Target } = request;
    const [, moment] = /^at\((.+)\)$/.exec(ScheduleExpression) ?? [];
    const at = Date.parse(`${moment}Z`);
    const { Arn = '', Input = '{}' } = Target ?? {};
    const deliver = () => {
      this.#planned.delete(Name);
      for (let n = 0; n < this.deliveries; n += 1)
        this.#timeline.in(n * LATE_MS, () => this.#functions.send(Arn, JSON.parse(Input), Arn));
    };
    this.#planned.set(Name, { undo: this.#timeline.at(at + LATE_MS, deliver), request });
  }
}
