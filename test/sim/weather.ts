import { type FaultKind, Faults } from '../lifecycle/cloud/faults.ts';
import type { Story } from '../lifecycle/cloud/story.ts';
import type { Chance } from './chance.ts';

/** A service that does not work for a while: the text that its calls' names hold. */
const OUTAGES = [
  'dynamodb.',
  'dynamodb.UpdateItem(DEP)',
  'dynamodb.TransactWriteItems',
  'states.',
  'lambda.',
  'target.',
  'target.serving',
  'target.serving',
  'targets.serving >',
  'target.activate',
  'events.',
  's3.',
  'http.',
  'relay >',
  'sweep >',
  'steps.settle >',
  'steps.reap >',
  'targets.activate >',
] as const;
const OUTAGE_KINDS: readonly FaultKind[] = [
  'error-before',
  'error-after',
  'timeout-after',
  'throttle',
  'duplicate',
];

/** What goes wrong by itself during a simulation: single calls, outages, slow calls, lost and repeated deliveries. */
export function weatherOf(story: Story, chance: Chance): Faults {
  const { cloud } = story;
  const faults = new Faults();
  // A quiet day now and then: what goes wrong only among people must show as well.
  const rate = chance.oneOf([0, 0.002, 0.01, 0.03]) ?? 0;
  const outages: {
    readonly of: string;
    readonly kind: FaultKind;
    readonly from: number;
    readonly to: number;
  }[] = [];
  for (let n = chance.between(0, rate === 0 ? 0 : 3); n > 0; n -= 1) {
    const from = cloud.timeline.now + chance.between(0, 1200) * 1000;
    const [of, kind] = [chance.oneOf(OUTAGES), chance.oneOf(OUTAGE_KINDS)];
    if (of !== undefined && kind !== undefined)
      // Now and then longer than any settlement waits.
      outages.push({
        of,
        kind,
        from,
        to: from + (chance.happens(0.2) ? 1000 : chance.between(5, 240)) * 1000,
      });
  }
  faults.decide = (name, kinds) => {
    const { now } = cloud.timeline;
    const outage = outages.find((one) => name.includes(one.of) && one.from <= now && now < one.to);
    if (outage !== undefined && kinds.includes(outage.kind)) return outage.kind;
    return chance.happens(rate) ? chance.oneOf(kinds) : undefined;
  };
  const slow = chance.oneOf([0, 0.01, 0.05]) ?? 0;
  cloud.seam.latency = () => (chance.happens(slow) ? chance.between(100, 4000) : chance.between(1, 40));
  cloud.stream.again = () => chance.happens(0.05);
  cloud.stream.works = !chance.happens(0.1);
  cloud.ruleWorks = !chance.happens(0.2);
  story.agent.hears = !chance.happens(0.2);
  return faults;
}

/** From now on everything works. */
export function clearUp(story: Story, faults: Faults, chance: Chance): void {
  const { cloud } = story;
  faults.lift();
  cloud.stream.works = true;
  cloud.stream.again = () => false;
  cloud.ruleWorks = true;
  story.agent.hears = true;
  cloud.platform.letGo(chance.happens(0.5) ? 'done' : 'given up');
  cloud.seam.latency = () => 2;
}
