"use strict";
// Places the boxes of a graph: reads one JSON document from the standard input, writes one to the standard output.
//
// A region is laid out by itself, the innermost first, and is then a box of its size in the region around it: dagre has no
// edges to or from clusters. Input: {dagre: text, gaps, region: {nodes: [{id, width, height, head, regions}], edges: [{from, to,
// width, height}]}}. Output: the same tree of regions with places, each relative to its region, and the boxes that dagre saw.
const input = JSON.parse(require("fs").readFileSync(0, "utf8"));
const dagre = new Function(`${input.dagre}; return dagre;`)();
const gaps = input.gaps;
let boxes = 0;
let places = 0;

// Several regions stand side by side; those that would make a box much wider than high go into further rows.
function rows(regions) {
    const area = regions.reduce((sum, region) => sum + region.width * region.height, 0);
    const widest = Math.max(...regions.map(region => region.width));
    const most = Math.max(widest, gaps.row, Math.sqrt(area) * 2);
    const found = [[]];
    let width = 0;
    for (const region of regions) {
        if (width && width + gaps.region + region.width > most) {
            found.push([]);
            width = 0;
        }
        width += (width ? gaps.region : 0) + region.width;
        found[found.length - 1].push(region);
    }
    return found;
}

// The size of a box with regions in it, and where these are in it.
function enclose(node, regions) {
    const laid = rows(regions);
    const widths = laid.map(row => row.reduce((sum, region) => sum + region.width, 0) + gaps.region * (row.length - 1));
    const inner = Math.max(node.width - 2 * gaps.inside, ...widths);
    let y = node.head;
    for (const [at, row] of laid.entries()) {
        const height = Math.max(...row.map(region => region.height));
        let x = gaps.inside + (inner - widths[at]) / 2;
        for (const region of row) {
            Object.assign(region, {x, y});
            region.high = height;
            x += region.width + gaps.region;
        }
        y += height + gaps.region;
    }
    return {width: inner + 2 * gaps.inside, height: y - gaps.region + gaps.inside};
}

// Where an edge is seen to go: its label, its first bend, or its target.
function aim(graph, edge, found) {
    return found.label ? found.label[0] : found.bends.length ? found.bends[0][0] : graph.node(edge.to).x;
}

// Of two mirrored layouts, which are equally good, the one is taken in which ways stand in the order of the definition.
function mirrored(graph, region, edges) {
    let order = 0;
    for (const [at, one] of region.edges.entries()) {
        for (const [after, other] of region.edges.entries()) {
            if (after > at && one.from === other.from && one.to !== other.to) {
                order += Math.sign(aim(graph, other, edges[after]) - aim(graph, one, edges[at]));
            }
        }
    }
    return order < 0;
}

// Leaves a margin around what is in a region.
function pad(region) {
    const move = ([x, y]) => [x + gaps.pad, y + gaps.pad];
    region.nodes.forEach(node => [node.x, node.y] = move([node.x, node.y]));
    region.edges.forEach(edge => {
        edge.bends = edge.bends.map(move);
        edge.label = edge.label && move(edge.label);
    });
    return {...region, width: region.width + 2 * gaps.pad, height: region.height + 2 * gaps.pad};
}

function place(region) {
    const graph = new dagre.graphlib.Graph({multigraph: true});
    graph.setGraph({rankdir: "TB", nodesep: gaps.node, edgesep: gaps.edge, ranksep: gaps.rank});
    graph.setDefaultEdgeLabel(() => ({}));
    const nodes = region.nodes.map(node => {
        const regions = (node.regions || []).map(place);
        const size = regions.length ? enclose(node, regions) : {width: node.width, height: node.height};
        graph.setNode(node.id, {...size});
        boxes += 1;
        return {id: node.id, ...size, regions};
    });
    region.edges.forEach((edge, at) => {
        graph.setEdge(edge.from, edge.to, {width: edge.width, height: edge.height, labelpos: "c", weight: edge.weight}, String(at));
        boxes += 1;
    });
    dagre.layout(graph);
    for (const node of nodes) {
        const {x, y} = graph.node(node.id);
        Object.assign(node, {x: x - node.width / 2, y: y - node.height / 2});
    }
    const edges = region.edges.map((edge, at) => {
        const {points, x, y} = graph.edge(edge.from, edge.to, String(at));
        const bends = edge.from === edge.to ? [] : points.slice(1, -1).map(point => [point.x, point.y]);
        places += bends.length;
        return {bends, label: edge.width ? [x, y] : null};
    });
    const {width, height} = graph.graph();
    if (mirrored(graph, region, edges)) {
        nodes.forEach(node => { node.x = width - node.x - node.width; });
        edges.forEach(edge => {
            edge.bends = edge.bends.map(([x, y]) => [width - x, y]);
            edge.label = edge.label && [width - edge.label[0], edge.label[1]];
        });
    }
    return pad({nodes, edges, width: nodes.length ? width : 0, height: nodes.length ? height : 0});
}

const region = place(input.region);
process.stdout.write(JSON.stringify({region, boxes, places}));
