export class BlocksTab {
	static key = "blocks";
	static label = () => __("Blocks", null, "Planning");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
	}

	async show() {}

	async refresh() {}
}
