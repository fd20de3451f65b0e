import type { Story } from '../lifecycle/cloud/story.ts';

// What several scenarios begin with.

/** Builds that are soon done, and well. */
export const quick = (story: Story): void => {
  story.agent.plan = () => ({ ms: 3000, exitCode: 0 });
};

/** The first new release that is live answers with a fault; those behind it are well. */
export const firstFailsLive = (story: Story): void => {
  const good = story.served;
  let bad: string | undefined;
  story.cloud.platform.pageStatus = (id) => {
    if (id === good || story.served !== id) return 200;
    bad ??= id;
    return id === bad ? 500 : 200;
  };
};
