// Why somebody is in the audience of a launch, or is not: the filter with the truth of every part.

import { get } from "../../api.js";
import { el, replace } from "../../dom.js";
import { t } from "../../i18n.js";
import { dialog } from "../../widgets/dialog.js";
import { userName } from "../../widgets/identifier.js";
import { errorPanel, loading, notice } from "../../widgets/states.js";
import { namesOf } from "./audience-names.js";
import { proofOf, whyTree } from "./user-reasons.js";

/** Opens the reasons of a user: {user}, {external_id}, {alias_label, alias_name} or {device_id}. */
export function showWhy(send, user) {
  const leave = new AbortController();
  const { signal } = leave;
  return dialog(t("audiences.whyIn", { send }), () => {
    const body = el("div", { class: "dialog-body" }, loading());
    get("/ledger/why", { ...user, send_id: send }, { signal }).then(
      (answer) => replace(body, reasons(answer, namesOf(signal))),
      (error) => {
        if (!signal.aborted) replace(body, errorPanel(error), bearers(error.body?.bearers));
      },
    );
    return body;
  }, { wide: true }).finally(() => leave.abort());
}

/** Who bore an identifier at other times. */
function bearers(all) {
  if (!all?.length) return null;
  return el(
    "p",
    { class: "quiet" },
    t("audiences.otherBearers"),
    " ",
    all.slice(0, 10).map((one) => [el("code", `user:${one.user ?? one}`), " "]),
  );
}

const reasons = ({ user, holds, tree, as_of: asOf }, names) => [
  user && el("p", { class: "audience-why-user" }, userName(user, asOf.position)),
  notice(
    holds ? "good" : "info",
    t(holds ? "audiences.wasReached" : "audiences.wasNotReached"),
  ),
  whyTree(
    tree,
    names,
    user?.user,
    user ? proofOf({ user: user.user }, asOf.position) : () => null,
  ),
];
