import { MAX_FRAME_BYTES } from '../../shared/contracts/frame-sizes.ts';
import { type ClientFrame, clientFrame } from '../../shared/contracts/realtime.ts';
import { SlipwayError } from '../../shared/errors/base.ts';
import { InternalError, Refused, Unauthenticated, ValidationFailed } from '../../shared/errors/requests.ts';
import { frameText } from '../../shared/platform/frames.ts';
import { postFrames } from '../../shared/platform/posting.ts';
import { getConnection } from '../../shared/store/connections.ts';
import { unsubscribe } from '../../shared/store/subscriptions.ts';
import { parsed } from '../http/issues.ts';
import type { RealtimeDeps } from './deps.ts';
import type { SocketEvent } from './handler.ts';
import { stillHeld } from './held.ts';
import { pong } from './pong.ts';
import { subscribeTo } from './subscribe.ts';

/** Does what a client's frame asks for. Whatever is wrong with it, the client hears by an error frame. */
export async function receive(deps: RealtimeDeps, event: SocketEvent): Promise<void> {
  const { connectionId } = event.requestContext;
  let topic = '';
  try {
    const frame = parseFrame(event);
    if ('topic' in frame) topic = frame.topic;
    await perform(deps, connectionId, frame);
  } catch (error) {
    const { code, message } = known(error);
    if (code === 'INTERNAL') deps.log.error('A frame failed', { error });
    else deps.log.info('A frame was refused', { code });
    const text = frameText('error', topic, { code, message }, deps.store.clock.now());
    await postFrames(deps, undefined, connectionId, [text]);
  }
}

function parseFrame({ body = '', isBase64Encoded }: SocketEvent): ClientFrame {
  if (isBase64Encoded) throw malformed('a frame must be text', 'INVALID_TYPE');
  if (Buffer.byteLength(body) > MAX_FRAME_BYTES) {
    throw new Refused('PAYLOAD_TOO_LARGE', `The frame has more than ${MAX_FRAME_BYTES} bytes.`);
  }
  return parsed(clientFrame, json(body));
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('the frame is not valid JSON', 'INVALID_JSON');
  }
}

const malformed = (message: string, code: string) => new ValidationFailed([{ field: '', message, code }]);

async function perform(deps: RealtimeDeps, connectionId: string, frame: ClientFrame): Promise<void> {
  if (frame.action === 'unsubscribe') {
    await unsubscribe(deps.store, connectionId, frame.topic);
    return;
  }
  const connection = await getConnection(deps.store, connectionId);
  // A socket that hears nothing any more is told so at its next ping, instead of waiting in vain.
  if (connection === undefined) {
    throw new Unauthenticated('This socket is not known any more.', { suggestion: 'Connect again.' });
  }
  if (frame.action === 'ping') {
    await pong(deps, connection);
    return;
  }
  await stillHeld(deps, connection);
  await subscribeTo(deps, connection, frame);
}

function known(error: unknown): SlipwayError {
  return error instanceof SlipwayError
    ? error
    : new InternalError('Slipway failed to do this.', { cause: error });
}
