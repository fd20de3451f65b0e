import type * as z from 'zod/mini';
import type { VersionRow, VersionView, versionRequest } from '../../../shared/contracts/versions.ts';
import { SlipwayFailure } from '../failure.ts';
import { failure, type Result } from '../result.ts';
import { type CreatedVersion, createdView, versionRow, versionView as view } from '../shapes/versions.ts';
import type { CallOptions } from '../transport.ts';
import { type ListOf, type ListOptions, pageOf, Resource, segment } from './resource.ts';

export type { CreatedVersion } from '../shapes/versions.ts';
export type NewVersion = z.input<typeof versionRequest>;

const page = pageOf<VersionRow>(versionRow);

/** Longest upload of an artifact; 500 MB at 2 Mbit/s take half an hour. */
const UPLOAD_MS = 30 * 60_000;

export class Versions extends Resource {
  create(projectId: string, body: NewVersion, options: CallOptions = {}): Promise<Result<CreatedVersion>> {
    return this.call({
      method: 'POST',
      path: `/projects/${segment(projectId)}/versions`,
      body,
      answer: createdView,
      ...options,
    });
  }

  list(projectId: string, { signal, ...query }: ListOptions = {}): Promise<Result<ListOf<VersionRow>>> {
    return this.call({
      method: 'GET',
      path: `/projects/${segment(projectId)}/versions`,
      query,
      answer: page,
      signal,
    });
  }

  get(projectId: string, versionId: string, options: CallOptions = {}): Promise<Result<VersionView>> {
    const path = `/projects/${segment(projectId)}/versions/${segment(versionId)}`;
    return this.call({ method: 'GET', path, answer: view, ...options });
  }

  complete(projectId: string, versionId: string, options: CallOptions = {}): Promise<Result<VersionView>> {
    const path = `/projects/${segment(projectId)}/versions/${segment(versionId)}/complete`;
    return this.call({ method: 'POST', path, body: {}, answer: view, ...options });
  }

  /** Creates a version from a zip, uploads it and has it checked. */
  async upload(
    projectId: string,
    zip: Uint8Array<ArrayBuffer>,
    options: CallOptions = {},
  ): Promise<Result<VersionView>> {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', zip));
    const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    const made = await this.create(
      projectId,
      { source: { type: 'upload', sha256, size: zip.byteLength } },
      options,
    );
    if (!made.ok) return made;
    const { upload } = made.value;
    if (upload === undefined)
      return failure(new SlipwayFailure('unexpected', 'The service gave no address to upload to.'));
    try {
      const limit = AbortSignal.timeout(UPLOAD_MS);
      const signal = options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]);
      const put = await (this.transport.fetch ?? fetch)(upload.url, {
        method: 'PUT',
        headers: upload.headers,
        body: zip,
        signal,
      });
      if (!put.ok) {
        return failure(
          new SlipwayFailure(
            'unexpected',
            `The artifact store refused the upload (${put.status}). Try again.`,
          ),
        );
      }
    } catch (cause) {
      return failure(
        new SlipwayFailure('unreachable', 'The upload of the artifact broke off. Try again.', { cause }),
      );
    }
    return this.complete(projectId, made.value.id, options);
  }
}
