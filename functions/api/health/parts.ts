/** Something the service cannot work without. */
export interface Part {
  readonly name: string;
  /** Rejects where the part does not answer as it should; obeys the signal. */
  readonly check: (signal: AbortSignal) => Promise<void>;
}
