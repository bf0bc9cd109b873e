// Why somebody is in the audience of a launch, or is not: the filter with the truth of every part.

import { get } from "../../api.js";
import { el, name, replace } from "../../dom.js";
import { time } from "../../format.js";
import { t } from "../../i18n.js";
import { link } from "../../router.js";
import { cohortLink, requestLink } from "../../widgets/events.js";
import { dialog } from "../../widgets/dialog.js";
import { identifier, userName } from "../../widgets/identifier.js";
import { badge, errorPanel, loading, notice } from "../../widgets/states.js";
import { filterView, namesOf, whyAddress } from "./audience-filter.js";

const EVENTS = 20;

/** Opens the reasons of a user: {user}, {external_id}, {alias_label, alias_name} or {device_id}. */
export function showWhy(send, user) {
  const leave = new AbortController();
  return dialog(t("audiences.whyIn", { send }), () => {
    const body = el("div", { class: "dialog-body" }, loading());
    get(whyAddress(send, user), {}, { signal: leave.signal }).then(
      (answer) => replace(body, whyView(answer, namesOf(leave.signal))),
      (error) => {
        if (!leave.signal.aborted) replace(body, errorPanel(error), bearers(error.body?.bearers));
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

/** The answer to a why, for one user. */
export function whyView(answer, names) {
  return [
    el(
      "p",
      { class: "audience-why-user" },
      answer.user ? userName(answer.user, answer.as_of.position) : null,
    ),
    notice(
      answer.holds ? "good" : "info",
      t(answer.holds ? "audiences.wasReached" : "audiences.wasNotReached"),
    ),
    el(
      "ul",
      { class: "audience-why" },
      answer.tree.kind === "and"
        ? answer.tree.parts.map((one) => part(one, names))
        : part(answer.tree, names),
    ),
  ];
}

function part(node, names) {
  const truth = badge(
    node.holds ? "good" : "warning",
    t(node.holds ? "audiences.holds" : "audiences.holdsNot"),
  );
  const inner = node.parts?.length
    ? el("ul", { class: "audience-why" }, node.parts.map((one) => part(one, names)))
    : null;
  return el(
    "li",
    { class: ["audience-why-part", node.holds ? "holds" : "fails"] },
    el("div", { class: "audience-why-head" }, truth, words(node, names)),
    (node.reasons ?? []).map(reason),
    inner,
  );
}

function words(node, names) {
  if (node.kind === "segment") {
    return el(
      "span",
      t("audiences.filter.segment"),
      " ",
      el("a", { href: link`/segments/${node.segment_id}` }, name(node.name)),
    );
  }
  if (node.kind === "leaf") return filterView(node.filter, names);
  return el("span", t(`audiences.filter.${node.kind}`));
}

function reason(one) {
  return el(
    "div",
    { class: "audience-reason" },
    el(
      "p",
      cohortLink(one.partner, one.cohort_id),
      ": ",
      t(`audiences.finding.${one.finding}`),
      one.merged_into ? [" ", el("code", `user:${one.merged_into}`)] : null,
    ),
    events(one.origins, "audiences.came"),
    events(one.merges, "audiences.mergedBy"),
    events(one.by, "audiences.by"),
    one.mentions?.length
      ? el(
        "ul",
        one.mentions.slice(0, EVENTS).map((mention) =>
          el(
            "li",
            identifier(mention.identifier),
            " · ",
            t(`shell.reason.${mention.outcome}`),
            " · ",
            event(mention),
          )
        ),
      )
      : null,
  );
}

function events(all, key) {
  if (!all?.length) return null;
  const rest = all.length - EVENTS;
  return el(
    "ul",
    all.slice(0, EVENTS).map((one) => el("li", t(key), " ", event(one))),
    rest > 0 ? el("li", { class: "quiet" }, t("shell.andMore", { n: rest })) : null,
  );
}

const event = (
  one,
) => [
  requestLink(one.request),
  " · ",
  time(one.time),
  " · ",
  el("code", one.key),
  one.user === undefined || one.user === null ? null : [" · ", el("code", `user:${one.user}`)],
];
