export class RunsTab {
	static key = "runs";
	static label = () => __("Runs", null, "Planning");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
	}

	async show() {}

	async refresh() {}
}
