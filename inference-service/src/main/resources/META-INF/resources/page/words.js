// Numbers and times for people.

/** A ratio; what is not certain is never called so. */
export function percent(ratio, digits = 1) {
  const rounded = (100 * ratio).toFixed(digits);
  return `${Number(rounded) === 100 && ratio < 1 ? `> ${(100 - 10 ** -digits).toFixed(digits)}` : rounded} %`;
}

/** Seconds, as coarse as they are long. */
export function duration(seconds) {
  if (seconds < 90) {
    return `${Math.round(seconds)} s`;
  }
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** A count with its thousands apart. */
export function count(number) {
  return Math.round(number).toLocaleString("en");
}

/** A moment of today by its time, one of before with its date. */
export function moment(text) {
  const when = new Date(text);
  return when.toDateString() === new Date().toDateString() ? when.toLocaleTimeString() : when.toLocaleString();
}

/** Bytes, as coarse as they are many. */
export function bytes(number) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (number >= 1024 && unit < units.length - 1) {
    number /= 1024;
    unit++;
  }
  return `${unit === 0 || number >= 100 ? Math.round(number) : number.toFixed(1)} ${units[unit]}`;
}
