// Numbers and times as a reader says them.

const whole = new Intl.NumberFormat();
const rough = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 2 });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const order = new Intl.PluralRules("en", { type: "ordinal" });
const SUFFIX = { one: "st", two: "nd", few: "rd", other: "th" };

export const percent = (value) => `${Math.round(value * 100)}\u00a0%`;
export const count = (value) => whole.format(value);
export const counted = (value, one, many) => `${count(value)} ${value === 1 ? one : many}`;
export const rate = (value) => (value < 100 ? rough.format(value) : count(Math.round(value)));
export const place = (value) => `${value}${SUFFIX[order.select(value)]}`;

// Seconds since 1970 or an ISO text.
export const when = (value) => moment.format(typeof value === "number" ? value * 1000 : new Date(value));

export function duration(seconds) {
  const all = Math.max(0, Math.round(seconds));
  if (all < 60) {
    return `${all} s`;
  }
  if (all < 3600) {
    return `${Math.floor(all / 60)} min ${all % 60} s`;
  }
  return `${Math.floor(all / 3600)} h ${Math.floor((all % 3600) / 60)} min`;
}
