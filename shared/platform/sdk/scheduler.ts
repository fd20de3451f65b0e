// Named, so that the rest is left out: of a package that is itself imported at first use a bundle keeps everything.
export {
  ConflictException,
  CreateScheduleCommand,
  DeleteScheduleCommand,
  ResourceNotFoundException,
  SchedulerClient,
} from '@aws-sdk/client-scheduler';
