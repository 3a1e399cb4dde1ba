// Numbers and times in words.

const space = '\u00a0';

// count groups the digits of a whole number: 86 400.
export function count(n) {
  if (n === null || n === undefined) return '–';
  return String(Math.round(n)).replace(/\B(?=(\d{3})+(?!\d))/g, space);
}

// number has about three digits.
export function number(v) {
  if (v === null || v === undefined || !Number.isFinite(v)) return '–';
  const size = Math.abs(v);
  if (size >= 100 || Number.isInteger(v)) return count(v);
  return String(Number(v.toPrecision(3)));
}

// withUnit is a value as a chart or a target gives it.
export function withUnit(v, unit) {
  if (v === null || v === undefined) return '–';
  return unit === 'count' || unit === 'ratio' || !unit ? number(v) : number(v) + space + unit;
}

// span is a length of time in seconds: 45 s, 12 min, 3 h 20 min.
export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return whole + space + 's';
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours) return `${hours}${space}h` + (minutes ? ` ${minutes}${space}min` : '');
  return `${minutes}${space}min` + (rest ? ` ${rest}${space}s` : '');
}

const two = (n) => String(n).padStart(2, '0');

// moment is a time in UTC: 2026-11-22 20:15:00.
export function moment(time) {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

// clock is a second of the day in UTC.
export const clock = (unix) => new Date(unix * 1000).toISOString().slice(11, 19);

// sinceStart is a distance from the start of the load: 40 s, 5:20, 2:05:00.
export function sinceStart(seconds) {
  const sign = seconds < 0 ? '−' : '';
  const whole = Math.abs(Math.round(seconds));
  if (whole < 60) return `${sign}${whole}${space}s`;
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return sign + (hours ? `${hours}:${two(minutes)}` : minutes) + `:${two(rest)}`;
}

// isSet reports whether a time of a record was ever set.
export const isSet = (time) => Boolean(time) && !String(time).startsWith('0001-');

export const unix = (time) => Date.parse(time) / 1000;
