import type { JsonObject } from './json.ts';

export type TargetKind = 'site' | 'custom';
export type TargetSettings =
  | {
      readonly kind: 'site';
      /** `spa`: an unknown page answers with /index.html; `404`: with the release's own 404.html. */
      readonly fallback?: 'spa' | '404' | undefined;
    }
  | {
      readonly kind: 'custom';
      /** Base URL of the signed HTTP contract (docs/targets/custom.md). */
      readonly url: string;
      /** Name of the sensitive variable that holds the signing secret (whsec_...). */
      readonly secret: string;
    };

export interface BuildSettings {
  readonly rootDirectory?: string | undefined;
  readonly installCommand?: string | undefined;
  readonly buildCommand?: string | undefined;
  readonly outputDirectory?: string | undefined;
  readonly nodeVersion?: string | undefined;
  readonly framework?: string | undefined;
}

export interface Repository {
  readonly url: string;
  readonly defaultBranch?: string | undefined;
  /** Name of the sensitive variable with the token or SSH key. */
  readonly credential?: string | undefined;
}

export type Lifecycle = 'registered' | 'validated' | 'deployed' | 'active' | 'archived';

/** `unknown`: no live check has said anything about what is served. */
export const PROJECT_HEALTH = ['healthy', 'unhealthy', 'unknown'] as const;
export type ProjectHealth = (typeof PROJECT_HEALTH)[number];

export interface ProjectSettings {
  /** Where jobs run: in CodeBuild, or on agents that carry the label. Absent: the stack's default. */
  readonly runner?:
    | { readonly kind: 'codebuild' }
    | { readonly kind: 'agent'; readonly label?: string | undefined }
    | undefined;
  readonly submodules?: boolean | undefined;
  /** Deployments that may be created in a minute; rollbacks are not counted. Absent: 10. */
  readonly startsPerMinute?: number | undefined;
}

export interface Project {
  readonly id: string;
  /** A slug, unique in the installation. */
  readonly name: string;
  readonly target: TargetSettings;
  readonly repository?: Repository | undefined;
  readonly build?: BuildSettings | undefined;
  readonly configuration: JsonObject;
  readonly parameters: JsonObject;
  readonly dependsOn: readonly string[];
  /** Variables that every environment must have before anything is deployed to it; absent: none. */
  readonly requiredVariables?: readonly string[] | undefined;
  readonly settings: ProjectSettings;
  readonly lifecycle: Lifecycle;
  readonly online: boolean;
  /** Of what it serves; absent in records of before it was kept. */
  readonly health?: ProjectHealth | undefined;
  /** Version id that the default (or latest settled) environment serves. */
  readonly currentVersion?: string | undefined;
  readonly deployedAt?: string | undefined;
  readonly deployedBy?: string | undefined;
  /** The configuration that what it serves was deployed with; absent in records of before it was kept. */
  readonly deployedConfiguration?: JsonObject | undefined;
  /** Number that the next version gets minus one. */
  readonly versionCount: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly revision: number;
}
