// Why somebody is in or out, as a chain that can be read: filter, cohort, event, request, key.

import { query } from "../../api.js";
import { el } from "../../dom.js";
import { time } from "../../format.js";
import { rich, t } from "../../i18n.js";
import { requestLink } from "../../widgets/events.js";
import { icon } from "../../widgets/icons.js";
import { identifier, userLink } from "../../widgets/identifier.js";
import { groupWords, leafWords } from "./segment-words.js";

const MENTIONS = 20;

/** The tree of an answer to why. `prove(partner, id)` gives the address of a proof, or null. */
export function whyTree(tree, names, user, prove) {
  const branch = (part, words, ...below) =>
    el(
      "div",
      { class: "users-why-part" },
      el("div", { class: "users-why-line" }, sign(part.holds), words),
      el("div", { class: "users-why-body" }, below),
    );
  const list = (parts) => el("ul", parts.map((one) => el("li", node(one))));
  const node = (part) => {
    if (part.kind === "leaf") {
      return branch(
        part,
        el("p", leafWords(part.filter, names)),
        part.reasons.map((reason) =>
          reasonBlock(reason, names, user, prove, part.reasons.length > 1)
        ),
      );
    }
    if (part.kind === "segment") {
      return branch(
        part,
        el("p", rich("segments.leaf.segment", { segment: names.segment(part.segment_id) })),
        part.parts.length === 0
          ? el("p", { class: "quiet" }, t("users.why.again"))
          : list(part.parts),
      );
    }
    // "None of these" is a not around an or: one word for the two.
    const inner = part.kind === "not" && part.parts[0]?.kind === "or"
      ? part.parts[0].parts
      : part.parts;
    return branch(
      part,
      el("p", { class: "segment-tree-word" }, groupWords(part.kind)),
      list(inner),
    );
  };
  return el("div", { class: "users-why-tree" }, node(tree));
}

const sign = (holds) =>
  el(
    "span",
    { class: ["users-why-sign", holds ? "holds" : "fails"] },
    icon(holds ? "check" : "close"),
    el("span", { class: "visually-hidden" }, t(holds ? "users.why.holds" : "users.why.fails")),
  );

function reasonBlock(reason, names, user, prove, isOneOfMany) {
  const address = reason.finding === "cohort_did_not_exist"
    ? null
    : prove(reason.partner, reason.cohort_id);
  const steps = [
    ...(reason.origins ?? []).map((event) => ["sent", event]),
    ...(reason.merges ?? []).map((event) => ["merged", event]),
    ...(reason.by ?? []).map((event) => [reason.finding, event]),
  ];
  return el(
    "div",
    { class: "users-reason" },
    el(
      "p",
      isOneOfMany ? [names.cohort(reason.partner, reason.cohort_id), ": "] : null,
      reason.finding === "merged_into"
        ? rich("users.finding.merged_into", { user: userNumber(reason.merged_into) })
        : t(`users.finding.${reason.finding}`),
    ),
    steps.length === 0
      ? null
      : el("ol", { class: "users-chain" }, steps.map(([kind, event]) => step(kind, event, user))),
    reason.mentions.length === 0 ? null : el(
      "ol",
      { class: "users-chain mentions" },
      reason.mentions.slice(0, MENTIONS).map((mention) => mentionStep(mention)),
      reason.mentions.length > MENTIONS
        ? el(
          "li",
          { class: "quiet" },
          t("shell.andMore", { n: reason.mentions.length - MENTIONS }),
        )
        : null,
    ),
    address === null ? null : el(
      "p",
      el("a", { href: address, download: "proof.json", class: "users-prove" }, t("users.prove")),
    ),
  );
}

const userNumber = (number) => el("a", { href: userLink(number) }, `user:${number}`);

const step = (kind, event, user) =>
  el(
    "li",
    el(
      "span",
      event.user === undefined || event.user === user
        ? t(`users.step.${kind}`)
        : rich(`users.stepAs.${kind}`, { user: userNumber(event.user) }),
    ),
    standing(event),
  );

const mentionStep = (mention) =>
  el(
    "li",
    el(
      "span",
      rich(mention.should_remove ? "users.mention.remove" : "users.mention.add", {
        identifier: identifier(mention.identifier),
      }),
      " ",
      el("em", t(`shell.reason.${mention.outcome}`)),
    ),
    standing(mention),
  );

const standing = (event) =>
  el(
    "span",
    { class: "users-step-where" },
    time(event.time),
    requestLink(event.request),
    el("span", { class: "quiet" }, t("users.byKey", { key: event.key })),
  );

/** The address of a proof of what the log says of a user and a cohort. */
export const proofOf = (who, asOf) => (partner, id) =>
  `/ledger/prove${query({ ...who, partner, cohort_id: id, as_of: asOf })}`;
