// Elements from code. Texts become text nodes, never markup: whatever a name holds is shown as is.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Makes an HTML element.
 * Props: `class`, `on…` functions, `style` as an object (CSSOM), `dataset`, DOM properties such as
 * `value` and `disabled`, and attributes. `null`, `undefined` and `false` leave a prop out.
 */
export function el(tag, props, ...children) {
  return made(document.createElement(tag), props, children);
}

/** The same for an element of SVG. */
export function svg(tag, props, ...children) {
  return made(document.createElementNS(SVG, tag), props, children);
}

const PROPERTIES = new Set([
  "value",
  "checked",
  "disabled",
  "selected",
  "readOnly",
  "required",
  "indeterminate",
  "open",
]);

function made(element, props, children) {
  if (
    props === null || typeof props !== "object" || props instanceof Node || Array.isArray(props)
  ) {
    children.unshift(props);
    props = {};
  }
  // A range takes its value only once it has its bounds.
  const { value, ...others } = props;
  for (const [name, given] of Object.entries(others)) set(element, name, given);
  append(element, ...children);
  if (value !== undefined && value !== null) set(element, "value", value);
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) {
    if (typeof value !== "function") throw new TypeError(`${name} is not a function.`);
    element.addEventListener(name.slice(2), value);
  } else if (name === "class") {
    element.setAttribute("class", Array.isArray(value) ? value.filter(Boolean).join(" ") : value);
  } else if (name === "style") {
    for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
  } else if (name === "dataset") {
    Object.assign(element.dataset, value);
  } else if (name === "href" && !/^[#/]/.test(value)) {
    throw new TypeError("A link leads inside the console only.");
  } else if (PROPERTIES.has(name) && name in element) {
    element[name] = value;
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Appends nodes, texts, numbers and arrays of them; `null` and `false` are nothing. */
export function append(element, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** Puts new children in the place of the old ones. */
export function replace(element, ...children) {
  element.replaceChildren();
  return append(element, ...children);
}

let lastID = 0;

/** An id that no other element has. */
export function freshID(stem = "id") {
  lastID += 1;
  return `${stem}-${lastID}`;
}

/** A text in which something is to be seen: of a blank one, its first characters by number. */
export function visible(text) {
  if (/[^\s\p{C}\p{Z}]/u.test(text)) return text;
  const codes = [...text].map((one) =>
    `U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`
  );
  return codes.length > 4 ? `${codes.slice(0, 4).join(" ")} …` : codes.join(" ");
}

/** The beginning of a text, by whole characters. */
export function cut(text, most) {
  const all = [...text];
  return all.length > most ? `${all.slice(0, most).join("")}…` : text;
}

/** A name that somebody typed: kept apart from the writing direction around it, and cut by CSS. */
export function name(text, props = {}) {
  const shown = visible(text);
  const classes = ["name", shown !== text && "quiet", props.class];
  return el("bdi", { dir: "auto", ...props, class: classes, title: text }, shown);
}

/** Calls a function a little after the last of many calls. */
export function debounced(wait, run) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...values), wait);
  };
}
