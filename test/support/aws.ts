import { inject } from 'vitest';
import { LOCAL_AWS } from '../../local/emulator/settings.ts';

/** What an AWS client needs to reach the emulator of this test run: `new S3Client(emulatorClient())`. */
export function emulatorClient() {
  return {
    endpoint: inject('emulatorEndpoint'),
    region: LOCAL_AWS.region,
    credentials: { accessKeyId: LOCAL_AWS.accessKeyId, secretAccessKey: LOCAL_AWS.secretAccessKey },
    maxAttempts: 2,
  };
}
