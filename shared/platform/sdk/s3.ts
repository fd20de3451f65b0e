// Named, so that the rest is left out: of a package that is itself imported at first use a bundle keeps everything.
export { S3Client } from '@aws-sdk/client-s3';
