/**
 * Raised when a step payload changes shape; handlers accept this and the previous one.
 * By itself, so that whoever only sends payloads does not load their schemas.
 */
export const STEP_CONTRACT = 1;
