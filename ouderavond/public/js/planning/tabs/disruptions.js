export class DisruptionsTab {
	static key = "disruptions";
	static label = () => __("Something Happened", null, "Planning");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
	}

	async show() {}

	async refresh() {}
}
