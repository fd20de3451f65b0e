import { expect, inject, it } from 'vitest';

it('every part that the service needs answers it', async () => {
  const answer = await fetch(`${inject('stack').url}/v1/health`);
  expect({ status: answer.status, body: await answer.json() }).toMatchObject({
    status: 200,
    body: { status: 'ok', parts: expect.arrayContaining([expect.objectContaining({ name: 'events' })]) },
  });
});
