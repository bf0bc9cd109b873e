// Every page: where it is, which module draws it, and the permission that it asks for.

const route = (pattern, page, permission, nav, given = {}) => ({
  pattern,
  page,
  permission,
  nav,
  given,
});

/** In the order in which they are tried. */
export const ROUTES = [
  route("/partners", "partners", "ledger.read", "partners"),
  route("/partners/{partner}", "partner", "ledger.read", "partners"),
  route("/cohorts", "cohorts", "ledger.read", "cohorts"),
  route("/cohorts/{partner}/{id}", "cohort", "ledger.read", "cohorts"),
  route("/users", "users", "ledger.people", "users"),
  route("/segments", "segments", "segments.list", "segments"),
  route("/segments/new", "segment-edit", "segments.create", "segments"),
  route("/segments/{id}", "segment", "segments.details", "segments"),
  route("/segments/{id}/edit", "segment-edit", "segments.update", "segments"),
  route("/campaigns", "campaigns", "campaigns.list", "campaigns", { kind: "campaign" }),
  route("/campaigns/new", "campaign-edit", "campaigns.create", "campaigns", { kind: "campaign" }),
  route("/campaigns/{id}", "campaign", "campaigns.details", "campaigns", { kind: "campaign" }),
  route("/campaigns/{id}/edit", "campaign-edit", "campaigns.update", "campaigns", {
    kind: "campaign",
  }),
  route("/canvases", "campaigns", "canvas.list", "canvases", { kind: "canvas" }),
  route("/canvases/new", "campaign-edit", "canvas.create", "canvases", { kind: "canvas" }),
  route("/canvases/{id}", "campaign", "canvas.details", "canvases", { kind: "canvas" }),
  route("/canvases/{id}/edit", "campaign-edit", "canvas.update", "canvases", { kind: "canvas" }),
  route("/audiences/{send}", "audience", "audiences.read", null),
  route("/ledger", "ledger", "ledger.read", "ledger"),
  route("/requests/{position}", "request", "ledger.read", "ledger"),
];

/** The entries of the navigation: `shell.nav.<id>` is what each is called. */
export const NAV = [
  { id: "partners", to: "/partners", permission: "ledger.read" },
  { id: "cohorts", to: "/cohorts", permission: "ledger.read" },
  { id: "users", to: "/users", permission: "ledger.people" },
  { id: "segments", to: "/segments", permission: "segments.list" },
  { id: "campaigns", to: "/campaigns", permission: "campaigns.list" },
  { id: "canvases", to: "/canvases", permission: "canvas.list" },
  { id: "ledger", to: "/ledger", permission: "ledger.read" },
];

/** The route of a path with the ids in it, or null. */
export function findRoute(target) {
  const parts = target.split("/");
  for (const candidate of ROUTES) {
    const wanted = candidate.pattern.split("/");
    if (wanted.length !== parts.length) continue;
    const ids = {};
    const fits = wanted.every((word, index) => {
      if (!word.startsWith("{")) return word === parts[index];
      if (parts[index] === "") return false;
      try {
        ids[word.slice(1, -1)] = decodeURIComponent(parts[index]);
        return true;
      } catch {
        return false;
      }
    });
    if (fits) return { ...candidate, ids };
  }
  return null;
}
