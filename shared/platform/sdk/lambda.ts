// Named, so that the rest is left out: of a package that is itself imported at first use a bundle keeps everything.
export { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
