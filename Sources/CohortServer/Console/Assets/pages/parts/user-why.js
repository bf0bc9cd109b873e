// Asks why a user is in a cohort, a segment or a send, or is not.

import { get } from "../../api.js";
import { el, replace } from "../../dom.js";
import { standing } from "../../format.js";
import { t } from "../../i18n.js";
import { may } from "../../session.js";
import { field } from "../../widgets/form.js";
import { errorPanel, loading, notice } from "../../widgets/states.js";
import { findCohorts, findSegments, picker } from "./segment-pick.js";
import { proofOf, whyTree } from "./user-reasons.js";

const PLACES = ["cohort", "segment", "send"];

/** The place that an address asks about: {partner, cohort_id}, {segment_id}, {send_id} or null. */
export function placeOf(params) {
  if (params.has("send_id")) return { send_id: params.get("send_id") };
  if (params.has("segment_id")) return { segment_id: params.get("segment_id") };
  if (params.has("partner") && params.has("cohort_id")) {
    return { partner: params.get("partner"), cohort_id: params.get("cohort_id") };
  }
  return null;
}

const EMPTY = { partner: null, cohort_id: null, segment_id: null, send_id: null };

/**
 * `who` names the user: parameters of `/ledger/users`. `moment()` says as of when; `names` is what
 * `naming` returns. `onPlace(place)` hears what is asked about, with null for what is not. `places`: what can be asked.
 */
export function whyView(
  { who, place, moment, names, onPlace = () => {}, places = PLACES, signal },
) {
  const answer = el("div", { class: "users-why-answer", "aria-live": "polite" });
  const asked = el("div", { class: "users-why-field" });
  let turn = 0;
  let kind = place === null
    ? "cohort"
    : "send_id" in place
    ? "send"
    : "segment_id" in place
    ? "segment"
    : "cohort";
  const kinds = places.map((one) =>
    el("button", {
      type: "button",
      class: "segment",
      onclick: () => {
        kind = one;
        fields();
      },
    }, t(`users.place.${one}`))
  );

  function fields() {
    kinds.forEach((button, index) =>
      button.setAttribute("aria-pressed", String(places[index] === kind))
    );
    if (kind === "send") {
      const input = el("input", {
        type: "text",
        placeholder: "send:1",
        pattern: "send:[0-9]+",
        required: true,
        autocomplete: "off",
        value: place?.send_id ?? "",
      });
      return replace(
        asked,
        el(
          "form",
          {
            class: "users-send",
            onsubmit: (event) => {
              event.preventDefault();
              ask({ send_id: input.value.trim() });
            },
          },
          field(t("users.sendID"), input),
          el("button", { class: "button primary" }, t("users.ask")),
        ),
      );
    }
    const isCohort = kind === "cohort";
    const pick = picker({
      label: t(isCohort ? "users.pickCohort" : "users.pickSegment"),
      placeholder: t("users.pickHint"),
      keep: true,
      signal,
      value: isCohort ? place?.cohort_id ?? "" : place?.segment_id ?? "",
      find: (
        text,
        asking,
      ) => (isCohort
        ? findCohorts(text, { signal: asking })
        : findSegments(text, { signal: asking })),
      onPick: ({ value }) =>
        ask(isCohort ? { partner: value.partner, cohort_id: value.id } : { segment_id: value }),
    });
    const known = isCohort
      ? place?.cohort_id && names.cohortName(place.partner, place.cohort_id)
      : place?.segment_id && names.segmentName(place.segment_id);
    known?.then?.((text) => {
      if (text && pick.input !== document.activeElement) pick.set(text);
    });
    return replace(asked, pick.element);
  }

  async function ask(what) {
    place = what;
    onPlace({ ...EMPTY, ...place });
    turn += 1;
    const mine = turn;
    if (place === null) return;
    const patience = setTimeout(() => replace(answer, loading()), 150);
    const asOf = "send_id" in place ? null : moment();
    try {
      const said = await get("/ledger/why", { ...who, ...place, as_of: asOf }, { signal });
      if (mine === turn) replace(answer, shown(said, asOf));
    } catch (error) {
      if (mine === turn && !signal.aborted) replace(answer, errorPanel(error));
    } finally {
      clearTimeout(patience);
    }
  }

  function shown(said, asOf) {
    const verdict = t(said.holds ? `users.verdict.${kind}.in` : `users.verdict.${kind}.out`);
    const when = "send_id" in place ? said.as_of.position : asOf;
    return el(
      "section",
      { class: "card" },
      el(
        "div",
        { class: ["users-verdict", said.holds ? "in" : "out"] },
        el("strong", verdict),
        standing(said.as_of),
      ),
      said.user === null ? notice("info", t("users.ofNobody")) : null,
      whyTree(
        said.tree,
        names,
        said.user?.user,
        said.user === null || !may("ledger.people")
          ? () => null
          : proofOf({ user: said.user.user }, when),
      ),
    );
  }

  fields();
  if (place !== null) ask(place);
  return {
    element: el(
      "div",
      { class: "users-view" },
      places === PLACES ? el("p", { class: "quiet" }, t("users.whyLead")) : null,
      el(
        "div",
        { class: "users-why-form" },
        el("span", { class: "segmented", role: "group", "aria-label": t("users.whyIn") }, kinds),
        asked,
      ),
      answer,
    ),
    moved: () => {
      if (place !== null && !("send_id" in place)) ask(place);
    },
    /** Asks about a place from elsewhere on the page. */
    ask(what) {
      kind = "segment_id" in what ? "segment" : "send_id" in what ? "send" : "cohort";
      place = what;
      fields();
      return ask(what);
    },
  };
}
