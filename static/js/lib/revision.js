/** What a message of the live channel means for a screen that is at some revision already. */

/** @typedef {{epoch: string, revision: number, supports: number, state: string, view: string}} Known */

/** "apply" the cards, "ignore" what we have, or "refetch" because something was missed. @returns {"apply"|"ignore"|"refetch"} */
export function onChanged(known, message) {
  if (message.epoch !== known.epoch) return "refetch";
  if (message.revision <= known.revision) return "ignore";
  if (message.previous !== known.revision || isOtherState(known, message)) return "refetch";
  return "apply";
}

/** Does a pulse tell of something this screen has not got? An older pulse that was overtaken does not. */
export function onPulse(known, pulse) {
  if (pulse.epoch !== known.epoch || isOtherState(known, pulse)) return "refetch";
  return pulse.revision > known.revision || pulse.supports > known.supports ? "refetch" : "ignore";
}

/** Is this fetched region older than the screen itself, because changes arrived while it was under way? */
export function isOlder(fetched, known) {
  return fetched.epoch === known.epoch && fetched.revision < known.revision;
}

function isOtherState(known, message) {
  return message.meeting !== undefined && message.meeting.state !== known.state;
}
