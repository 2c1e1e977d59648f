// The steps of a sequence, with the current one marked.
import { $, button, el } from "./dom.js";
import { word } from "./words.js";

const MAX_SHOWN = 50;

// Those that a test of a lost connection needs; the others are set by the field for faults, or by curl.
const FAULTS = ["reset", "empty-reply", "truncated", "body-never-ends"];

const textOf = (step) =>
  typeof step === "string" ? step : Object.entries(step).sort().map(([name, value]) => `${name}=${value}`).join(", ");

// The choices for the next step: scenarios by name, examples and faults of the connection as objects.
export function fillStepChoices({ scenarios, examples, faults }) {
  const chosen = $("step").value;
  const group = (label, options) => options.length > 0 && el("optgroup", { label }, ...options);
  const object = (step) => new Option(textOf(step), JSON.stringify(step));
  const groups = [
    group(word("scenario"), scenarios.map(({ name }) => new Option(name))),
    group(word("example"), examples.map(({ name }) => object({ example: name }))),
    group(word("fault"), faults.filter(({ name }) => FAULTS.includes(name)).map(({ name }) => object({ fault: name }))),
  ];
  $("step").replaceChildren(...groups.filter(Boolean));
  if (chosen) $("step").value = chosen;
}

export const chosenStep = () => ($("step").value.startsWith("{") ? JSON.parse($("step").value) : $("step").value);

export function renderSteps(steps, left, change) {
  const current = steps.length - (left ?? steps.length);
  const first = Math.max(0, Math.min(current - 2, steps.length - MAX_SHOWN));
  const rows = steps.slice(first, first + MAX_SHOWN).map((step, at) => {
    const number = first + at;
    const state = number < current ? "done" : number === current ? "current" : "next";
    const without = () => change(steps.filter((_, other) => other !== number));
    return el(
      "li", { class: state, "aria-current": number === current && "step" },
      el("span", { class: "muted" }, `${number + 1}.`),
      el(
        "span", {}, el("span", { class: "step" }, textOf(step)),
        state !== "next" && el("span", { class: "badge" }, word(`step_${state}`)),
      ),
      button("×", without, { class: "quiet", "aria-label": word("remove_step", { number: number + 1 }) }),
    );
  });
  const hidden = steps.length - rows.length;
  // The focus stays at its place in the list.
  const focused = [...$("steps").children].indexOf(document.activeElement.closest("#steps > li"));
  $("steps").replaceChildren(...rows);
  if (focused >= 0) (rows[Math.min(focused, rows.length - 1)]?.querySelector("button") ?? $("add-step")).focus();
  $("more-steps").textContent = hidden ? word("more_steps", { count: hidden }) : "";
  $("no-steps").hidden = steps.length > 0;
}
