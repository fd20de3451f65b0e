const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/** Hours and minutes as the visitor writes them. */
export const clock = (date) => time.format(date);
