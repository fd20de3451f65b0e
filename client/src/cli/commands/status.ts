import type { DeploymentStatusView } from '../../../../shared/contracts/deployment-status.ts';
import { unwrap } from '../../result.ts';
import { askedText } from '../asked.ts';
import { pc } from '../colors.ts';
import { type CommandContext, client } from '../context.ts';
import { deploymentArgument } from '../deployment-argument.ts';
import { colored, duration, errorText, show } from '../output.ts';
import type { Register } from './command.ts';

export const registerStatus: Register = (program, run) => {
  program
    .command('status')
    .addArgument(deploymentArgument())
    .description('where a deployment stands')
    .action(run(status));
};

async function status(context: CommandContext, id: string): Promise<void> {
  const slipway = await client(context);
  const now = unwrap(await slipway.deployments.status(id, { signal: context.signal }));
  const waits = now.status === 'awaiting-approval' && !context.terminal.json;
  const asked = waits ? askedText(unwrap(await slipway.deployments.get(id, { signal: context.signal }))) : [];
  show(context.terminal, now, () => [statusText(now), ...asked].join('\n'));
}

function statusText(now: DeploymentStatusView): string {
  const { status: word, progress, stage, currentStep, message, queue, url, error, health } = now;
  const isOver = currentStep === 'done';
  const doing = `${message ?? currentStep}${queue === undefined ? '' : `, at position ${queue.position}`}`;
  const live = now.releaseState === 'none' ? '' : `, ${now.releaseState}`;
  const where = isOver ? `${progress}%${live}` : `${progress}% (${stage}): ${doing}`;
  const served = url === undefined || now.releaseState !== 'active' ? [] : [pc.bold(url)];
  const ill = health.state === 'unhealthy' ? [pc.red(`unhealthy: ${health.message}`)] : [];
  return [
    `${colored(word)} ${where}`,
    ...paceText(now),
    ...served,
    ...ill,
    ...(error === undefined ? [] : errorText(error)),
  ].join('\n');
}

/** How long it runs, how long it will take, and what it says. */
function paceText({ liveMetrics, estimatedRemainingSeconds }: DeploymentStatusView): string[] {
  if (liveMetrics === undefined) return [];
  const { elapsedSeconds, lines, linesPerSecond } = liveMetrics;
  const left =
    estimatedRemainingSeconds === undefined ? '' : `, about ${duration(estimatedRemainingSeconds)} left`;
  const pace = linesPerSecond === 0 ? '' : ` (${linesPerSecond} a second)`;
  return [pc.dim(`${duration(elapsedSeconds)} so far${left}; ${lines} lines of log${pace}`)];
}
