/** Moments of a run as people read them. */

/** A second of the run as `m:ss`, or `h:mm:ss` from an hour on; without seconds where steps are whole minutes. */
export function clockTime(second: number, step = 1): string {
  const hours = Math.floor(second / 3600);
  const minutes = Math.floor(second / 60) % 60;
  const rest = Math.floor(second % 60);
  if (hours === 0) return `${minutes}:${pad(rest)}`;
  return step % 60 === 0 && rest === 0 ? `${hours} h ${pad(minutes)}` : `${hours}:${pad(minutes)}:${pad(rest)}`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
