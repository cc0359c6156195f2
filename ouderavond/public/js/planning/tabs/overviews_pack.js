// The outage pack: what it is, the packs that are there, and making one now.

import { el, number } from "../../offers/dom.js";
import { carry_out } from "../../offers/work.js";
import { hand_over } from "./overviews_files.js";

export class Pack {
	constructor(page, packs) {
		this.page = page;
		this.list = el("ul", { class: "oa-overviews-packs" });
		this.said = el("p", { role: "status", class: "text-muted" });
		this.button = el("button", {
			type: "button",
			class: "btn btn-default btn-sm",
			text: __("Make Outage Pack"),
			on: { click: () => this.make() },
		});
		this.root = el(
			"section",
			{ class: "oa-overviews-pack", "aria-label": __("Outage Pack") },
			el("h2", { text: __("Outage Pack") }),
			el("p", {
				class: "text-muted",
				text: __(
					"All sheets and a roster that opens without a network, for when this site cannot be reached. It is made by itself on the morning of the evening and deleted after 14 days. Keep it on a stick."
				),
			}),
			this.button,
			this.said,
			this.list
		);
		this.fill(packs);
	}

	fill(packs) {
		this.list.replaceChildren(...packs.map((pack) => this.line(pack)));
	}

	line({ url, name, made, expires, kilobytes }) {
		return el(
			"li",
			{},
			el("a", { href: url, download: name, text: made }),
			el("span", {
				class: "text-muted",
				text: ` ${__("{0} KB, until {1}", [number(kilobytes), expires])}`,
			})
		);
	}

	async make() {
		if (this.busy) return;
		this.busy = true;
		this.said.textContent = __("The pack is being made…");
		try {
			const options = { progress_title: __("Making the outage pack") };
			const { more } = await carry_out(this.page, "overviews.pack", {}, options);
			this.said.textContent = more.problems.join(" ") || __("The pack is ready.");
			hand_over(more);
		} catch {
			this.said.textContent = "";
		} finally {
			this.busy = false;
		}
		await this.refresh();
	}

	async refresh() {
		const packs = await this.page.read("overviews.packs").catch(() => null);
		if (packs) this.fill(packs);
	}
}
