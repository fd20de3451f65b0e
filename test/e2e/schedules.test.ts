import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetScheduleCommand, ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { expect, it } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import type { ScheduleView } from '../../shared/contracts/schedules.ts';
import { slipway } from '../support/cli.ts';
import { options } from '../support/emulated-aws.ts';
import { projectOf, sdk } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

/** What EventBridge Scheduler holds for the next moment of a schedule: whom it calls, and with what. */
async function plannedFor(id: string) {
  const scheduler = new SchedulerClient(options());
  const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand({ NamePrefix: id }));
  const [{ Name, GroupName } = {}] = Schedules;
  const { Target } = await scheduler.send(new GetScheduleCommand({ Name, GroupName }));
  return { fn: Target?.Arn, payload: Target?.Input ?? '' };
}

/** One more delivery, as EventBridge Scheduler makes it, which promises no more than "at least once". */
async function deliver({ fn, payload }: Awaited<ReturnType<typeof plannedFor>>): Promise<void> {
  const call = { FunctionName: fn, Payload: Buffer.from(payload) };
  const { FunctionError } = await new LambdaClient(options()).send(new InvokeCommand(call));
  expect(FunctionError).toBeUndefined();
}

async function place() {
  const repository = siteRepository();
  repository.commit({ 'index.html': '<h1>planned</h1>' });
  const { project, environment } = await projectOf(repository.url);
  const plan = (...when: string[]) =>
    slipway('schedule', 'create', '--project', project.name, '--env', environment.name, ...when, '--json');
  const deployments = async () => unwrap(await sdk().deployments.list({ projectId: project.id })).items;
  return { plan, deployments };
}

const shown = async (id: string) => unwrap(await sdk().schedules.get(id));

/** A moment that comes once a day, and soon: far enough ahead for what has to be done before. */
function soon(): { readonly cron: string; readonly moment: number } {
  const moment = Math.ceil((Date.now() + 25_000) / 60_000) * 60_000;
  const then = new Date(moment);
  return { cron: `${then.getUTCMinutes()} ${then.getUTCHours()} * * *`, moment };
}

const until = (moment: number) => new Promise((resolve) => setTimeout(resolve, moment - Date.now()));

it('a planned moment is one deployment however often it is delivered, and none when its schedule was deleted just before', async () => {
  const [kept, deleted] = await Promise.all([place(), place()]);
  const { cron, moment } = soon();
  const plans = await Promise.all([kept, deleted].map(({ plan }) => plan('--cron', cron)));
  const [one, other] = plans.map((made) => {
    expect(made.code, made.err).toBe(0);
    return made.json<ScheduleView>();
  });
  if (one === undefined || other === undefined) throw new Error('Nothing was planned.');
  expect(at(one.nextAt)).toBe(moment);
  const [due, late] = await Promise.all([plannedFor(one.id), plannedFor(other.id)]);

  await until(moment - 3000);
  const gone = await slipway('schedule', 'delete', other.id);
  expect(gone.code, gone.err).toBe(0);

  await expect.poll(async () => (await shown(one.id)).last?.outcome, { timeout: 120_000 }).toBe('started');
  await Promise.all([deliver(due), deliver(due), deliver(late)]);
  const all = await kept.deployments();
  expect(all).toHaveLength(1);
  const [{ id } = { id: '' }] = all;
  const ended = unwrap(await sdk().deployments.waitFor(id));
  expect(ended).toMatchObject({ status: 'succeeded', trigger: { kind: 'schedule' } });
  const after = await shown(one.id);
  expect(after.last).toMatchObject({ outcome: 'started', deploymentId: id });
  expect(at(after.nextAt)).toBe(moment + 86_400_000);
  expect(await kept.deployments()).toHaveLength(1);
  expect(await deleted.deployments()).toEqual([]);
});

it('what waits for its moment ends with its schedule, and an early delivery begins nothing', async () => {
  const { plan, deployments } = await place();
  const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  const early = await plan('--at', inMinutes(4));
  expect([early.code, early.err]).toEqual([3, expect.stringContaining('at least 5 minutes ahead')]);
  expect(await deployments()).toEqual([]);

  const made = await plan('--at', inMinutes(6));
  expect(made.code, made.err).toBe(0);
  const { id, deploymentId = '' } = made.json<ScheduleView>();
  const status = async () => unwrap(await sdk().deployments.get(deploymentId)).status;
  await expect.poll(status, { timeout: 60_000 }).toBe('scheduled');
  const due = await plannedFor(id);
  await deliver(due);
  expect(await status()).toBe('scheduled');

  expect((await slipway('schedule', 'delete', id)).code).toBe(0);
  await deliver(due);
  const ended = unwrap(await sdk().deployments.waitFor(deploymentId));
  expect(ended).toMatchObject({ status: 'canceled', releaseState: 'none' });
  expect(ended.cancelRequested?.reason).toContain(id);
});

const at = (time: string | undefined) => Date.parse(time ?? '');
