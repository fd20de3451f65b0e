import type { DeploymentStatusView } from '../../../../shared/contracts/deployment-status.ts';
import type { DeploymentView } from '../../../../shared/contracts/deployments.ts';
import type { LogLineView } from '../../../../shared/contracts/logs.ts';
import type { StatusUpdate } from '../../realtime/feed.ts';

/** What no frame tells: its stages with their times, and how long it will take. */
export interface Look {
  readonly stages: DeploymentView['stages'];
  readonly status: DeploymentStatusView;
}

/** Shows what happens to a deployment: lines scroll, and where somebody looks, its stages stay below them. */
export interface LiveView {
  line(line: LogLineView): void;
  status(status: StatusUpdate): void;
  look(look: Look): void;
  /** Takes away what does not scroll. */
  end(): void;
}
