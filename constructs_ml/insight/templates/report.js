"use strict";
const picture = document.getElementById("picture");
const svg = picture && picture.querySelector("svg");
const nodes = svg ? [...svg.querySelectorAll(".cml-node")] : [];
const details = document.getElementById("details");
const hint = document.getElementById("hint");
const narrow = matchMedia("(max-width: 64rem)");
let chosen = "", origin = null;

// A small graph fits the page; a large one is shown at a scale at which it can be read, and scrolls.
function fit() {
    if (!svg) return;
    const room = picture.clientWidth - 4, width = Number(picture.dataset.width);
    svg.style.width = `${Math.min(width, Math.max(room, Number(picture.dataset.least)))}px`;
}

// The start of a large graph, or the state that failed, is in sight.
function show(node) {
    if (!node) return;
    const box = node.getBoundingClientRect(), around = picture.getBoundingClientRect();
    picture.scrollLeft += box.left + box.width / 2 - around.left - picture.clientWidth / 2;
    picture.scrollTop += Math.max(0, box.bottom - around.top - picture.clientHeight / 2);
}

function choose(id, from) {
    const panel = id && document.getElementById(`d-${id}`);
    if (!panel) id = "";
    if (chosen) document.getElementById(`d-${chosen}`).hidden = true;
    if (panel) panel.hidden = false;
    hint.hidden = Boolean(panel);
    chosen = id;
    details.scrollTop = 0;
    if (panel) panel.querySelectorAll("pre.log").forEach(log => { log.scrollTop = log.scrollHeight; });
    nodes.forEach(node => node.setAttribute("aria-pressed", String(node.dataset.node === id)));
    document.querySelectorAll(".row").forEach(row => {
        const meant = from && from.matches(".row") ? row === from : row.dataset.state === id;
        if (id && meant) row.setAttribute("aria-current", "true");
        else row.removeAttribute("aria-current");
    });
    return panel;
}

// Opens the panel of a state; by keyboard the reader goes on in the panel, and comes back by Escape.
function open(id, from, read) {
    const panel = choose(id, from);
    if (!panel) return;
    const visits = [...panel.querySelectorAll("details.visit")];
    const visit = visits.find(each => each.dataset.visit === from.dataset.visit);
    if (visit) visits.forEach(each => { each.open = each === visit; });
    origin = from;
    if (read) panel.focus({preventScroll: !narrow.matches});
    if (narrow.matches) panel.scrollIntoView({block: "start"});
}

nodes.forEach((node, at) => {
    node.addEventListener("click", event => {
        event.stopPropagation();
        open(node.dataset.node, node, false);
    });
    node.addEventListener("keydown", event => {
        const steps = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1};
        let next = null;
        if (event.key in steps) next = nodes[at + steps[event.key]];
        else if (event.key === "Home") next = nodes[0];
        else if (event.key === "End") next = nodes[nodes.length - 1];
        else if (event.key === "Enter" || event.key === " ") open(node.dataset.node, node, true);
        else return;
        if (next) {
            next.focus({preventScroll: true});
            next.scrollIntoView({block: "nearest", inline: "nearest"});
        }
        event.stopPropagation();
        event.preventDefault();
    });
});
document.addEventListener("click", event => {
    const link = event.target.closest("a[data-state]");
    if (!link) return;
    event.preventDefault();
    open(link.dataset.state, link, event.detail === 0);
});
details.addEventListener("keydown", event => {
    if (event.key !== "Escape" || !origin) return;
    event.preventDefault();
    origin.focus();
});
addEventListener("resize", fit);
fit();
const first = document.querySelector("a.go");
if (first) choose(first.dataset.state);
show((first && document.getElementById(first.dataset.state)) || nodes[0]);
