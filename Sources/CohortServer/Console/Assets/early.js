// Runs before the first paint: the theme and the language that were chosen, so that nothing flashes.
"use strict";
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    const language = localStorage.getItem("language");
    if (language) root.lang = language === "pt-br" ? "pt-BR" : language;
  } catch {
    // Storage may be forbidden. The system's theme and the browser's language hold then.
  }
})();
