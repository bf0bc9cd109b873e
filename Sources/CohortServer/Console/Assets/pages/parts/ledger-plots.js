// How busy the server is, as plots over the time that the page is open.

import { Failure, query, sessionEnded } from "../../api.js";
import { el, replace } from "../../dom.js";
import { bytes, number } from "../../format.js";
import { locale, t } from "../../i18n.js";
import { plot } from "../../widgets/plot.js";
import { errorPanel, facts, section } from "../../widgets/states.js";
import { parseMetrics, quantile, rate, reading, ring } from "./ledger-metrics.js";

const EVERY = 3000, KEPT = 400;

const perSecond = (value) =>
  t("ledger.perSecond", {
    rate: new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 }).format(value),
  });
const milliseconds = (value) =>
  new Intl.NumberFormat(locale(), { style: "unit", unit: "millisecond", maximumFractionDigits: 2 })
    .format(value);

/** The plots; they ask for themselves until `signal` is aborted. `onReading(reading)` hears too. */
export function plotsView({ signal, onReading = () => {} }) {
  const kept = ring(KEPT);
  const now = el("div");
  const trouble = el("div", { role: "status" });
  const plots = [
    [
      t("ledger.positionsRate"),
      perSecond,
      () => [[t("ledger.positionsRate"), (a, b) => rate(a, b, "positions")]],
    ],
    [
      t("ledger.importsRate"),
      perSecond,
      () => [[t("ledger.accepted"), (a, b) => rate(a, b, "imports")], [
        t("ledger.refused"),
        (a, b) => rate(a, b, "refused"),
      ]],
    ],
    [
      t("ledger.answerTime"),
      milliseconds,
      () => [[t("ledger.median"), (a, b) => quantile(a, b, 0.5)], [
        t("ledger.slowest"),
        (a, b) => quantile(a, b, 0.99),
      ]],
    ],
    [
      t("ledger.syncsRate"),
      perSecond,
      () => [[t("ledger.syncsRate"), (a, b) => rate(a, b, "syncs")]],
    ],
  ].map(([label, write, series]) => {
    const drawing = plot({
      label,
      kind: "line",
      height: 150,
      whole: false,
      zero: true,
      write,
      signal,
    });
    return {
      element: el(
        "section",
        { class: "card", "aria-label": label },
        el("h3", label),
        drawing.element,
      ),
      draw: () =>
        drawing.draw(
          series().map(([name, derive]) => ({ label: name, points: kept.points(derive) })),
        ),
    };
  });

  function draw() {
    const last = kept.last();
    for (const one of plots) one.draw();
    replace(
      now,
      facts([
        last.connections === null ? null : [t("ledger.connections"), number(last.connections)],
        last.queue === null ? null : [t("ledger.waiting"), number(last.queue)],
        last.memory === null ? null : [t("ledger.memory"), bytes(last.memory)],
        last.uptime === null ? null : [t("ledger.uptime"), span(last.uptime)],
      ]),
    );
  }

  async function run() {
    while (!signal.aborted) {
      if (!document.hidden) {
        try {
          const read = reading(parseMetrics(await metrics(signal)), Date.now());
          if (signal.aborted) return;
          kept.add(read);
          replace(trouble);
          draw();
          onReading(read);
        } catch (error) {
          if (signal.aborted) return;
          replace(
            trouble,
            errorPanel(
              error instanceof SyntaxError ? new Failure(0, t("ledger.unreadableMetrics")) : error,
            ),
          );
        }
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY));
    }
  }
  run();
  return section(
    t("ledger.metrics"),
    { lead: t("ledger.metricsLead", { seconds: EVERY / 1000, minutes: (EVERY * KEPT) / 60000 }) },
    trouble,
    el("div", { class: "card ledger-now" }, now),
    el("div", { class: "ledger-plots" }, plots.map((one) => one.element)),
  );
}

async function metrics(signal) {
  let answer;
  try {
    answer = await fetch(`/metrics${query()}`, {
      signal,
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Failure(0, t("shell.unreachable"));
  }
  if (answer.status === 401) sessionEnded();
  if (!answer.ok) {
    throw new Failure(answer.status, t("shell.status", { status: String(answer.status) }));
  }
  return answer.text();
}

/** A number of seconds in its two largest units. */
function span(seconds) {
  const parts = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const first = Math.max(0, parts.findIndex(([, size]) => seconds >= size));
  const write = (value, unit) =>
    new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "short" }).format(value);
  let rest = seconds;
  return parts.slice(seconds < 1 ? 3 : first, first + 2).map(([unit, size]) => {
    const value = Math.floor(rest / size);
    rest -= value * size;
    return write(value, unit);
  }).join(" ");
}
