"use strict";
const picture = document.getElementById("picture");
const svg = picture.querySelector("svg");
const nodes = [...svg.querySelectorAll(".cml-node")];
const edges = [...svg.querySelectorAll("[data-from]")];
const hint = document.getElementById("hint");
let chosen = null;

// A small picture fits the page; a large one is shown at a scale at which it can be read, and scrolls.
function fit() {
    const room = picture.clientWidth - 16;
    const width = Math.min(Number(picture.dataset.width), Math.max(room, Number(picture.dataset.least)));
    svg.style.width = `${width}px`;
}

function choose(node) {
    if (chosen === node) return;
    for (const [each, on] of [[chosen, false], [node, true]]) {
        if (!each) continue;
        each.setAttribute("aria-pressed", String(on));
        document.getElementById(`d-${each.dataset.node}`).hidden = !on;
    }
    chosen = node;
    hint.hidden = Boolean(node);
    const id = node && node.dataset.node;
    edges.forEach(edge => edge.classList.toggle("cml-lit", Boolean(id) && (edge.dataset.from === id || edge.dataset.to === id)));
}

function go(node) {
    node.focus({preventScroll: true});
    node.scrollIntoView({block: "nearest", inline: "nearest"});
    choose(node);
}

document.querySelectorAll("section.state").forEach(section => { section.hidden = true; });
nodes.forEach((node, at) => {
    node.addEventListener("focus", () => choose(node));
    node.addEventListener("click", event => {
        event.stopPropagation();
        go(node);
    });
    node.addEventListener("keydown", event => {
        const steps = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1};
        if (event.key in steps) {
            const next = nodes[at + steps[event.key]];
            if (next) go(next);
        } else if (event.key === "Home" || event.key === "End") {
            go(nodes[event.key === "Home" ? 0 : nodes.length - 1]);
        } else if (event.key === "Enter" || event.key === " ") {
            choose(node);
        } else if (event.key === "Escape") {
            choose(null);
            node.blur();
        } else {
            return;
        }
        event.stopPropagation();
        event.preventDefault();
    });
});
document.getElementById("details").addEventListener("click", event => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    go(document.getElementById(link.getAttribute("href").slice(1)));
});
addEventListener("resize", fit);
fit();
// A picture that is wider than its place begins at its first state.
const first = nodes.length ? nodes[0].getBoundingClientRect() : null;
if (first) picture.scrollLeft = first.left + first.width / 2 - picture.getBoundingClientRect().left - picture.clientWidth / 2;
