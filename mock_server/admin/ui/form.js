// The form of the active behaviour. The mock has the state: the form shows it, and sends what the reader changes.
import { coalesced } from "./api.js";
import { combobox } from "./combobox.js";
import { curlOf, edited, isValid, linkOf, parsedDelay, presetOf, readBehaviour, setBehaviour } from "./behaviour.js";
import { $, copy } from "./dom.js";
import { chosenStep, fillStepChoices, renderSteps } from "./sequence.js";
import { localized, word } from "./words.js";

const OF_A_RESPONSE = ["fault", "delay", "times"];

export function behaviourForm(offered, { report, announce, onClient }) {
  const fallback = offered.scenarios[0].name;
  // Not read yet: the form shows no behaviour rather than a wrong one.
  let behaviour = null;
  let left = null;
  let client = "";
  let latest = 0;
  // The faults of the operation that is chosen, which a large contract does not list.
  let ofOperation = [];
  let operation = "";
  // The values last shown: a field that differs is being edited.
  const shown = {};

  const guard = (work) => (...values) => Promise.resolve(work(...values)).catch((error) => { report(error); render(); });
  const reload = () => takeLatest(readBehaviour(client));
  const reloadSoon = coalesced(guard(reload));
  // One after another: a change reads the behaviour first, so that it keeps what was set meanwhile.
  let queue = Promise.resolve();
  const change = (changes) => (queue = queue.then(guard(async () => {
    const current = await readBehaviour(client);
    await takeLatest(setBehaviour(edited(current.behaviour, current.left, changes, fallback), client));
    report(null);
  })));

  const example = combobox($("example"), (each) => ({ value: each.name, note: localized(each, "summary"), detail: String(each.status) }), (value) => change({ example: value }));
  const fault = combobox($("fault"), (each) => ({ value: each.name, note: localized(each, "text"), detail: each.breaks, group: sectionOf(each) }), (value) => change({ fault: value }));

  // The faults of an operation have its id in place of a section; a clause that is not documented has none.
  const sectionOf = ({ section }) => (typeof section === "string" ? section : section ? localized(section, "en") : "");

  function fillOptions() {
    const options = offered.scenarios.map((each) => new Option(`${each.name}: ${localized(each, "summary")}`, each.name));
    $("scenario").replaceChildren(new Option("–", ""), ...options);
    fillStepChoices(offered);
    example.setItems(offered.examples);
    fillFaults();
    render();
  }

  function fillFaults() {
    $("fault-scope").hidden = !ofOperation.length || offered.operations.length < 2;
    $("fault-scope").textContent = word("fault_scope", { operation });
    const names = new Set(ofOperation.map((each) => each.name));
    fault.setItems([...ofOperation, ...offered.faults.filter((each) => !names.has(each.name))]);
  }

  // A response that an event or another response has overtaken is old.
  async function takeLatest(response) {
    const mine = ++latest;
    const found = await response;
    if (mine === latest) take(found);
  }

  function take(found) {
    latest++;
    behaviour = found.behaviour;
    left = found.left;
    render();
  }

  function show(field, value) {
    const isEdited = document.activeElement === field && field.value !== shown[field.id];
    shown[field.id] = String(value);
    if (!isEdited) field.value = value;
  }

  function render() {
    if (!behaviour) return;
    const isSequence = Boolean(behaviour.sequence);
    const hasOther = isSequence || behaviour.code !== undefined || behaviour.example !== undefined;
    show($("scenario"), behaviour.scenario ?? (hasOther ? "" : fallback));
    show($("code"), behaviour.code ?? "");
    show($("delay"), behaviour.delay ?? "");
    show($("times"), isSequence ? "" : (left ?? behaviour.times ?? ""));
    show($("client"), client);
    example.show(behaviour.example ?? "");
    fault.show(behaviour.fault ?? "");
    for (const name of OF_A_RESPONSE) $(name).disabled = isSequence;
    renderSteps(behaviour.sequence ?? [], left, (sequence) => change(sequence.length ? { sequence } : { scenario: fallback }));
    $("of-sequence").hidden = !isSequence;
    $("active").textContent = summary();
    $("active").className = Object.keys(behaviour).length ? "set" : "";
    $("curl").textContent = curlOf(current(), client);
  }

  const current = () => (behaviour?.times === undefined || left === null ? (behaviour ?? {}) : { ...behaviour, times: left });

  function summary() {
    if (!Object.keys(behaviour).length) return word("default_behaviour");
    const rest = left === null ? "" : word("left", { left });
    const steps = behaviour.sequence;
    return word("active", { what: steps ? word("sequence_of", { count: steps.length }) : JSON.stringify(behaviour) }) + rest;
  }

  async function setClient(name) {
    client = name.trim().slice(0, 100);
    onClient(client);
    await reload();
  }

  // A preset applies once: the hash keeps the client alone, so that reloading the page changes nothing.
  async function applyPreset() {
    const preset = presetOf(location.hash);
    if (!preset) return;
    await setClient(preset.client);
    keepClient();
    if (Object.keys(preset.behaviour).length) await takeLatest(setBehaviour(preset.behaviour, client));
  }

  function keepClient() {
    const hash = client ? `#${new URLSearchParams({ client })}` : "";
    history.replaceState(null, "", location.pathname + location.search + hash);
  }

  async function reset() {
    await takeLatest(setBehaviour({}, client).then(() => readBehaviour(client)));
    report(null);
  }

  // What the form shows, for one call; without a failure, the first one that the contract has.
  async function failOnce() {
    const found = await readBehaviour(client);
    const isFailing = ["code", "example", "fault"].some((name) => found.behaviour[name] !== undefined);
    if (isFailing || ![undefined, fallback].includes(found.behaviour.scenario)) return change({ times: 1 });
    const scenario = offered.scenarios[1] && { scenario: offered.scenarios[1].name };
    const steps = found.behaviour.sequence;
    if (steps) return change({ sequence: [scenario?.scenario ?? { fault: "reset" }, ...steps.slice(steps.length - found.left)] });
    const failing = offered.examples.find((each) => each.status >= 400);
    const choices = [scenario, failing && { example: failing.name }, { code: 500 }, { fault: "reset" }].filter(Boolean);
    for (const [number, choice] of choices.entries()) {
      try {
        return await takeLatest(setBehaviour({ ...edited(found.behaviour, found.left, choice, fallback), times: 1 }, client));
      } catch (error) {
        if (number === choices.length - 1) throw error;
      }
    }
  }

  const onChange = (id, read) => $(id).addEventListener("change", guard(async () => {
    const text = $(id).value.trim();
    // In the language of the page, before the mock says it in English.
    if (text && isValid[id]?.(text) === false) throw new Error(word(`invalid_${id}`));
    return change(read(text));
  }));
  onChange("scenario", (scenario) => ({ scenario }));
  onChange("code", (code) => ({ code: code && Number(code) }));
  onChange("delay", (delay) => ({ delay: Number(delay) === 0 ? "" : parsedDelay(delay) }));
  onChange("times", (times) => ({ times: times && Number(times) }));
  $("client").addEventListener("change", guard(async () => {
    await setClient($("client").value);
    keepClient();
  }));
  $("add-step").addEventListener("click", () => change({ sequence: [...(behaviour?.sequence ?? []), chosenStep()] }));
  $("once").addEventListener("click", guard(failOnce));
  $("reset").addEventListener("click", guard(reset));
  $("copy-link").addEventListener("click", guard(() => copy(linkOf(current(), client)).then(announce)));
  $("copy-curl").addEventListener("click", guard(() => copy($("curl").textContent).then(announce)));
  $("behaviour").addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", guard(applyPreset));
  document.addEventListener("languagechange", fillOptions);
  fillOptions();

  return {
    reload: guard(reload),
    reset: guard(reset),
    setOperation({ id, method, path }, faults) {
      operation = `${method} ${path}`;
      ofOperation = faults.map((each) => ({ ...each, section: id }));
      fillFaults();
    },
    applyPreset: guard(applyPreset),
    choose: (scenario) => change({ scenario }),
    // An event of the stream. A client without a behaviour of its own has that of all clients.
    update(event) {
      if (event.client === client && !client) take(event);
      else if (event.client === client || !event.client) reloadSoon();
    },
  };
}
