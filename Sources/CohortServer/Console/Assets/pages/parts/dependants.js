// What uses a cohort or a segment now, and archiving either after a look at that.

import { Failure, get, post, preview } from "../../api.js";
import { el, name, replace } from "../../dom.js";
import { t } from "../../i18n.js";
import { show } from "../../router.js";
import { confirm } from "../../widgets/dialog.js";
import { emptyState, errorPanel, loading } from "../../widgets/states.js";

const KINDS = ["segments", "campaigns", "canvases"];

/** A list of what depends on `of`, {cohort} or {segment}, in the words of an area. */
async function dependants(area, of, signal) {
  const { dependants: all } = await get("/ledger/dependants", of, { signal });
  const kinds = KINDS.filter((kind) => all[kind].length > 0);
  if (kinds.length === 0) return emptyState(t(`${area}.noDependants`));
  return el(
    "div",
    { class: "uses" },
    el("p", { class: "quiet" }, t(`${area}.dependantsLead`)),
    kinds.map((kind) =>
      el(
        "div",
        el("h3", t(`shell.nav.${kind}`)),
        el(
          "ul",
          all[kind].map((one) =>
            el(
              "li",
              el(
                "a",
                { href: `#/${kind}/${encodeURIComponent(one.id)}` },
                name(one.name ?? one.id),
              ),
            )
          ),
        ),
      )
    ),
  );
}

/** The same as a view of a page: {element, arrived()}. */
export function dependantsView(area, of, signal) {
  const element = el("div", loading());
  const load = () =>
    dependants(area, of, signal).then(
      (shown) => replace(element, shown),
      (error) => {
        if (!signal.aborted) replace(element, errorPanel(error, { retry: load }));
      },
    );
  load();
  return { element, arrived: load };
}

/** Archives or restores with `target(verb)` and `body`, after showing what depends on it. */
export function archiveButton({ area, of, isArchived, target, body }) {
  const verb = isArchived ? "restore" : "archive";
  const ask = async () => {
    const done = await confirm({
      title: t(`${area}.${verb}Title`),
      action: t(`${area}.${verb}`),
      danger: verb === "archive",
      preview: async () => {
        const [{ status, body: said }, uses] = await Promise.all([
          preview(target(verb), body),
          dependants(area, of),
        ]);
        if (status >= 400) throw new Failure(status, said.message, said);
        return [el("p", t(`${area}.${verb}Text`)), uses];
      },
      run: () => post(target(verb), body),
    });
    if (done) show();
  };
  return el("button", { type: "button", class: "button", onclick: ask }, t(`${area}.${verb}`));
}
