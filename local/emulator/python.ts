import { StartFailure } from '../failure.ts';
import { outputOf } from '../supervise/output.ts';

/** Newest first where versions stand beside each other; `python3` before all, since it is what people chose. */
const CANDIDATES = [
  'python3',
  'python3.14',
  'python3.13',
  'python3.12',
  'python3.11',
  'python3.10',
  'python',
];

const OLDEST = [3, 10] as const;

/** What an interpreter answers about itself: version, and whether it can make a virtual environment. */
const QUESTION = `import sys
try:
  import venv, ensurepip
  able = 1
except ImportError:
  able = 0
print(sys.version_info[0], sys.version_info[1], able, sys.executable)`;

interface Found {
  readonly program: string;
  readonly version: string;
  readonly recent: boolean;
  readonly makesVenvs: boolean;
}

/** The path of a Python that can run the emulator, or one sentence about what to install. */
export async function findPython(): Promise<string> {
  const found: Found[] = [];
  for (const name of CANDIDATES) {
    const answer = await ask(name);
    if (answer === undefined) continue;
    if (answer.recent && answer.makesVenvs) return answer.program;
    found.push(answer);
  }
  throw new StartFailure(missing(found));
}

async function ask(name: string): Promise<Found | undefined> {
  const { code, stdout } = await outputOf(name, ['-c', QUESTION], { timeoutMs: 10_000 });
  if (code !== 0) return undefined;
  const [major, minor, able, ...path] = stdout.trim().split(' ');
  const version = [Number(major), Number(minor)] as const;
  return {
    program: path.join(' '),
    version: version.join('.'),
    recent: version[0] > OLDEST[0] || (version[0] === OLDEST[0] && version[1] >= OLDEST[1]),
    makesVenvs: able === '1',
  };
}

function missing(found: readonly Found[]): string {
  const withoutVenv = found.find((python) => python.recent);
  if (withoutVenv !== undefined) {
    return `Python ${withoutVenv.version} is there but its venv module is not; install it (on Debian and Ubuntu: python3-venv).`;
  }
  const tooOld = found[0];
  const wanted = `Python ${OLDEST.join('.')} or newer with venv is needed to run the local emulator`;
  return tooOld === undefined
    ? `${wanted}, and no python3 was found; install it and run npm start again.`
    : `${wanted}, and only ${tooOld.version} was found; install a newer one and run npm start again.`;
}
