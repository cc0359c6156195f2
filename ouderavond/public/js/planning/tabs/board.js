export class BoardTab {
	static key = "board";
	static label = () => __("Board", null, "Planning");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
	}

	async show() {}

	async refresh() {}
}
