import { mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Definition } from './states/definition.ts';

/** What the harness takes from the stack as CDK emits it. */
export interface Stack {
  /** Definitions by machine ARN. */
  readonly machines: Readonly<Record<string, Definition>>;
  /** Environment variables of all functions together. */
  readonly environment: Readonly<Record<string, string>>;
  /** How long each function may run, in seconds. */
  readonly timeouts: Readonly<Record<string, number>>;
  /** Memory of each function (MB). */
  readonly memory: Readonly<Record<string, number>>;
}

/** What is used of the synthesised stack. */
interface Synthesis {
  synthesised(): {
    readonly service: {
      findResources(type: string): Readonly<Record<string, { readonly Properties: Properties }>>;
    };
  };
}
interface Properties {
  readonly StateMachineName?: unknown;
  readonly DefinitionString?: unknown;
  readonly Timeout?: unknown;
  readonly MemorySize?: unknown;
  readonly Environment?: { readonly Variables?: Readonly<Record<string, unknown>> };
}

// Not by an import: infra has compiler settings of its own, and would be held against these. What a template holds
// is looked at value by value.
const { synthesised } = createRequire(import.meta.url)('../../infra/synth.ts') as Synthesis;

/** The functions whose names stand in the environment or in a definition, by their logical ids. */
const FUNCTION = /^([A-Z][a-z]+)(?:Function|Live)/;
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::AccountId': '000000000000',
};

/** The Service stack's machines, environments and timeouts, with every reference put in. Takes some seconds. */
export function emittedStack(): Stack {
  const { service } = synthesised();
  const machines: Record<string, Definition> = {};
  for (const { Properties } of Object.values(service.findResources('AWS::StepFunctions::StateMachine'))) {
    const name = text(Properties.StateMachineName);
    machines[machineArn(name)] = JSON.parse(text(Properties.DefinitionString)) as Definition;
  }
  const environment: Record<string, string> = {};
  const timeouts: Record<string, number> = {};
  const memory: Record<string, number> = {};
  for (const [id, { Properties }] of Object.entries(service.findResources('AWS::Lambda::Function'))) {
    const name = FUNCTION.exec(id)?.[1]?.toLowerCase();
    if (name === undefined) continue;
    timeouts[name] = Number(Properties.Timeout);
    memory[name] = Number(Properties.MemorySize);
    for (const [key, value] of Object.entries(Properties.Environment?.Variables ?? {}))
      environment[key] = text(value);
  }
  return { machines, environment, timeouts, memory };
}

/** The same in a file, for other processes. */
export function keptStack(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'slipway-stack-')), 'stack.json');
  writeFileSync(path, JSON.stringify(emittedStack()));
  return path;
}

const machineArn = (name: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;

/** A value of a template as a string, its references put in. */
function text(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const {
    Ref,
    'Fn::Join': join,
    'Fn::GetAtt': attribute,
  } = value as {
    Ref?: string;
    'Fn::Join'?: [string, unknown[]];
    'Fn::GetAtt'?: [string, string];
  };
  if (Ref !== undefined) return PSEUDO[Ref] ?? FUNCTION.exec(Ref)?.[1]?.toLowerCase() ?? Ref;
  if (join !== undefined) return join[1].map(text).join(join[0]);
  if (attribute !== undefined) return FUNCTION.exec(attribute[0])?.[1]?.toLowerCase() ?? attribute.join('.');
  return 'elsewhere';
}
