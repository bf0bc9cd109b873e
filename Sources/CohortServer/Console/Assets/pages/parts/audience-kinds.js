// Campaigns and Canvases differ in their words and addresses only.

import { Failure, preview } from "../../api.js";
import { may, mayWrite } from "../../session.js";
import { t } from "../../i18n.js";

const KINDS = {
  campaign: {
    page: "/campaigns",
    api: "/campaigns",
    area: "campaigns",
    list: "campaigns",
    events: "campaign",
  },
  canvas: { page: "/canvases", api: "/canvas", area: "canvas", list: "canvases", events: "canvas" },
};

/** What a kind is called and where it is found: `kindOf("campaign")`. */
export function kindOf(kind) {
  const found = KINDS[kind];
  return {
    ...found,
    kind,
    idKey: `${kind}_id`,
    types: ["Saved", "Archived", "Restored"].map((what) => found.events + what),
    href: (id) => `#${found.page}/${encodeURIComponent(id)}`,
    say: (key, values) => t(`audiences.of.${kind}.${key}`, values),
    may: (verb) => may(`${found.area}.${verb}`),
    mayWrite: (verb) => mayWrite(`${found.area}.${verb}`),
  };
}

/** The kind and the id that something names: {campaign_id} or {canvas_id}. */
export const bearer = (one) =>
  one.campaign_id !== undefined
    ? [kindOf("campaign"), one.campaign_id]
    : [kindOf("canvas"), one.canvas_id];

/** What a write would answer; throws the server's own words if it would refuse. */
export async function rehearse(target, body) {
  const answer = await preview(target, body);
  if (answer.status >= 400) throw new Failure(answer.status, answer.body.message, answer.body);
  return answer.body;
}

/** The filter that an audience stands for: all of its segments, and what it asks beside them. */
export const audienceFilter = ({ segments, filter }) => ({
  and: [...segments.map((segment) => ({ segment })), ...(filter ? [filter] : [])],
});
