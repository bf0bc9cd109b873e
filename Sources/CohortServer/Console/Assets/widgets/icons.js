// A few line drawings of 20 × 20, drawn in the colour of the text.

import { svg } from "../dom.js";

const PATHS = {
  partners: "M7 3v5M13 3v5M5 8h10v3a5 5 0 0 1-10 0zM10 16v2",
  cohorts:
    "M7.5 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 17a5.5 5.5 0 0 1 11 0M13 3.3a3 3 0 0 1 0 5.4M15 12a5.5 5.5 0 0 1 3 5",
  users: "M10 10a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3.5 17.5a6.5 6.5 0 0 1 13 0",
  segments: "M10 2.5v7.5l6.5 3.7M10 2.5a7.5 7.5 0 1 0 7.5 7.5A7.5 7.5 0 0 0 10 2.5z",
  campaigns: "M3 8v4h3l7 4V4L6 8zM16 8a3 3 0 0 1 0 4M6.5 12l1 5",
  canvases: "M3 4h5v4H3zM12 12h5v4h-5zM8 6h4a2.5 2.5 0 0 1 2.5 2.5V12",
  ledger: "M4 3h10a2 2 0 0 1 2 2v12H6a2 2 0 0 1-2-2zM4 15a2 2 0 0 1 2-2h10M8 7h4",
  copy: "M7 7V3.5h9.5v9.5H13M3.5 7H13v9.5H3.5z",
  check: "M4 10.5l4 4 8-9",
  info: "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM10 9v5M10 6v.5",
  warning: "M10 3l8 14H2zM10 8v4M10 14v.5",
  empty: "M3 7l7-4 7 4v7l-7 4-7-4zM3 7l7 4 7-4M10 11v7",
  menu: "M3 5h14M3 10h14M3 15h14",
  close: "M5 5l10 10M15 5L5 15",
  sun:
    "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.300 4.300l1 1M14.700 14.700l1 1M15.700 4.300l-1 1M5.300 14.700l-1 1",
  moon: "M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5z",
  clock: "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM10 6v4l3 2",
  search: "M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM13 13l4 4",
  left: "M12 5l-5 5 5 5",
  right: "M8 5l5 5-5 5",
  plus: "M10 4v12M4 10h12",
  out: "M8 3H4v14h4M8 10h9M14 7l3 3-3 3",
};

/** A drawing by name; it says nothing to a screen reader, so words must stand beside it. */
export const icon = (name) =>
  svg(
    "svg",
    { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: PATHS[name] }),
  );
