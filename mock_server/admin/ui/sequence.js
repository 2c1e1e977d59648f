// The steps of a sequence, with the current one marked.
import { $, button, el } from "./dom.js";
import { word } from "./words.js";

const MAX_SHOWN = 50;

const textOf = (step) =>
  typeof step === "string" ? step : Object.entries(step).sort().map(([name, value]) => `${name}=${value}`).join(", ");

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
