/** Plays worlds for main.ts, one after the other, in a process of its own. */
import { type Ask, type Played, play } from './play.ts';

async function answer(ask: Ask): Promise<Played> {
  try {
    return await play(ask);
  } catch (error) {
    const broken = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const nothing = { lines: 0, lost: 0, repeated: 0, reordered: 0, leaked: 0 };
    const counted = { reconnects: 0, pushes: 0, pushesLost: 0, deaths: 0, ways: [] };
    return { seed: ask.seed, ...nothing, ...counted, wrong: [broken] };
  }
}

process.on('message', (ask: Ask) => {
  void answer(ask).then((said) => process.send?.(said));
});
process.send?.('ready');
