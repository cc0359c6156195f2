// Overviews: one of them on the screen, for a part of the evening, and as a file; and the outage pack.

import { el } from "../../offers/dom.js";
import { Table } from "../../offers/table.js";
import { Choosing } from "./overviews_choosing.js";
import { Files } from "./overviews_files.js";
import { Pack } from "./overviews_pack.js";

export class OverviewsTab {
	static key = "overviews";
	static label = () => __("Overviews", null, "Planning");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
	}

	/** The address may name an overview: …/overviews/logins. */
	async show([key] = []) {
		if (!this.info) await this.start();
		const wanted = this.info.kinds.find((kind) => kind.key === key) || this.kind || this.info.kinds[0];
		if (wanted !== this.kind) await this.choose(wanted);
	}

	async start() {
		this.info = await this.page.read("overviews.start");
		this.list = el("ul", { class: "oa-overviews-list", "aria-label": __("Kinds of overviews") });
		this.list.append(...this.info.kinds.map((kind) => el("li", {}, this.link(kind))));
		this.about = el("p", { class: "oa-overviews-about" });
		this.choosing = new Choosing(this.page, this.info.choices, () => this.read());
		this.files = new Files(this.page, this.info.letter_heads, () => this.asked());
		this.holder = el("div");
		this.pack = new Pack(this.page, this.info.packs);
		this.parent.append(
			el(
				"div",
				{ class: "oa-overviews" },
				el("nav", { "aria-label": __("Overviews", null, "Planning") }, this.list, this.pack.root),
				el("section", {}, this.about, this.choosing.root, this.files.root, this.holder)
			)
		);
	}

	link(kind) {
		return el("button", {
			type: "button",
			class: "oa-overviews-kind",
			text: kind.label,
			data: { kind: kind.key },
			on: { click: () => this.page.go("overviews", kind.key) },
		});
	}

	async choose(kind) {
		this.kind = kind;
		for (const button of this.list.querySelectorAll("button")) {
			if (button.dataset.kind === kind.key) button.setAttribute("aria-current", "page");
			else button.removeAttribute("aria-current");
		}
		this.about.textContent = kind.about;
		this.choosing.show(kind);
		await this.read();
	}

	/** What was chosen, as the server takes it. */
	asked() {
		return { kind: this.kind.key, filters: JSON.stringify(this.choosing.values) };
	}

	/** Show the rows for what is chosen: the columns follow from it. */
	async read() {
		const asked = this.asked();
		const first = await this.page.read("overviews.read", { ...asked, length: 1 }).catch(() => null);
		if (!first || JSON.stringify(asked) !== JSON.stringify(this.asked())) return;
		this.holder.replaceChildren();
		this.table = new Table({
			parent: this.holder,
			label: this.kind.label,
			row_key: "key",
			columns: first.columns.map((column) => ({ ...column, numeric: column.format === "number" })),
			fetch: ({ start, length, order_by }) =>
				this.page.read("overviews.read", { ...asked, start, length, order_by }),
			empty: __("There is nothing to show for what was chosen."),
		});
		await this.table.ready;
	}

	async refresh() {
		if (!this.kind) return;
		await this.table?.refresh();
		await this.pack.refresh();
	}
}
