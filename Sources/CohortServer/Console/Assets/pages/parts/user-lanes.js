// From the history of a user to lanes: who bore which identifier from when to when. Pure.

/** The events that are about identity; the others are about cohorts. */
export const isIdentity = (entry) => entry.type !== "entered" && entry.type !== "left";

const numberOf = (user) => (typeof user === "object" ? user.user : user);

/**
 * Folds identity events, oldest first, into {people, lanes, joins}:
 * - people: [{user, from, to, end}], `end` null, "merged", "deleted" or "erased";
 * - lanes: [{identifier, owner, spans: [{user, role, from, to}]}], `owner` the first bearer,
 *   `role` "primary", "deprecated" or "merged", `to` null while it lasts;
 * - joins: [{at, from, into}].
 * A moment is {position, time}.
 */
export function lanesOf(events) {
  const people = new Map(), lanes = new Map(), joins = [];
  const open = (identifier, user, role, at) => {
    const key = JSON.stringify(identifier);
    if (!lanes.has(key)) lanes.set(key, { identifier, owner: user, spans: [] });
    shut(identifier, at);
    lanes.get(key).spans.push({ user, role, from: at, to: null });
  };
  const shut = (identifier, at) => {
    const last = lanes.get(JSON.stringify(identifier))?.spans.at(-1);
    if (last && last.to === null) last.to = at;
  };
  const person = (user, at) => {
    if (!people.has(user)) people.set(user, { user, from: at, to: null, end: null });
    return people.get(user);
  };
  const leave = (user, at, end) =>
    Object.assign(person(user, at), { to: person(user, at).to ?? at, end });

  for (const event of events) {
    const at = { position: event.position, time: event.time };
    const user = numberOf(event.user);
    if (event.type === "userCreated") {
      person(user, at);
      for (const one of event.identifiers) open(one, user, "primary", at);
    } else if (event.type === "identifierAdded" || event.type === "userIdentified") {
      person(user, at);
      open(event.identifier, user, "primary", at);
    } else if (event.type === "identifierRemoved") {
      shut(event.identifier, at);
    } else if (event.type === "externalIdRenamed") {
      open(event.deprecated, user, "deprecated", at);
      open(event.identifier, user, "primary", at);
    } else if (event.type === "usersMerged") {
      const into = numberOf(event.into);
      person(into, at);
      joins.push({ at, from: user, into });
      for (const one of event.identifiers_moved) open(one, into, "primary", at);
      for (const one of event.external_ids_merged) open(one, into, "merged", at);
      for (const one of event.aliases_dropped) shut(one, at);
      leave(user, at, "merged");
    } else if (event.type === "userDeleted" || event.type === "userErased") {
      for (const lane of lanes.values()) {
        if (lane.spans.at(-1)?.user === user) shut(lane.identifier, at);
      }
      leave(user, at, event.type === "userErased" ? "erased" : "deleted");
    }
  }
  return { people: [...people.values()], lanes: [...lanes.values()], joins };
}

/**
 * Where moments stand between 0 and 1: evenly by time, or one step for each event. `now` is the end.
 * Returns {x(moment), isOrdered}.
 */
export function scaleOf(moments, now, milliseconds, isOrdered) {
  const times = moments.map((one) => milliseconds(one.time));
  const [first, last] = [Math.min(...times), Math.max(milliseconds(now.time), ...times)];
  if (!isOrdered) {
    return {
      x: (
        one,
      ) => (last === first
        ? 0
        : Math.min(1, Math.max(0, (milliseconds(one.time) - first) / (last - first)))),
    };
  }
  const positions = [...new Set(moments.map((one) => one.position))].sort((a, b) => a - b);
  const steps = positions.length;
  return {
    x(one) {
      const index = positions.findIndex((position) => position > one.position);
      if (index === 0) return 0;
      if (index === -1) {
        return one.position >= now.position || one.isNow
          ? 1
          : (one.position > positions.at(-1) ? steps - 0.5 : steps - 1) / steps;
      }
      return (positions[index - 1] === one.position ? index - 1 : index - 0.5) / steps;
    },
  };
}

/** Whether events stand so close together in time that a picture by time would show nothing. */
export function areCrowded(moments, now, milliseconds) {
  const times = [...new Set(moments.map((one) => milliseconds(one.time)))].sort((a, b) => a - b);
  const span = milliseconds(now.time) - times[0];
  return times.slice(1).some((time, index) => time - times[index] < span / 40);
}
