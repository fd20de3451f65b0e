import type { Given, Story } from '../lifecycle/cloud/story.ts';

/**
 * A story whose every call is made to go wrong. To add one: a file in scenarios/ that exports it, a line in
 * scenarios/index.ts. `live`: a deployment succeeds before the story begins. `setUp` runs before faults can happen,
 * `play` while they do; both speak in the words of `Story`. `expect` says what has to be so where nothing went
 * wrong, so that a scenario that tests nothing is noticed.
 */
export interface Scenario {
  readonly name: string;
  readonly given?: Given;
  readonly live?: boolean;
  readonly setUp?: (story: Story) => void | Promise<void>;
  readonly play: (story: Story) => Promise<void>;
  /** What is wrong with the outcome of a run without faults; undefined where nothing is. */
  readonly expect: (story: Story) => string | undefined;
}

/** The statuses of the story's deployments in the order of their creation, without those of the set-up. */
export const statuses = (story: Story): string =>
  story
    .deployments()
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ status }) => status)
    .join(' ');

/** Wants exactly these statuses, and this deployment (by its place, from 0) to be served. */
export const ends = (wanted: string, live?: number) => (story: Story) => {
  if (statuses(story) !== wanted) return `the deployments ended ${statuses(story)}, not ${wanted}`;
  const ids = story
    .deployments()
    .map(({ id }) => id)
    .sort();
  const expected = live === undefined ? undefined : ids[live];
  return story.served === expected ? undefined : `served is ${story.served}, not ${expected}`;
};
