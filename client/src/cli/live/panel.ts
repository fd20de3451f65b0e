import type { StatusUpdate } from '../../realtime/feed.ts';
import { pc } from '../colors.ts';
import { colored, duration } from '../output.ts';
import { stripped, visibleWidth } from '../visible.ts';
import type { Look } from './view.ts';

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const BAR = 20;
/** Narrower than this, a bar takes the place of words. */
const ROOM_FOR_BAR = 60;

/** What is known of a deployment at a moment. */
export interface Standing {
  readonly status: StatusUpdate;
  readonly look?: Look | undefined;
  /** Since `look` was answered, in seconds. */
  readonly lookAge: number;
  /** Since somebody began to watch, in seconds. */
  readonly watched: number;
  /** Counts up while the spinner turns. */
  readonly frame: number;
}

/** Stages in one row and progress in the next, each of at most so many columns. */
export function panelRows(standing: Standing, columns: number): string[] {
  return [...stagesRow(standing, columns), progressRow(standing, columns)];
}

const spinner = ({ frame }: Standing) => pc.cyan(SPINNER[frame % SPINNER.length] ?? '');

/** As much of it as fits: all stages with their times, all without, or nothing. */
function stagesRow(standing: Standing, columns: number): string[] {
  const { look } = standing;
  if (look === undefined) return [];
  const stages = look.stages.filter(({ status }) => status !== 'skipped');
  const row = (withTimes: boolean) =>
    stages.map((stage) => stageWords(stage, standing, look, withTimes)).join('  ');
  return [row(true), row(false)].filter((text) => visibleWidth(text) <= columns).slice(0, 1);
}

type Stage = Look['stages'][number];

function stageWords(stage: Stage, standing: Standing, look: Look, withTimes: boolean): string {
  const seconds = withTimes ? secondsOf(stage, standing, look) : undefined;
  const time = seconds === undefined ? '' : ` ${pc.dim(duration(seconds))}`;
  switch (stage.status) {
    case 'succeeded':
      return `${pc.green('✔')} ${stage.name}${time}`;
    case 'failed':
      return `${pc.red('✖')} ${stage.name}${time}`;
    case 'running':
      return `${spinner(standing)} ${pc.bold(stage.name)}${time}`;
    case 'pending':
    case 'skipped':
      return pc.dim(`· ${stage.name}`);
  }
}

/** By the clock of the service alone, which need not be that of this machine. */
function secondsOf({ startedAt, finishedAt }: Stage, { lookAge }: Standing, look: Look): number | undefined {
  if (startedAt === undefined) return undefined;
  const until =
    finishedAt === undefined ? Date.parse(look.status.at) + lookAge * 1000 : Date.parse(finishedAt);
  return Math.max(0, (until - Date.parse(startedAt)) / 1000);
}

/** What does not fit is left out from the right: first what it is doing, then its times. */
function progressRow(standing: Standing, columns: number): string {
  const { status } = standing;
  const bar = columns < ROOM_FOR_BAR ? [] : [barOf(status.progress)];
  const head = [spinner(standing), ...bar, `${status.progress}%`, colored(status.status)].join(' ');
  const more = [
    timesOf(standing),
    status.message === undefined ? '' : stripped(status.message).split('\n', 1)[0],
  ];
  let row = head;
  for (const words of more) {
    const longer = words ? `${row}${pc.dim(` · ${words}`)}` : row;
    if (visibleWidth(longer) > columns) break;
    row = longer;
  }
  return row;
}

function barOf(percent: number): string {
  const filled = Math.round((percent / 100) * BAR);
  return `${'█'.repeat(filled)}${pc.dim('░'.repeat(BAR - filled))}`;
}

function timesOf({ status, look, lookAge, watched }: Standing): string {
  const known = look?.status.liveMetrics?.elapsedSeconds;
  const elapsed = duration(known === undefined ? watched : known + lookAge);
  const estimate = look?.status.estimatedRemainingSeconds;
  if (estimate === undefined || status.progress === 100) return elapsed;
  const left = estimate - lookAge;
  return left < 1 ? `${elapsed}, any moment now` : `${elapsed}, about ${duration(left)} left`;
}
