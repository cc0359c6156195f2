export class PlacesTab {
	static key = "places";
	static label = () => __("Who Sits Where", null, "Planning");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
	}

	async show() {}

	async refresh() {}
}
