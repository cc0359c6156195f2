// Objective and bound of a run over time, coming together; with the same as a table for who cannot see it.
//
// const chart = new Chart(); chart.root; chart.show(points, {limit, done}); points: {seconds, objective, bound, placed}

import { el, number } from "../../offers/dom.js";

const [WIDTH, HEIGHT] = [640, 240];
const MARGIN = { left: 8, right: 132, top: 14, bottom: 26 };
const ROWS = 12;
const NS = "http://www.w3.org/2000/svg";

export class Chart {
	constructor() {
		this.svg = svg("svg", {
			viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
			role: "img",
			class: "oa-runs-chart-svg",
			preserveAspectRatio: "xMidYMid meet",
		});
		this.table = el("div", { class: "table-responsive", tabindex: "0", role: "region" });
		this.table.setAttribute("aria-label", __("Progress as a table"));
		this.root = el(
			"figure",
			{ class: "oa-runs-chart" },
			this.svg,
			el("details", {}, el("summary", { text: __("As a table") }), this.table)
		);
	}

	show(points, { limit, done = false }) {
		const known = points.filter((point) => point.objective != null);
		this.svg.replaceChildren();
		const last = known.at(-1);
		this.svg.setAttribute(
			"aria-label",
			last
				? __("Best schedule so far: {0}. None can be below {1}. After {2} seconds.", [
						whole(last.objective),
						whole(last.bound),
						whole(last.seconds),
					])
				: __("There is no schedule yet.")
		);
		if (last) this.draw(known, done ? last.seconds : Math.max(limit || 0, last.seconds));
		this.draw_table(known);
	}

	draw(points, until) {
		const last = points.at(-1);
		const gap = Math.max(last.objective - last.bound, last.objective * 0.004, 1);
		// What happened in the first moments would flatten all that follows.
		const top = Math.min(Math.max(...points.map((point) => point.objective)), last.objective + 4 * gap);
		// A bound of 0 says that nothing has been proven yet.
		const bottom = last.bound
			? Math.max(Math.min(...points.map((point) => point.bound)), last.bound - 4 * gap)
			: last.objective * 0.9;
		const [wide, high] = [WIDTH - MARGIN.left - MARGIN.right, HEIGHT - MARGIN.top - MARGIN.bottom];
		const x = (seconds) => MARGIN.left + (wide * seconds) / Math.max(until, 1);
		const y = (value) =>
			MARGIN.top +
			(high * (top - Math.min(top, Math.max(bottom, value)))) / Math.max(top - bottom, 1e-9);
		this.axis(x, until, HEIGHT - MARGIN.bottom);
		this.line(points, x, (point) => y(point.objective), "oa-runs-line-objective");
		this.line(points, x, (point) => y(point.bound), "oa-runs-line-bound");
		const at = x(last.seconds);
		let [high_label, low_label] = [y(last.objective), y(last.bound)];
		// Labels that would lie upon each other move apart.
		if (low_label - high_label < 30) [high_label, low_label] = [high_label - 8, high_label + 24];
		this.label(at, high_label, __("best so far"), whole(last.objective), "oa-runs-label-objective");
		const [name, value] = last.bound
			? [__("not below"), whole(last.bound)]
			: [__("nothing proven"), __("yet", null, "Schedule Run")];
		this.label(at, low_label, name, value, "oa-runs-label-bound");
	}

	axis(x, until, at) {
		this.svg.append(
			svg("line", { x1: x(0), x2: x(until), y1: at, y2: at, class: "oa-runs-axis" }),
			...[0, 0.5, 1].map((share) => {
				const text = svg("text", {
					x: x(until * share),
					y: at + 17,
					class: "oa-runs-tick",
					"text-anchor": share === 0 ? "start" : share === 1 ? "end" : "middle",
				});
				text.textContent = __("{0} s", [whole(until * share)]);
				return text;
			})
		);
	}

	// Both change in steps.
	line(points, x, y, css) {
		let path = "";
		let before = null;
		for (const point of points) {
			const [at, to] = [x(point.seconds).toFixed(1), y(point).toFixed(1)];
			path += before == null ? `M${at},${to}` : `H${at}V${to}`;
			before = to;
		}
		this.svg.append(svg("path", { d: path, class: `oa-runs-line ${css}` }));
	}

	label(x, y, name, value, css) {
		const text = svg("text", { x: x + 8, y: Math.max(12, Math.min(HEIGHT - 34, y)), class: css });
		const [first, second] = [svg("tspan", {}), svg("tspan", { x: x + 8, dy: 14 })];
		first.textContent = name;
		second.textContent = value;
		text.append(first, second);
		this.svg.append(text);
	}

	draw_table(points) {
		const step = Math.max(1, Math.ceil(points.length / ROWS));
		const rows = points.filter((_, i) => i % step === 0 || i === points.length - 1);
		const head = [__("Seconds"), __("Best so far"), __("Not below"), __("Placed")];
		this.table.replaceChildren(
			el(
				"table",
				{ class: "table table-sm" },
				el("thead", {}, el("tr", {}, ...head.map((text) => el("th", { scope: "col", text })))),
				el(
					"tbody",
					{},
					...rows.map((point) =>
						el(
							"tr",
							{},
							...[point.seconds, point.objective, point.bound, point.placed].map((value) =>
								el("td", { text: whole(value) })
							)
						)
					)
				)
			)
		);
	}
}

const whole = (value) => number(Math.round(value || 0));

function svg(tag, attributes) {
	const element = document.createElementNS(NS, tag);
	for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
	return element;
}
