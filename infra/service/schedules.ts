import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';

/** Where moments are planned: a group of EventBridge Scheduler, and the role as which it calls `due`. */
export class Planning extends Construct {
  readonly group: string;
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, installation: string) {
    super(scope, id);
    this.group = `${installation}-moments`;
    new CfnScheduleGroup(this, 'Group', { name: this.group });
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      description: 'As which EventBridge Scheduler calls the function for what was planned.',
    });
  }

  /** Every moment of the group; each is named by its schedule. */
  get momentsArn(): string {
    return Stack.of(this).formatArn({
      service: 'scheduler',
      resource: 'schedule',
      resourceName: `${this.group}/*`,
    });
  }
}
