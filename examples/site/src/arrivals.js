import { clock } from './clock.js';

const arrivals = [
  ['Marguerite', 'Vlissingen', 3],
  ['Kestrel', 'Esbjerg', 1],
  ['Anna Lovisa', 'Visby', 7],
];

const cell = (text) => Object.assign(document.createElement('td'), { textContent: text });

document.querySelector('#now').textContent = clock(new Date());
document.querySelector('#arrivals').replaceChildren(
  ...arrivals.map((ship) => {
    const row = document.createElement('tr');
    row.replaceChildren(...ship.map(cell));
    return row;
  }),
);
