export class OverviewsTab {
	static key = "overviews";
	static label = () => __("Overviews", null, "Planning");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
	}

	async show() {}

	async refresh() {}
}
