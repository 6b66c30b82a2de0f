"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  let token = "";
  const say = (text) => { $("said").textContent = text; };
  const ask = async (method, path, body) => {
    const headers = { authorization: "Bearer " + token };
    if (body) headers["content-type"] = "application/json";
    const answer = await fetch("/api/v1/admin/" + path, { method, headers, cache: "no-store", body: body && JSON.stringify(body) });
    const json = await answer.json().catch(() => ({}));
    if (answer.ok) return json;
    const wrong = (json.errors || []).map((e) => e.pointer + " " + e.detail).join("; ");
    throw new Error(answer.status + ": " + (json.detail || "no answer") + (wrong ? ": " + wrong : ""));
  };
  const trying = (work) => async (event) => {
    if (event) event.preventDefault();
    say("One moment …");
    try { say((await work()) || ""); } catch (error) { say(String(error.message || error)); }
  };
  const make = (tag, text, more) => {
    const node = Object.assign(document.createElement(tag), more);
    if (text != null) node.textContent = text;
    return node;
  };
  const when = (text) => (text ? text.slice(0, 16).replace("T", " ") + " UTC" : "–");
  const word = (value) => (/^[0-9a-f]{40}$/.test(value) ? value.slice(0, 7) : typeof value === "object" ? JSON.stringify(value) : value);
  const words = (detail) => Object.entries(detail || {}).filter(([, value]) => value != null && value !== "")
    .map(([key, value]) => key + " " + word(value)).join(", ");
  const skill = (name) => {
    if (!name) return "–";
    const link = make("a");
    name.split("/").forEach((part, at) => link.append(...(at ? ["/", make("wbr"), part] : [part])));
    link.setAttribute("href", "/skills/" + name.split("/").map(encodeURIComponent).join("/") + "/security");
    return link;
  };
  const fill = (id, rows, add) => {
    const body = $(id);
    const heads = [...body.parentNode.querySelectorAll("thead th")].map((th) => th.textContent);
    if (!add) body.replaceChildren();
    for (const cells of rows) {
      const row = make("tr");
      cells.forEach((cell, at) => {
        const td = make(at ? "td" : "th");
        if (!at) td.scope = "row"; else td.dataset.label = heads[at];
        const inner = make("bdi");
        inner.append(cell == null || cell === "" ? "–" : cell);
        td.append(inner);
        row.append(td);
      });
      body.append(row);
    }
    $(id + "-none").hidden = body.rows.length > 0;
    body.parentNode.hidden = body.rows.length === 0;
  };
  const more = (id, cursor, load) => {
    const button = $(id + "-more");
    button.hidden = !cursor;
    button.onclick = trying(() => load(cursor));
  };
  const dispatches = async () => {
    const { waiting, failingScanners } = await ask("GET", "dispatches");
    fill("waiting", waiting.map((s) => [skill(s.skillName), s.provider, s.status, s.attempt, s.failures, s.error, when(s.dueAt)]));
    fill("failing", failingScanners.map((s) => [s.url, s.failures, s.error, when(s.failedAt), when(s.skipUntil)]));
  };
  const decide = (entry) => {
    if (entry.state === "withdrawn") return when(entry.withdrawnAt) + ": " + entry.withdrawnReason;
    const form = make("form", null, { className: "decide" });
    const reason = make("input", null, { required: true, maxLength: 500, placeholder: "Reason" });
    reason.setAttribute("aria-label", "Reason for " + entry.skillName);
    form.append(reason);
    const proposed = entry.state === "proposed";
    const button = (text, work) => {
      const node = make("button", text, { type: "button" });
      node.onclick = trying(async () => {
        if (!form.reportValidity()) return "A reason is needed.";
        await work();
        await entries();
        await events();
        return text + ": " + entry.skillName + ".";
      });
      form.append(node);
    };
    if (proposed) button("Confirm", () => ask("POST", "blocklist", {
      skillName: entry.skillName, sourceUrl: entry.sourceUrl || undefined, threatType: entry.threatType,
      severity: entry.severity, reason: reason.value }));
    button(proposed ? "Drop" : "Lift", () => ask("DELETE", "blocklist/" + encodeURIComponent(entry.id), { reason: reason.value, version: entry.version }));
    form.onsubmit = (event) => event.preventDefault();
    return form;
  };
  const entries = async (cursor) => {
    const list = await ask("GET", "blocklist?limit=20" + (cursor ? "&cursor=" + encodeURIComponent(cursor) : ""));
    fill("entries", list.entries.map((e) => [skill(e.skillName), e.state, e.severity,
      e.reason + (e.sourceUrl ? " (" + e.sourceUrl + ")" : "") + (e.review ? ". Clean at " + e.cleanCommitSha.slice(0, 7) + ": look again" : ""),
      e.commitSha && e.commitSha.slice(0, 7), when(e.discoveredAt), decide(e)]), cursor);
    more("entries", list.nextCursor, entries);
  };
  const events = async (cursor) => {
    const query = new URLSearchParams({ limit: 50, skill: $("find-skill").value, action: $("find-action").value });
    if (cursor) query.set("cursor", cursor);
    const list = await ask("GET", "audit-events?" + query);
    fill("events", list.events.map((e) => [when(e.at), e.actor, e.action, skill(e.skillName), words(e.detail)]), cursor);
    more("events", list.nextCursor, events);
  };
  $("key").onsubmit = trying(async () => {
    token = $("token").value.trim();
    await dispatches();
    await entries();
    await events();
    $("token").value = "";
    $("desk").hidden = $("close").hidden = false;
    return "Open.";
  });
  $("close").onclick = () => location.reload();
  $("find").onsubmit = trying(() => events());
  $("again").onsubmit = trying(async () => {
    const name = $("again-name").value.trim();
    const body = { name, force: $("again-force").checked };
    if ($("again-tool").value) body.provider = $("again-tool").value;
    const answer = await ask("POST", "scan-external", body);
    await dispatches();
    await events();
    return name + ": " + answer.scans.map((s) => s.provider + " " + s.dispatch).join(", ") + ".";
  });
})();