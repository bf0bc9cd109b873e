// Who is signed in and what they may do.

import { get, post, remove } from "./api.js";

let session = null;

/** `{key, label, permissions: Set, takesWrites}`, or null. */
export const currentSession = () => session;

/** Whether the session has a permission; `null` asks for none. */
export const may = (permission) => !permission || Boolean(session?.permissions.has(permission));

/** Whether it may do something that writes: a replica and a damaged log take no writes. */
export const mayWrite = (permission) => may(permission) && session.takesWrites;

function adopt(answer) {
  session = {
    key: answer.key,
    label: answer.label,
    permissions: new Set(answer.permissions),
    takesWrites: answer.takes_writes,
  };
  return session;
}

/** Asks the server who is signed in; null if nobody is. */
export async function loadSession() {
  try {
    return adopt(await get("/session"));
  } catch (error) {
    if (error.status !== 401) throw error;
    session = null;
    return null;
  }
}

/** Signs in with `{code}` of a link or `{key}`, a REST key. */
export async function signIn(proof) {
  await post("/session", proof);
  return loadSession();
}

/** Signs out. */
export async function signOut() {
  await remove("/session");
  session = null;
}

/** Forgets a session that the server has ended. */
export function forgetSession() {
  session = null;
}

/** The code of a sign-in link; it leaves the address and the history at once. */
export function takeCode() {
  const found = /^#sign-in=([\w-]+)$/.exec(location.hash);
  if (!found) return null;
  history.replaceState(null, "", "/");
  return found[1];
}
