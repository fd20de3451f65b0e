interface Patch {
  readonly file: string;
  /** Stands in the file exactly once; a bug that cannot be planted any more is an error. */
  readonly find: string;
  readonly put: string;
}

/** A bug, planted in the source of a file as it is loaded. */
export interface Mutant {
  readonly name: string;
  readonly patches: readonly Patch[];
  /** Text in the names of the runs that should notice it: those are played first. */
  readonly likely?: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'no-fence-check',
    likely: 'cancel-as-it-activates: slow once at targets.activate',
    patches: [
      {
        file: 'shared/store/intents.ts',
        find: 'const reason = barredFromChanging(deployment, fence);',
        put: 'const reason = undefined;',
      },
      // What has ended is closed to intents by itself; the bug is in both.
      {
        file: 'shared/store/deployment-changes.ts',
        find: 'if (late.length > 0) {',
        put: 'if (late.length > 99) {',
      },
    ],
  },
  {
    name: 'check-then-insert-for-the-slot',
    likely: 'two-of-a-version',
    patches: [
      {
        file: 'shared/store/slot.ts',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the source itself is meant.
        find: '`attribute_not_exists(#owner) AND (attribute_not_exists(pk) OR (${unmoved}))`',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the source itself is meant.
        put: '`attribute_not_exists(#owner) OR attribute_exists(pk) OR (${unmoved})`',
      },
    ],
  },
  {
    name: 'unknown-taken-as-failure',
    likely: 'late once at targets.activate',
    patches: [
      { file: 'functions/targets/intents.ts', find: 'if (isKnown(error)) {', put: 'if (error !== null) {' },
    ],
  },
  {
    name: 'unknown-taken-as-success',
    likely: 'late once at targets.activate',
    patches: [
      {
        file: 'functions/targets/intents.ts',
        find: 'if (seen === undefined) throw error;',
        put: '',
      },
    ],
  },
  {
    name: 'no-sweep',
    likely: 'deploy: death',
    patches: [
      {
        file: 'functions/sweep/handle.ts',
        find: '  const before = now - SWEEP_GRACE_MS;',
        put: '  if (now > 0) return;\n  const before = now - SWEEP_GRACE_MS;',
      },
    ],
  },
  {
    name: 'settle-without-draining',
    likely: 'late once at targets.activate',
    patches: [
      {
        file: 'shared/domain/settlement.ts',
        find: 'if (onTheWire.length > 0) {',
        put: 'if (onTheWire.length > 99) {',
      },
    ],
  },
  {
    name: 'settle-keeps-the-slot',
    patches: [
      {
        file: 'shared/store/settlement.ts',
        find: 'const { owner: _owner, since: _since, reason: _reason, ...rest } = slot;',
        put: 'const { ...rest } = slot;',
      },
    ],
  },
  {
    name: 'cancel-ignored',
    likely: 'cancel',
    patches: [
      {
        file: 'shared/store/cancel.ts',
        find: 'return leftAlone ? undefined : asked(current, wish, ctx.clock.now());',
        put: 'return undefined;',
      },
    ],
  },
  {
    name: 'answer-not-resent',
    likely: 'states.SendTask',
    patches: [
      {
        file: 'functions/sweep/answers.ts',
        find: '  const deployment = await getDeployment(store, deploymentId);',
        put: '  if (round >= 0) return;\n  const deployment = await getDeployment(store, deploymentId);',
      },
    ],
  },
  {
    name: 'release-without-owner-check',
    likely: 'queue',
    patches: [
      {
        file: 'shared/store/settlement.ts',
        find: 'if (place === undefined) return owner === deployment.id;',
        put: 'if (place === undefined) return true;',
      },
    ],
  },
  {
    name: 'unconditional-terminal-write',
    likely: 'cancel-as-it-settles: slow once at steps.settle > dynamodb.Transact',
    patches: [
      {
        file: 'shared/store/settlement.ts',
        find: 'update: deploymentUpdate(before, after),',
        put: "update: { ...deploymentUpdate(before, after), expression: '#revision = :expectedRevision OR attribute_exists(pk)' },",
      },
    ],
  },
  {
    name: 'gate-ignores-wake',
    likely: 'queue',
    patches: [
      {
        file: 'functions/steps/handle.ts',
        find: 'return lookAtGate(deps, call.deploymentId);',
        put: 'return;',
      },
    ],
  },
  {
    name: 'hand-over-does-not-read-the-line',
    likely: 'join-as-it-ends: slow once at steps.settle > dynamodb.Transact',
    patches: [
      {
        file: 'shared/store/slot.ts',
        find: "'#fence = :fence AND #line = :line'",
        put: "'#fence = :fence AND (#line = :line OR #line <> :line)'",
      },
    ],
  },
  {
    name: 'no-intent-before-the-call',
    likely: 'late once at targets.activate',
    patches: [
      {
        file: 'shared/store/intents.ts',
        find: 'calls: { ...current.calls, [attempt]: until },\n      activating',
        put: 'calls: current.calls,\n      activating',
      },
    ],
  },
  {
    name: 'a-token-shared-by-two-steps',
    likely: 'canary',
    patches: [
      {
        file: 'functions/targets/activate.ts',
        find: 'const round = deployment.activation?.round ?? 0;',
        put: 'const round = 0;',
      },
      {
        file: 'functions/targets/bake.ts',
        find: "answerStage(deps.store, deps.machine, id, 'activate', round, given)",
        put: "answerStage(deps.store, deps.machine, id, 'activate', 0, given)",
      },
    ],
  },
  {
    name: 'a-bake-takes-no-time',
    likely: 'canary:',
    patches: [
      {
        file: 'functions/targets/steps.ts',
        find: 'Math.min(MAX_DELAY_SECONDS, Math.max(0, seconds)),',
        put: 'Math.min(MAX_DELAY_SECONDS, Math.max(0, seconds - seconds)),',
      },
      {
        file: 'functions/targets/bake.ts',
        find: 'if (Date.parse(rollout.until) > deps.store.clock.now())',
        put: 'if (Date.parse(rollout.until) > deps.store.clock.now() + 3_600_000)',
      },
    ],
  },
  {
    name: 'a-share-is-left',
    likely: 'canary-fails',
    patches: [
      {
        file: 'shared/domain/settlement.ts',
        find: 'shares.some(({ deploymentId }) => deploymentId === id);',
        put: 'shares.some(({ deploymentId, percent }) => deploymentId === id && percent > 100);',
      },
    ],
  },
  {
    name: 'a-slot-that-drains-is-freed',
    likely: 'never-ends',
    patches: [
      {
        file: 'shared/domain/settlement.ts',
        find: "releaseState: record.releaseState, active: 'same', draining: true },",
        put: "releaseState: record.releaseState, active: 'same', draining: false },",
      },
    ],
  },
];
