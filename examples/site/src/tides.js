import { clock } from './clock.js';

const hour = 3_600_000;
/** Between two high waters. */
const period = 12.42 * hour;
const height = (at) => (2.1 + 1.4 * Math.cos((2 * Math.PI * at) / period)).toFixed(1);

const from = Math.ceil(Date.now() / hour) * hour;
document.querySelector('#tides').replaceChildren(
  ...Array.from({ length: 24 }, (_, index) => {
    const at = from + index * hour;
    return Object.assign(document.createElement('li'), { textContent: `${clock(at)}: ${height(at)} m` });
  }),
);
