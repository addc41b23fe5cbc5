"use strict";
/* Shows what is too long for one page: issues, tasks, stories, search. Everything is written as text, never as markup. */
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const PAGE = 50;
  const CARDS = 25;
  const STAGES = {
    new: "New", triaged: "Triaged", waiting: "Reporter asked", assigned: "Assigned",
    pull_request: "Pull request", review: "In review", merged: "Merged", closed: "Closed",
  };
  const STEPS = ["Opened", "Triaged", "Assigned", "Pull request", "Review", "Merged"];
  const GROUPS = {
    outside: "From outside", command: "Commands", task: "Tasks", failure: "Failures", effect: "Changes outside",
    assistant: "Assistants", drive: "Drive", upkeep: "Upkeep",
  };
  const byNumber = new Map(data.issues.map((issue) => [issue.number, issue]));
  const $ = (id) => document.getElementById(id);

  // Markup.
  const el = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (name === "class") made.className = value;
      else made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
    return made;
  };
  const fill = (place, ...children) => place.replaceChildren(...children.flat(Infinity).filter((child) => child));
  const words = (text) => el("bdi", {}, text);
  /** A time in a sentence stays on one line. */
  const TIME = /(\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z)?)/;
  const timed = (text) => text.split(TIME).map((part, place) => (place % 2 ? el("time", {}, part) : part));
  /** Our own sentences put names between backticks. */
  const prose = (text) => el("bdi", {}, text.split("`").map((part, place, all) => (place % 2 && place < all.length - 1 ? el("code", {}, part) : timed(place % 2 ? `\`${part}` : part))));
  const count = (number) => number.toLocaleString("en-US");
  const pad = (number) => String(number).padStart(2, "0");
  const time = (at) => {
    const date = new Date(at);
    const short = `${date.getUTCFullYear()}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())} ${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}`;
    return el("time", { datetime: date.toISOString() }, short);
  };
  const clock = (at) => el("time", { datetime: new Date(at).toISOString() }, new Date(at).toISOString().slice(11, 19));
  const span = (millis) => {
    const two = (large, a, small, b) => {
      const whole = Math.floor(millis / large), rest = Math.floor((millis % large) / small);
      return rest ? `${whole} ${a} ${rest} ${b}` : `${whole} ${a}`;
    };
    if (millis < 1e3) return "less than 1 s";
    if (millis < 6e4) return `${Math.floor(millis / 1e3)} s`;
    if (millis < 36e5) return two(6e4, "min", 1e3, "s");
    if (millis < 864e5) return two(36e5, "h", 6e4, "min");
    return two(864e5, "d", 36e5, "h");
  };
  const ago = (at) => {
    const millis = Math.max(0, data.at - at);
    const unit = [[864e5, "d"], [36e5, "h"], [6e4, "min"]].find(([size]) => millis >= size);
    const date = new Date(at).toISOString();
    return el("time", { datetime: date, title: date }, unit ? `${Math.floor(millis / unit[0])} ${unit[1]} ago` : "just now");
  };
  const dollars = (micro) => `$${(Math.ceil(micro / 1e4) / 100).toFixed(2)}`;
  const dot = (kind, key, name) => el("span", { class: "dot" }, el("span", { class: `swatch ${kind}-${key}`, "aria-hidden": "true" }), name);
  const numberOf = (subject) => { const found = /^(?:issue|pull)\/(\d+)$/.exec(subject); return found && Number(found[1]); };
  const about = (subject) => { const number = numberOf(subject); return number ? el("a", { href: `#issue-${number}`, title: byNumber.get(number)?.title }, subject) : subject; };
  const web = (address) => (/^https?:\/\/[^\s]+$/.test(address || "") ? address : null);
  const titled = (issue) => words(issue.title || "(its title is not known)");
  const marked = (text, asked) => {
    if (!asked.length) return prose(text);
    const bdi = el("bdi"), lower = text.toLowerCase();
    // Letters whose small form has another length would shift what is marked.
    if (lower.length !== text.length) { bdi.append(...timed(text)); return bdi; }
    for (let at = 0; at < text.length;) {
      let next = text.length, end = text.length;
      for (const word of asked) {
        const found = lower.indexOf(word, at);
        if (found >= 0 && found < next) { next = found; end = found + word.length; }
      }
      bdi.append(...timed(text.slice(at, next)));
      if (next < text.length) bdi.append(el("mark", {}, text.slice(next, end)));
      at = Math.max(end, next);
    }
    return bdi;
  };

  // Where one is: the section and its settings stand in the address, so that they can be kept, sent and reloaded.
  const read = () => {
    const [id, query] = location.hash.slice(1).split("?");
    return { id: id || "overview", settings: new URLSearchParams(query || "") };
  };
  const set = (changes, pressed) => {
    const { id, settings } = read();
    if (!("page" in changes)) settings.delete("page");
    for (const [name, value] of Object.entries(changes)) {
      if (value === "" || value === null || value === undefined) settings.delete(name); else settings.set(name, value);
    }
    const query = settings.toString();
    history.replaceState(null, "", `#${id}${query ? `?${query}` : ""}`);
    keeping(pressed || document.activeElement, () => show(false));
  };
  /** Where one was, one stays: what writes a control anew leaves the focus on the new one, else on what stands in for it. */
  const keeping = (held, write) => {
    const names = (held?.dataset.keep || "").split(" ");
    write();
    if (held?.isConnected && !held.disabled) return;
    for (const name of names.filter(Boolean)) {
      const all = [...document.querySelectorAll(`[data-keep~=${JSON.stringify(name)}]`)];
      const one = all.find((other) => other.dataset.keep.split(" ")[0] === name && !other.disabled && other.checkVisibility());
      if (one) { one.focus(); return; }
    }
  };
  const hay = (parts) => parts.join(" ").toLowerCase();
  const asked = (text) => (text || "").toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (text, list) => list.every((word) => text.includes(word));

  // Controls.
  const select = (name, label, options) => el("label", {}, label, el("select", { name, "data-keep": `select-${name}`, onchange: (event) => set({ [name]: event.target.value }) },
    options.map(([value, text]) => el("option", { value }, text))));
  const field = (name, label) => el("label", { class: "wide" }, el("input", { name, type: "search", placeholder: label, "aria-label": label, autocomplete: "off", oninput: (event) => set({ [name]: event.target.value }) }));
  const reflect = (place, settings, defaults = {}) => {
    for (const control of place.querySelectorAll("select, input")) {
      const value = settings.get(control.name) ?? defaults[control.name] ?? "";
      if (control.value !== value) control.value = value;
    }
    for (const button of place.querySelectorAll(".seg button")) {
      button.setAttribute("aria-pressed", String((settings.get(button.dataset.name) ?? defaults[button.dataset.name]) === button.value));
    }
  };
  const pager = (page, all) => {
    const last = Math.max(0, Math.ceil(all / PAGE) - 1);
    if (last === 0) return null;
    const go = (to, text, keep) => el("button", { type: "button", disabled: to < 0 || to > last, "data-keep": keep, onclick: (event) => set({ page: to || "" }, event.currentTarget) }, text);
    const told = el("span", { role: "status" }, `${count(page * PAGE + 1)} to ${count(Math.min(all, (page + 1) * PAGE))} of ${count(all)}`);
    return el("p", { class: "pager" }, go(page - 1, "Previous", "previous next"), told, go(page + 1, "Next", "next previous"));
  };
  const pageOf = (settings, all) => Math.min(Math.max(0, Number(settings.get("page")) || 0), Math.max(0, Math.ceil(all / PAGE) - 1));

  /** A table whose columns are [key, name, class, cell, sorted by]; sorted and paged by the settings. */
  const table = (caption, columns, rows, settings, order) => {
    const [key, way] = (settings.get("sort") || order).split(":");
    const by = columns.find((column) => column[0] === key && column[4])?.[4];
    const sorted = by ? rows.slice().sort((a, b) => {
      const [x, y] = [by(a), by(b)];
      return (x < y ? -1 : x > y ? 1 : 0) * (way === "down" ? -1 : 1);
    }) : rows;
    const page = pageOf(settings, rows.length);
    const head = columns.map(([name, text, kind, , sort]) => {
      const is = name === key && sort;
      const next = is && way !== "down" ? "down" : "up";
      return el("th", { scope: "col", class: kind, "aria-sort": is ? (way === "down" ? "descending" : "ascending") : null },
        sort ? el("button", { type: "button", onclick: (event) => set({ sort: `${name}:${next}` }, event.currentTarget), "data-sort": name, "data-keep": `sort-${name}` }, text) : text);
    });
    const body = sorted.slice(page * PAGE, (page + 1) * PAGE).map((row) => el("tr", {}, columns.map(([, , kind, cell]) => el("td", { class: kind }, cell(row)))));
    return [
      el("div", { class: "scroll-x" }, el("table", {}, el("caption", {}, caption), el("thead", {}, el("tr", {}, head)), el("tbody", {}, body))),
      pager(page, rows.length),
    ];
  };

  // Issues.
  const most = (lists) => {
    const counts = new Map();
    for (const name of lists.flat()) counts.set(name, (counts.get(name) || 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1]).slice(0, 60).map(([name, number]) => [name, `${name} (${count(number)})`]);
  };
  const hays = new Map();
  const hayOf = (issue) => {
    let found = hays.get(issue.number);
    if (found === undefined) {
      found = hay([`#${issue.number}`, issue.title, issue.author, ...issue.labels, ...issue.assignees, issue.finding || "", issue.urgency || ""]);
      hays.set(issue.number, found);
    }
    return found;
  };
  const flags = (issue) => [
    issue.dead ? el("span", { class: "flag" }, issue.dead === 1 ? "1 dead letter" : `${issue.dead} dead letters`) : null,
    issue.paused !== null ? el("span", { class: "flag" }, "paused") : null,
  ].filter(Boolean);
  /** Several, with something between them. */
  const joined = (parts, between) => parts.filter(Boolean).map((part, place) => [place ? between : null, part]);
  const labels = (issue) => issue.labels.map((label) => el("span", { class: "label" }, words(label)));
  const issueColumns = [
    ["number", "number", "", (issue) => el("span", { class: "id" }, `${issue.is_pull ? "PR " : ""}#${issue.number}`), (issue) => issue.number],
    ["title", "title", "title", (issue) => [el("a", { href: `#issue-${issue.number}`, class: "go" }, titled(issue)), " ", flags(issue).map((flag) => [flag, " "]), labels(issue)], (issue) => issue.title.toLowerCase()],
    ["stage", "state", "", (issue) => dot("stage", issue.stage, STAGES[issue.stage]), (issue) => Object.keys(STAGES).indexOf(issue.stage)],
    ["finding", "found to be", "", (issue) => [issue.finding, issue.urgency].filter(Boolean).join(", ") || "–", (issue) => issue.finding || "~"],
    ["assignees", "assigned", "", (issue) => issue.assignees.map((name, place) => [place ? ", " : null, words(name)]), (issue) => issue.assignees[0]?.toLowerCase() ?? "~"],
    ["cost", "cost", "number", (issue) => (issue.micro_dollars ? dollars(issue.micro_dollars) : "–"), (issue) => issue.micro_dollars],
    ["updated", "heard of", "number", (issue) => ago(issue.updated), (issue) => issue.updated],
  ];
  const card = (issue) => el("li", { class: "card" },
    el("a", { href: `#issue-${issue.number}`, class: "go" }, el("span", { class: "id" }, `#${issue.number} `), titled(issue)),
    el("p", {}, joined([...flags(issue), issue.urgency === "high" || issue.urgency === "critical" ? issue.urgency : null, issue.assignees[0] ? ["for ", words(issue.assignees[0])] : ["by ", words(issue.author || "–")], ago(issue.updated)], " · ")));
  const column = (stage, issues) => {
    const list = el("ul", {});
    let shown = 0;
    const more = el("button", { type: "button", class: "more", onclick: () => grow(true) });
    const grow = (focus) => {
      const next = issues.slice(shown, shown + CARDS).map(card);
      list.append(...next);
      shown += next.length;
      more.hidden = shown >= issues.length;
      more.textContent = `${count(Math.min(CARDS, issues.length - shown))} more of ${count(issues.length - shown)}`;
      if (focus) next[0]?.querySelector("a").focus();
    };
    grow(false);
    return el("div", { class: issues.length ? "column" : "column empty" }, el("h3", {}, dot("stage", stage, STAGES[stage]), el("span", { class: "count" }, count(issues.length))), list, more);
  };
  const board = $("board");
  const boardDefaults = { is: "issues", view: "board" };
  const boardResult = el("div", {});
  const boardSummary = el("p", { class: "summary", role: "status" });
  const viewButton = (value, text) => el("button", { type: "button", value, "data-name": "view", onclick: () => set({ view: value }) }, text);
  fill(board, el("div", { class: "filters" },
    field("q", "Filter by number, title, person, label"),
    select("is", "Show", [["issues", "issues"], ["pulls", "pull requests"], ["all", "both"]]),
    select("stage", "State", [["", "any"], ["open", "open"], ...Object.entries(STAGES)]),
    select("finding", "Type", [["", "any"], ["bug", "bug"], ["feature", "feature"], ["question", "question"], ["documentation", "documentation"]]),
    select("label", "Label", [["", "any"], ...most(data.issues.map((issue) => issue.labels))]),
    select("who", "Assigned", [["", "anybody or nobody"], ["-", "nobody"], ...most(data.issues.map((issue) => issue.assignees))]),
    select("flag", "Only", [["", "–"], ["dead", "with dead letters"], ["paused", "paused"]]),
    el("span", { class: "seg", role: "group", "aria-label": "View" }, viewButton("board", "Board"), viewButton("table", "Table"))), boardSummary, boardResult);
  const chosen = (settings) => {
    const list = asked(settings.get("q"));
    const [is, stage, finding, label, who, flag] = ["is", "stage", "finding", "label", "who", "flag"].map((name) => settings.get(name) ?? boardDefaults[name] ?? "");
    const isOpen = (issue) => issue.stage !== "merged" && issue.stage !== "closed";
    return data.issues.filter((issue) => (is === "all" || issue.is_pull === (is === "pulls"))
      && (!stage || (stage === "open" ? isOpen(issue) : issue.stage === stage))
      && (!finding || issue.finding === finding)
      && (!label || issue.labels.includes(label))
      && (!who || (who === "-" ? !issue.assignees.length : issue.assignees.includes(who)))
      && (!flag || (flag === "dead" ? issue.dead > 0 : issue.paused !== null))
      && matches(hayOf(issue), list));
  };
  const showBoard = (settings) => {
    reflect(board, settings, boardDefaults);
    const found = chosen(settings);
    boardSummary.textContent = `${count(found.length)} of ${count(data.issues.length)} issues and pull requests`;
    if ((settings.get("view") ?? "board") === "table") {
      fill(boardResult, table("Issues and pull requests", issueColumns, found, settings, "updated:down"));
      return;
    }
    const stages = new Map(Object.keys(STAGES).map((stage) => [stage, []]));
    for (const issue of found) stages.get(issue.stage).push(issue);
    const columns = [...stages].filter(([stage, issues]) => issues.length || (stage !== "merged" && stage !== "closed")).map(([stage, issues]) => column(stage, issues));
    fill(boardResult, el("div", { class: "columns", role: "region", tabindex: "0", "aria-label": "Issues by state" }, columns));
  };

  // Tasks.
  const taskColumns = [
    ["status", "status", "", (task) => dot("status", task.wait || task.status, task.wait || task.status), (task) => task.wait || task.status],
    ["kind", "kind", "", (task) => task.kind, (task) => task.kind],
    ["subject", "about", "", (task) => about(task.subject), (task) => numberOf(task.subject) ?? -1],
    ["attempts", "attempts", "number", (task) => `${task.attempts} of ${task.max_attempts}`, (task) => task.attempts],
    ["priority", "priority", "number", (task) => String(task.priority), (task) => task.priority],
    ["detail", "how it stands", "title", (task) => prose(task.detail), null],
    ["reason", "why it is there", "title", (task) => prose(task.reason), null],
    ["task", "task", "", (task) => el("code", {}, task.task), null],
  ];
  const tasks = $("tasks");
  const tasksResult = el("div", {});
  const kinds = [...new Set(data.board.tasks.map((task) => task.kind))].sort().map((kind) => [kind, kind]);
  fill(tasks, el("div", { class: "filters" }, field("q", "Filter tasks"),
    select("status", "Status", [["", "any"], ...["running", "pending", "failed", "completed", "cancelled"].map((status) => [status, status])]),
    select("kind", "Kind", [["", "any"], ...kinds])), tasksResult);
  const showTasks = (settings) => {
    reflect(tasks, settings);
    const list = asked(settings.get("q")), [status, kind] = [settings.get("status"), settings.get("kind")];
    const found = data.board.tasks.filter((task) => (!status || task.status === status) && (!kind || task.kind === kind)
      && matches(hay([task.task, task.kind, task.subject, task.status, task.detail, task.reason]), list));
    fill(tasksResult, found.length ? table("Tasks that the queue knows, as of automata status", taskColumns, found, settings, "") : el("p", { class: "none" }, "No task is like that."));
  };

  // Stories.
  const firstEvent = data.lines.length ? data.lines[0][0] : 0;
  const lineAt = (event) => data.lines[event - firstEvent];
  const line = ([event, at, group, subject, text], list, plain) => el("li", { class: `line group-${group}` }, plain ? clock(at) : time(at),
    el("span", { class: "what" }, marked(text, list)), el("span", { class: "about", title: `event ${event}` }, plain ? `event ${event}` : about(subject)));
  const story = $("story");
  const showStory = (number, settings) => {
    const issue = byNumber.get(number);
    if (!issue) {
      $("issue-h").textContent = `#${number}`;
      fill(story, el("p", { class: "none" }, `The log tells nothing of #${number}.`));
      return;
    }
    fill($("issue-h"), el("span", { class: "id" }, `${issue.is_pull ? "Pull request " : ""}#${number} `), titled(issue));
    const page = web(data.address);
    const facts = [
      ["State", joined([dot("stage", issue.stage, STAGES[issue.stage]), ...flags(issue)], " · ")],
      ["Opened by", words(issue.author || "–")],
      issue.assignees.length ? ["Assigned", issue.assignees.map((name, place) => [place ? ", " : null, words(name)])] : null,
      issue.labels.length ? ["Labels", labels(issue)] : null,
      issue.finding || issue.urgency ? ["Found to be", [issue.finding, issue.urgency && `urgency ${issue.urgency}`].filter(Boolean).join(", ")] : null,
      issue.paused !== null ? ["Paused", words(issue.paused)] : null,
      issue.pull_request ? ["Pull request", el("a", { href: `#issue-${issue.pull_request}` }, `#${issue.pull_request}`)] : null,
      issue.micro_dollars ? ["Assistants cost", dollars(issue.micro_dollars)] : null,
      ["Heard of", ago(issue.updated)],
      page ? ["On GitHub", el("a", { href: `${page.replace(/\/$/, "")}/${issue.is_pull ? "pull" : "issues"}/${number}`, rel: "noopener noreferrer" }, `#${number}`)] : null,
      ["In full", el("code", {}, `automata why ${number}`)],
    ].filter(Boolean);
    const wanted = issue.is_pull ? [0, 4, 5] : [0, 1, 2, 3, 4, 5];
    let before = null;
    const steps = wanted.map((step) => {
      const at = issue.steps[step];
      const took = at !== null && before !== null && at >= before ? `after ${span(at - before)}` : null;
      if (at !== null) before = Math.max(at, before ?? at);
      return el("li", { class: at === null ? "" : "done" }, el("b", {}, STEPS[step]), at === null ? "not yet" : [time(at), took ? el("br") : null, took]);
    });
    const own = data.board.tasks.filter((task) => numberOf(task.subject) === number);
    const group = settings.get("group") || "";
    const lines = issue.story.map(lineAt).filter((one) => one && (!group || one[2] === group));
    let day = "";
    const told = lines.map((one) => {
      const date = new Date(one[1]).toISOString().slice(0, 10);
      const head = date === day ? null : el("li", {}, el("h4", { class: "day" }, date));
      day = date;
      return [head, line(one, [], true)];
    });
    const filter = select("group", "Show", [["", "everything"], ...Object.entries(GROUPS)]);
    fill(story, el("dl", { class: "facts" }, facts.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
      el("ol", { class: "steps", "aria-label": "Steps" }, steps),
      own.length ? [el("h3", {}, "Tasks"), ...table(`Tasks about #${number} that the queue knows`, taskColumns.filter(([key]) => key !== "subject"), own, settings, "")] : null,
      el("h3", {}, "What happened"), el("div", { class: "filters" }, filter),
      issue.earlier ? el("p", { class: "none" }, `${count(issue.earlier)} older events are left out of this page.`) : null,
      told.length ? el("ol", { class: "lines" }, told) : el("p", { class: "none" }, "No event is like that."));
    reflect(story, settings);
  };

  // Search.
  const found = $("found");
  const foundResult = el("div", {});
  const foundSummary = el("p", { class: "summary", role: "status" });
  fill(found, el("div", { class: "filters" }, field("q", "Search issues, tasks, failures and events"),
    select("in", "In", [["", "everything"], ["issues", "issues"], ["tasks", "tasks"], ["failures", "failures"], ["events", "events"]]),
    select("group", "Events", [["", "of any sort"], ...Object.entries(GROUPS)]),
    select("since", "Within", [["", "any time"], ["1", "a day"], ["7", "a week"], ["30", "a month"]])), foundSummary, foundResult);
  const FEW = 8;
  const lower = [];
  const showFound = (settings) => {
    reflect(found, settings);
    const text = settings.get("q") || "", list = asked(text), where = settings.get("in") || "", group = settings.get("group");
    const since = settings.get("since") ? data.at - Number(settings.get("since")) * 864e5 : -Infinity;
    if (!list.length && !where && !group) {
      foundSummary.textContent = "";
      fill(foundResult, el("p", { class: "none" }, "Type what to look for: a number, words of a title, a person, a label, a code of a failure. All words must be there."));
      return;
    }
    const parts = [];
    const want = (name) => (!where || where === name) && (name === "events" || !group);
    if (want("issues")) {
      const hits = data.issues.filter((issue) => issue.updated >= since && matches(hayOf(issue), list));
      parts.push(["issues", "Issues and pull requests", hits, (rows) => el("ul", { class: "lines" }, rows.map((issue) => el("li", { class: "line" }, ago(issue.updated),
        el("span", { class: "what" }, el("a", { href: `#issue-${issue.number}`, class: "go" }, `#${issue.number} `, marked(issue.title, list)), " ", labels(issue)), dot("stage", issue.stage, STAGES[issue.stage]))))]);
    }
    if (want("tasks")) {
      const hits = data.board.tasks.filter((task) => matches(hay([task.task, task.kind, task.subject, task.status, task.detail, task.reason]), list));
      parts.push(["tasks", "Tasks", hits, (rows) => el("ul", { class: "lines" }, rows.map((task) => el("li", { class: "line" }, dot("status", task.wait || task.status, task.wait || task.status), el("span", { class: "what" }, marked(`${task.kind}: ${task.detail}`, list)), el("span", { class: "about" }, about(task.subject)))))]);
    }
    if (want("failures")) {
      const hits = data.failed.filter((one) => one.at >= since && matches(hay([one.code, one.kind, one.subject, one.message, one.hint || ""]), list));
      parts.push(["failures", "Failures", hits, (rows) => el("ul", { class: "lines" }, rows.map((one) => el("li", { class: "line group-failure" }, time(one.at), el("span", { class: "what" }, el("code", {}, one.code), " ", marked(one.message, list), one.hint ? [" ", marked(one.hint, list)] : null), el("span", { class: "about" }, about(one.subject)))))]);
    }
    if (want("events")) {
      const hits = [];
      for (let place = data.lines.length - 1; place >= 0; place -= 1) {
        const one = data.lines[place];
        if ((group && one[2] !== group) || one[1] < since) continue;
        if (list.length && !matches((lower[place] ??= `${one[4]} ${one[3]}`.toLowerCase()), list)) continue;
        hits.push(one);
      }
      parts.push(["events", "Events, the latest first", hits, (rows) => el("ol", { class: "lines" }, rows.map((one) => line(one, list, false)))]);
    }
    const all = parts.reduce((sum, part) => sum + part[2].length, 0);
    foundSummary.textContent = `${count(all)} found`;
    fill(foundResult, parts.filter((part) => part[2].length).map(([name, title, hits, shown]) => {
      const single = parts.length === 1, page = single ? pageOf(settings, hits.length) : 0;
      const rows = single ? hits.slice(page * PAGE, (page + 1) * PAGE) : hits.slice(0, FEW);
      const more = !single && hits.length > FEW ? el("p", {}, el("button", { type: "button", "data-keep": `all-${name} found-${name}`, onclick: (event) => set({ in: name }, event.currentTarget) }, `All ${count(hits.length)}`)) : null;
      return [el("h3", { tabindex: "-1", "data-keep": `found-${name}` }, title, el("span", { class: "count" }, ` ${count(hits.length)}`)), shown(rows), more, single ? pager(page, hits.length) : null];
    }));
  };

  // Sections.
  const sections = [...document.querySelectorAll("main > section")];
  const links = [...document.querySelectorAll("nav a")];
  let current = null;
  const show = (moved) => {
    const { id, settings } = read();
    const number = /^issue-(\d+)$/.exec(id);
    const wanted = number ? "issue" : sections.some((section) => section.id === id && id !== "issue") ? id : "overview";
    for (const section of sections) section.hidden = section.id !== wanted;
    for (const link of links) {
      if (link.hash === `#${number ? "issues" : wanted}`) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    }
    if (wanted === "issues") showBoard(settings);
    if (wanted === "queue") showTasks(settings);
    if (wanted === "issue") showStory(Number(number[1]), settings);
    if (wanted === "search") showFound(settings);
    const q = $("q");
    if (document.activeElement !== q) q.value = wanted === "search" ? settings.get("q") || "" : "";
    const place = number ? id : wanted;
    if (moved && place !== current) {
      scrollTo(0, 0);
      if (document.activeElement !== q) $(`${wanted}-h`).focus({ preventScroll: true });
    }
    current = place;
    document.title = `${$(`${wanted}-h`).textContent} · ${data.repository} · Automata`;
  };
  addEventListener("hashchange", () => show(true));
  document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); $("main").focus(); });

  // The search field of the head, and keys.
  const q = $("q");
  const ask = () => { if (read().id === "search") set({ q: q.value }); else location.hash = `#search?q=${encodeURIComponent(q.value)}`; };
  q.addEventListener("input", ask);
  $("ask").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && !typing) { event.preventDefault(); q.focus(); q.select(); return; }
    if (event.key === "Escape" && event.target === q) { q.blur(); return; }
    if (!event.target.classList?.contains("go")) return;
    const lane = event.target.closest(".column, tbody, ul");
    const rows = [...lane.querySelectorAll("a.go")], place = rows.indexOf(event.target);
    let to = { ArrowDown: rows[place + 1], ArrowUp: rows[place - 1], Home: rows[0], End: rows[rows.length - 1] }[event.key];
    if (lane.classList.contains("column") && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      const lanes = [...lane.parentElement.children].filter((other) => other.querySelector("a.go"));
      const beside = lanes[lanes.indexOf(lane) + (event.key === "ArrowRight" ? 1 : -1)];
      const others = beside ? [...beside.querySelectorAll("a.go")] : [];
      to = others[Math.min(place, others.length - 1)];
    }
    if (to) { event.preventDefault(); to.focus(); }
  });

  // Tables that stand in the page sort by the head of a column.
  for (const sortable of document.querySelectorAll("table.sortable")) {
    const heads = [...sortable.tHead.rows[0].cells];
    const value = (row, place) => {
      const cell = row.cells[place], exact = cell.querySelector("data")?.value ?? cell.querySelector("time")?.dateTime ?? cell.textContent;
      return exact !== "" && !Number.isNaN(Number(exact)) ? Number(exact) : exact;
    };
    heads.forEach((head, place) => {
      const sort = () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = sortable.tBodies[0];
        const compare = (a, b) => {
          const [x, y] = [value(a, place), value(b, place)];
          return typeof x === typeof y ? (x < y ? -1 : x > y ? 1 : 0) : typeof x === "number" ? 1 : -1;
        };
        body.append(...[...body.rows].sort((a, b) => compare(a, b) * (down ? -1 : 1)));
      };
      head.replaceChildren(el("button", { type: "button", onclick: sort }, head.textContent));
    });
  }

  // Colours.
  const theme = $("theme");
  const name = () => document.documentElement.dataset.theme || "system";
  const tellTheme = () => { theme.textContent = `Colours: ${name()}`; };
  theme.addEventListener("click", () => {
    const next = { system: "light", light: "dark", dark: "system" }[name()];
    if (next === "system") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = next;
    try { localStorage.setItem("automata-theme", next); } catch { /* Then it holds for this page. */ }
    tellTheme();
  });
  tellTheme();

  // From `automata dashboard --serve` the page looks whether there is something new. Where one was, one is again.
  const HELD = "automata-held";
  const nameOf = (one) => {
    if (one.id) return `#${CSS.escape(one.id)}`;
    if (one.dataset.keep) return `[data-keep=${JSON.stringify(one.dataset.keep)}]`;
    const link = one.getAttribute("href");
    return link ? `a[href=${JSON.stringify(link)}]` : null;
  };
  const shownOf = (name) => [...document.querySelectorAll(name)].filter((one) => one.checkVisibility());
  const reload = (held) => {
    const name = held && nameOf(held);
    try {
      if (name) sessionStorage.setItem(HELD, JSON.stringify([name, shownOf(name).indexOf(held)])); else sessionStorage.removeItem(HELD);
    } catch { /* Then the focus is lost. */ }
    location.reload();
  };
  const hold = () => {
    try {
      const [name, place] = JSON.parse(sessionStorage.getItem(HELD) || "[]");
      sessionStorage.removeItem(HELD);
      const all = name ? shownOf(name) : [];
      (all[place] || all[0])?.focus({ preventScroll: true });
    } catch { /* Nothing was kept. */ }
  };
  if (document.documentElement.dataset.live) {
    const asOf = $("as-of"), toast = $("toast");
    let before = null, next = null;
    asOf.classList.add("live");
    const look = async () => {
      clearTimeout(next);
      try {
        const answer = await fetch("sequence", { cache: "no-store" });
        const { sequence } = await answer.json();
        asOf.classList.remove("gone");
        if (sequence !== data.board.sequence) {
          const held = document.activeElement, is = held && held !== document.body;
          // What is typed would be lost, and so would a place that has no name.
          if (!is || (!/^(INPUT|SELECT)$/.test(held.tagName) && !toast.contains(held) && nameOf(held))) { reload(is ? held : null); return; }
          if (!toast.firstChild) fill(toast, "There are new events.", el("button", { type: "button", onfocus: (event) => { before = event.relatedTarget || before; }, onclick: () => reload(before || document.querySelector("main > section:not([hidden]) > h2")) }, "Show"));
        }
      } catch { asOf.classList.add("gone"); }
      next = setTimeout(look, 5000);
    };
    next = setTimeout(look, 5000);
    // Who comes back to the page sees what is new at once.
    document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  }
  show(false);
  hold();
  document.documentElement.dataset.ready = "true";
})();
