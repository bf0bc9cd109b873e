// Tabs: one stop of the tab key, arrows move between them.

import { el, freshID, replace } from "../dom.js";

/**
 * Makes tabs of [{id, label, build}]; `build()` makes the panel's content when it is first shown.
 * `onChange(id)` hears of a choice. Returns {element, show(id)}.
 */
export function tabs(label, items, { selected = items[0].id, onChange = () => {} } = {}) {
  const made = new Map();
  const panel = el("div", {
    class: "tab-panel",
    role: "tabpanel",
    id: freshID("panel"),
    tabindex: "0",
  });
  const buttons = items.map((item, index) =>
    el("button", {
      type: "button",
      class: "tab",
      role: "tab",
      id: freshID("tab"),
      "aria-controls": panel.id,
      onclick: () => choose(item.id),
      onkeydown: (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        const target = event.key === "Home"
          ? 0
          : event.key === "End"
          ? items.length - 1
          : step
          ? (index + step + items.length) % items.length
          : null;
        if (target === null) return;
        event.preventDefault();
        choose(items[target].id);
        buttons[target].focus();
      },
    }, item.label)
  );

  function show(id) {
    const index = Math.max(0, items.findIndex((item) => item.id === id));
    buttons.forEach((button, place) => {
      button.setAttribute("aria-selected", String(place === index));
      button.tabIndex = place === index ? 0 : -1;
    });
    const item = items[index];
    if (!made.has(item.id)) made.set(item.id, item.build());
    panel.setAttribute("aria-labelledby", buttons[index].id);
    replace(panel, made.get(item.id));
  }

  function choose(id) {
    show(id);
    onChange(id);
  }

  show(selected);
  return {
    element: el(
      "div",
      { class: "tabs" },
      el("div", { class: "tab-list", role: "tablist", "aria-label": label }, buttons),
      panel,
    ),
    show,
  };
}
