"use strict";
(() => {
  const root = document.documentElement;
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  root.classList.remove("plain");
  $(".tools").hidden = false;

  // Light, dark, or as the system has it.
  const themes = ["auto", "light", "dark"];
  const button = $("#theme");
  const remembered = (value) => {
    try {
      if (value !== undefined) localStorage.setItem("paxprove-theme", value);
      return localStorage.getItem("paxprove-theme");
    } catch {
      return null;
    }
  };
  const wear = (theme) => {
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
  };
  wear(themes.includes(remembered()) ? remembered() : "auto");
  button.addEventListener("click", () => {
    const now = root.dataset.theme || "auto";
    const next = themes[(themes.indexOf(now) + 1) % themes.length];
    remembered(next);
    wear(next);
  });

  const [words, moods] = [{}, {}];
  for (const it of $("#words").content.children) {
    words[it.dataset.mark] = it.textContent;
    moods[it.dataset.mark] = it.dataset.mood;
  }
  const markOf = (leaf) => Array.from(leaf.classList).find((it) => it.startsWith("m-")).slice(2);

  // What an obligation says: a list item has the positions of its formulas only.
  const positions = (runs) => runs.split(" ").filter(Boolean).flatMap((run) => {
    const [first, last] = run.split("-").map(Number);
    return Array.from({ length: (last ?? first) - first + 1 }, (_, n) => first + n);
  });
  const prefixOf = (element) => element.closest(".module").dataset.prefix;
  const formula = (leaf, position) => document.getElementById(`${prefixOf(leaf)}t${position}`);
  const code = (leaf, position) => $("code", formula(leaf, position)).cloneNode(true);
  const hypotheses = (leaf, all) => make("ul", { class: "hyps" }, ...all.map((position) => {
    const copy = formula(leaf, position).cloneNode(true);
    return make("li", {}, ...copy.childNodes);
  }));
  const linkTo = (id) => make("a", { href: `#${encodeURIComponent(id)}` }, id);
  const fillOthers = (leaf, others) => {
    const fill = () => {
      if (others.dataset.full) return;
      others.dataset.full = "yes";
      others.append(hypotheses(leaf, positions(leaf.dataset.s.split(";")[2])));
    };
    others.addEventListener("toggle", fill);
    return others;
  };
  const othersOf = (leaf, n) =>
    fillOthers(leaf, make("details", { class: "others" }, make("summary", {}, `${n} more at hand`)));
  const ticked = (text) => text.split("`").map((part, n) => (n % 2 ? make("code", {}, part) : part));
  const bodyOf = (leaf) => {
    const [goal, used, others, source, action] = leaf.dataset.s.split(";");
    const mark = markOf(leaf);
    const { t: title, c: cost, d: detail, r: rests, b: background } = leaf.dataset;
    const fate = make("p", { class: "fate" }, make("span", { class: `word ${moods[mark]}` }, words[mark]));
    if (title) fate.append(" ", ...ticked(title));
    if (cost) fate.append(` · ${cost}`);
    if (detail) fate.append(" · ", ...ticked(detail));
    if (leaf.classList.contains("idle")) fate.append(" · not needed");
    const body = make("div", { class: "body" }, make("p", { class: "id" }, linkTo(leaf.id)), fate);
    for (const place of [source, action].filter(Boolean)) {
      const name = $("b", formula(leaf, place))?.textContent ?? "";
      body.append(make("p", { class: "source" }, make("small", {}, name), code(leaf, place)));
    }
    if (used) body.append(hypotheses(leaf, used.split(" ").map(Number)));
    body.append(make("p", { class: "goal" }, make("b", { "aria-label": "is to be proved" }, "⊢"), " ", code(leaf, goal)));
    const also = [rests && `rewritten with ${rests}`, background && `the proof also names ${background}`];
    if (rests || background) body.append(make("p", { class: "also" }, also.filter(Boolean).join("; ")));
    const n = positions(others).length;
    if (n) body.append(othersOf(leaf, n));
    return body;
  };
  const toggleOf = (leaf) => leaf.querySelector(":scope > a.n");
  const unfold = (leaf, isOpen) => {
    const details = leaf.querySelector(":scope > details");
    if (details) {
      details.open = isOpen ?? !details.open;
      return;
    }
    const body = leaf.querySelector(":scope > .body");
    const open = isOpen ?? !body;
    if (open && !body) leaf.append(bodyOf(leaf));
    if (!open && body) body.remove();
    toggleOf(leaf).setAttribute("aria-expanded", String(open));
  };
  for (const leaf of $$(".o")) {
    const toggle = toggleOf(leaf);
    if (!toggle) continue;
    toggle.setAttribute("role", "button");
    toggle.setAttribute("aria-expanded", "false");
  }
  document.addEventListener("click", (event) => {
    const toggle = event.target.closest?.(".o > a.n");
    if (!toggle || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    unfold(toggle.parentElement);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || !event.target.matches?.(".o > a.n")) return;
    event.preventDefault();
    unfold(event.target.parentElement);
  });
  for (const others of $$(".o .others")) fillOthers(others.closest(".o"), others);

  // The hash opens the way to what it names.
  const reveal = () => {
    let id = location.hash.slice(1);
    try {
      id = decodeURIComponent(id);
    } catch {
      return;
    }
    const target = id && document.getElementById(id);
    if (!target) return;
    for (let it = target.parentElement; it; it = it.parentElement) if (it.tagName === "DETAILS") it.open = true;
    if (target.tagName === "DETAILS") target.open = true;
    if (target.classList.contains("o")) unfold(target, true);
    target.scrollIntoView({ block: "start" });
    const focus = target.querySelector(":scope > a.n, :scope > details > summary, :scope > summary");
    focus?.focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#']");
    if (link && !event.defaultPrevented && link.getAttribute("href") === location.hash) reveal();
  });

  // A matrix is one stop of the tab key; arrows move within it.
  const grid = (figure) => {
    const leaves = $$(".o", figure.closest(".module"));
    const rows = $$("tbody tr", figure).map((row) => $$("td", row).map((cell) => $("a", cell)));
    const columns = $$("thead th", figure).map((it) => it.textContent);
    const names = $$("tbody th", figure);
    const hint = $(".hint", figure);
    const panel = $(".inspect", figure);
    const all = rows.flat().filter(Boolean);
    const where = new Map();
    rows.forEach((row, y) => row.forEach((cell, x) => cell && where.set(cell, [y, x])));
    const own = (cell) => positions(cell.parentElement.dataset.o).map((position) => leaves[position]);
    const markIn = (cell) => words[Array.from(cell.parentElement.classList).find((it) => it in words)];
    const tell = (cell) => {
      const [y, x] = where.get(cell);
      const n = own(cell).length;
      const cost = cell.parentElement.dataset.c;
      const parts = [`${columns[x]} × ${names[y].textContent}: ${markIn(cell)}`, cost, n > 1 && `${n} obligations`];
      return parts.filter(Boolean).join(", ");
    };
    let current = all[0];
    for (const cell of all) cell.tabIndex = -1;
    if (current) current.tabIndex = 0;
    const stand = (cell) => {
      current.tabIndex = -1;
      current = cell;
      cell.tabIndex = 0;
      cell.setAttribute("aria-label", tell(cell));
      hint.textContent = tell(cell);
    };
    const go = (y, x, dy, dx) => {
      for (; y >= 0 && x >= 0 && y < rows.length && x < columns.length; y += dy, x += dx) {
        if (rows[y][x]) {
          rows[y][x].focus();
          rows[y][x].scrollIntoView({ block: "nearest", inline: "nearest" });
          return;
        }
        if (!dy && !dx) return;
      }
    };
    const open = (cell) => {
      const [y, x] = where.get(cell);
      for (const other of all) other.removeAttribute("aria-current");
      cell.setAttribute("aria-current", "true");
      const close = make("button", { type: "button" }, "Close");
      close.addEventListener("click", () => {
        panel.hidden = true;
        cell.removeAttribute("aria-current");
        cell.focus();
      });
      const heading = make("h4", { tabindex: "-1" }, make("span", {}, `${columns[x]} × ${names[y].textContent}`), close);
      panel.replaceChildren(heading, ...own(cell).map(bodyOf));
      panel.hidden = false;
      heading.focus();
      panel.scrollIntoView({ block: "nearest" });
    };
    figure.addEventListener("focusin", (event) => where.has(event.target) && stand(event.target));
    figure.addEventListener("pointerover", (event) => where.has(event.target) && (hint.textContent = tell(event.target)));
    figure.addEventListener("click", (event) => {
      const cell = event.target.closest("td a");
      if (!cell || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      open(cell);
    });
    figure.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !panel.hidden) $("button", panel).click();
      if (!where.has(event.target) || event.altKey || event.metaKey) return;
      const [y, x] = where.get(event.target);
      const [bottom, right] = [rows.length - 1, columns.length - 1];
      const moves = {
        ArrowUp: [y - 1, x, -1, 0],
        ArrowDown: [y + 1, x, 1, 0],
        ArrowLeft: [y, x - 1, 0, -1],
        ArrowRight: [y, x + 1, 0, 1],
        Home: event.ctrlKey ? [0, 0, 0, 1] : [y, 0, 0, 1],
        End: event.ctrlKey ? [bottom, right, 0, -1] : [y, right, 0, -1],
        PageUp: [Math.max(0, y - 10), x, 1, 0],
        PageDown: [Math.min(bottom, y + 10), x, -1, 0],
        " ": null,
      };
      if (!(event.key in moves)) return;
      event.preventDefault();
      if (moves[event.key]) go(...moves[event.key]);
      else open(event.target);
    });
  };
  $$(".matrix").forEach(grid);

  // In a graph, a name shows what it is linked to; arrows move from name to name.
  const graph = (svg) => {
    const nodes = $$(".g-node", svg);
    const edges = $$(".g-edge", svg);
    const clear = () => {
      svg.classList.remove("hot");
      for (const it of [...nodes, ...edges]) it.classList.remove("g-on", "g-here", "g-in", "g-out");
    };
    const show = (node) => {
      clear();
      const own = node.dataset.node;
      const linked = new Set([own]);
      for (const edge of edges) {
        const { from, to } = edge.dataset;
        if (to === own) edge.classList.add("g-in");
        if (from === own) edge.classList.add("g-out");
        if (to === own || from === own) linked.add(from).add(to);
      }
      for (const it of nodes) it.classList.toggle("g-on", linked.has(it.dataset.node));
      node.classList.add("g-here");
      hint.textContent = node.getAttribute("aria-label").replaceAll("; ", "\n");
      svg.classList.add("hot");
    };
    let current = nodes[0];
    const hint = $(".hint", svg.closest(".beside"));
    for (const node of nodes) node.setAttribute("tabindex", node === current ? "0" : "-1");
    svg.addEventListener("pointerover", (event) => {
      const node = event.target.closest(".g-node");
      if (node) show(node);
      else if (!svg.contains(document.activeElement)) clear();
    });
    svg.addEventListener("pointerleave", () => (svg.contains(document.activeElement) ? show(current) : clear()));
    svg.addEventListener("focusin", (event) => {
      const node = event.target.closest(".g-node");
      if (!node) return;
      current.setAttribute("tabindex", "-1");
      current = node;
      node.setAttribute("tabindex", "0");
      show(node);
    });
    svg.addEventListener("focusout", clear);
    svg.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      const next = step && nodes[nodes.indexOf(current) + step];
      if (!step) return;
      event.preventDefault();
      next?.focus();
    });
  };
  $$("svg.graph").forEach(graph);

  // The filter: each of its words has to be in an obligation's id, or be what became of it.
  const filter = $("#filter");
  const found = $("#found");
  const leaves = $$(".o");
  const branches = $$(".tree details.b");
  const apply = () => {
    const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    for (const leaf of leaves) {
      const text = `${leaf.id} ${words[markOf(leaf)]}`.toLowerCase();
      const isShown = wanted.every((word) => text.includes(word));
      leaf.hidden = !isShown;
      n += Number(isShown);
    }
    for (const branch of branches.toReversed()) {
      const isShown = !wanted.length || $(".o:not([hidden])", branch) !== null;
      branch.hidden = !isShown;
      if (wanted.length) branch.open = isShown && n <= 300;
    }
    found.textContent = wanted.length ? `${n} of ${leaves.length} obligations` : "";
  };
  let waiting;
  filter.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  });
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      clearTimeout(waiting);
      apply();
      const first = leaves.find((leaf) => !leaf.hidden);
      if (first && filter.value) first.querySelector("a.n, summary").focus();
    }
    if (event.key === "Escape") {
      filter.value = "";
      apply();
      filter.blur();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.matches?.("input, textarea")) return;
    event.preventDefault();
    filter.focus();
    filter.select();
  });

  reveal();
})();
