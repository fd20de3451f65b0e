import { type IPolicyValidationContext, type PolicyValidationPluginReport, Validations } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks, rules } from 'cdk-nag';
import type { Construct, IConstruct } from 'constructs';

/** Acknowledges cdk-nag findings on a construct and what is under it; the reason is part of the review. */
export function explain(construct: IConstruct, reason: string, ...findings: readonly string[]): void {
  Validations.of(construct).acknowledge(
    ...findings.map((id) => ({ id: `AwsSolutions::AwsSolutions-${id}`, reason })),
  );
}

/** Every wildcard that a policy of ours may hold, with the reason; any other is a finding. */
const WILDCARDS: readonly { readonly finding: RegExp; readonly reason: string }[] = [
  {
    finding: /^Resource::\*$/,
    reason:
      'X-Ray segments, vended log delivery and CloudFront distributions of the future take no resource.',
  },
  { finding: /\/index\/\*$/, reason: 'The indexes of the one named table.' },
  {
    finding: /\/@connections\/\*>?$/,
    reason: 'Open sockets of the one named API; their ids are made at run time.',
  },
  {
    finding: /:execution:[^:*]+:\*$/,
    reason: 'Executions of the one named machine; each is named by its deployment.',
  },
  {
    finding: /\/(?:artifacts|uploads|logs|secrets|releases|assets|manifests)\/\*$/,
    reason: 'Objects below one prefix of one bucket.',
  },
  {
    finding: /:schedule\/[^/*]+\/\*$/,
    reason: 'Moments of the one named group; each is named by its schedule.',
  },
  { finding: /:log-group:\/aws\/codebuild\/[^*]*:\*$/, reason: 'Log streams of one build project.' },
  {
    finding: /^Resource::<[^>*]*>:\*$/,
    reason: 'The versions of one function: the machine calls its alias.',
  },
];

/** cdk-nag's AwsSolutions pack, with the explained wildcards acknowledged one by one. */
export class ExplainedChecks extends AwsSolutionsChecks {
  readonly #root: Construct;

  constructor(root: Construct) {
    super(root, { verbose: true });
    this.#root = root;
  }

  /** Runs when references between stacks are resolved, since findings are named by what they resolve to. */
  override validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    for (const construct of this.#root.node.findAll()) explainWildcards(construct);
    return super.validate(context);
  }
}

function explainWildcards(construct: IConstruct): void {
  if (!(construct instanceof CfnPolicy)) return;
  const findings = rules.iam.IAMNoWildcardPermissions(construct);
  if (!Array.isArray(findings)) return;
  for (const finding of findings) {
    const known = WILDCARDS.find((entry) => entry.finding.test(finding));
    if (known !== undefined) explain(construct, known.reason, `IAM5[${finding}]`);
  }
}
