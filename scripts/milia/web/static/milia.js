// What makes the pages livelier; without it they say and do the same.
"use strict";

// dark or light: what the person chose last, else what the system says
const root = document.documentElement;
const kept = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
if (kept()) root.dataset.theme = kept();
const theme = document.querySelector(".theme");
if (theme) {
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* it lasts for this page then */ }
  });
}

// proofs open where they are asked for
document.addEventListener("click", async (event) => {
  const why = event.target.closest("a.why");
  if (!why || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const item = why.closest("li");
  const open = item && item.querySelector(".opened");
  if (!item) return;
  event.preventDefault();
  if (open) { open.remove(); why.setAttribute("aria-expanded", "false"); return; }
  try {
    const answer = await fetch(why.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const proof = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".proof");
    const box = document.createElement("div");
    box.className = "opened";
    for (const part of [...proof.children].slice(2)) box.append(document.importNode(part, true));
    item.append(box);
    why.setAttribute("aria-expanded", "true");
  } catch { location.href = why.href; }
});

// names: from the server, or on a static site from a file of all names
const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/ß/g, "ss").replace(/[^\p{L}\p{N}]+/gu, " ").trim();
let names;
const find = async (word) => {
  if (root.dataset.static === undefined) {
    const answer = await fetch(`/api/search?limit=8&name=${encodeURIComponent(word)}`);
    const said = answer.ok ? await answer.json() : {};
    return (said.things || []).map((thing) => ({ label: thing.label, alike: thing.is.startsWith("a look-alike"), to: "/" + thing.thing.replace(":", "/") }));
  }
  names ||= fetch(root.dataset.static + "search.json").then((answer) => answer.json());
  const wanted = fold(word);
  const found = (await names).filter((thing) => thing.names.some((name) => name.includes(wanted)));
  found.sort((a, b) => Number(b.names.includes(wanted)) - Number(a.names.includes(wanted)) || Number(b.milia) - Number(a.milia) || a.label.localeCompare(b.label));
  return found.map((thing) => ({ label: thing.label, alike: thing.alike, to: `${root.dataset.static}${thing.path}.html` }));
};

// the page of what was found, on a static site
const found = document.querySelector("[data-found]");
if (found && root.dataset.static !== undefined) {
  const word = new URLSearchParams(location.search).get("q") || "";
  document.querySelector(".find input").value = word;
  if (word) find(word).then((things) => {
    document.querySelector("h1").textContent = `“${word}”`;
    const list = document.createElement("ul");
    list.className = "found";
    for (const thing of things.slice(0, 60)) {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = thing.to; link.textContent = thing.label;
      item.append(link, thing.alike ? " – not milia" : "");
      list.append(item);
    }
    found.replaceChildren(things.length ? list : "Nothing here is called so.");
  });
}

// names while one writes
const field = document.querySelector(".find input");
const form = field && field.form;
if (field) {
  const list = document.createElement("ul");
  list.className = "suggestions"; list.id = "suggestions"; list.setAttribute("role", "listbox"); list.setAttribute("aria-label", "Names"); list.hidden = true;
  form.append(list);
  for (const [name, value] of [["role", "combobox"], ["aria-controls", "suggestions"], ["aria-expanded", "false"], ["aria-autocomplete", "list"]]) field.setAttribute(name, value);
  let chosen = -1, asked = 0;
  const close = () => { list.hidden = true; chosen = -1; field.setAttribute("aria-expanded", "false"); field.removeAttribute("aria-activedescendant"); };
  const show = (things) => {
    const before = chosen >= 0 ? list.children[chosen].dataset.to : "";
    list.replaceChildren(...things.map((thing, number) => {
      const item = document.createElement("li");
      item.id = `suggestion-${number}`; item.setAttribute("role", "option"); item.setAttribute("aria-selected", "false");
      item.dataset.to = thing.to;
      item.textContent = thing.label + (thing.alike ? " – not milia" : "");
      return item;
    }));
    list.hidden = !things.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    choose([...list.children].findIndex((item) => item.dataset.to === before));  // names that come late take no choice away
  };
  const choose = (number) => {
    chosen = number;
    [...list.children].forEach((item, one) => item.setAttribute("aria-selected", String(one === chosen)));
    if (chosen >= 0) field.setAttribute("aria-activedescendant", list.children[chosen].id);
    else field.removeAttribute("aria-activedescendant");
  };
  field.addEventListener("input", async () => {
    const word = field.value.trim(), mine = ++asked;
    if (word.length < 2) { close(); return; }
    await new Promise((resolve) => setTimeout(resolve, 120));  // who still writes is not asked for
    if (mine !== asked) return;
    const things = await find(word).catch(() => []);
    if (mine === asked) show(things.slice(0, 8));
  });
  field.addEventListener("keydown", (event) => {
    const items = [...list.children];
    if (event.key === "Escape") close();
    if (list.hidden || !["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) return;
    if (event.key === "Enter") { if (chosen >= 0) { event.preventDefault(); location.href = items[chosen].dataset.to; } return; }
    event.preventDefault();
    choose(event.key === "ArrowDown" ? (chosen + 1) % items.length : (chosen <= 0 ? items.length : chosen) - 1);
  });
  list.addEventListener("mousedown", (event) => { const item = event.target.closest("li"); if (item) location.href = item.dataset.to; });
  field.addEventListener("blur", close);
}
