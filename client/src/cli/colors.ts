import picocolors from 'picocolors';

const { NO_COLOR, FORCE_COLOR, TERM } = process.env;

/** Colours show to whoever looks, not in pipes and files: https://no-color.org and its opposite decide before that. */
export const COLORS_SHOW =
  !NO_COLOR && (Boolean(FORCE_COLOR) || (process.stdout.isTTY === true && TERM !== 'dumb'));

export const pc = picocolors.createColors(COLORS_SHOW);
