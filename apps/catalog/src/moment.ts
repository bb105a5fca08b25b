/** Is there such a time? `text` begins with `2026-11-20`, a sign and `18:30:00`; Postgres refuses the 30th of February. */
export function isMoment(text: string): boolean {
  const moment = `${text.slice(0, 10)}T${text.slice(11, 19)}`
  const date = new Date(`${moment}Z`)
  return moment > '0001' && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(moment)
}
