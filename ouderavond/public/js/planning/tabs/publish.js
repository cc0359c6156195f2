export class PublishTab {
	static key = "publish";
	static label = () => __("Publish", null, "Planning");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
	}

	async show() {}

	async refresh() {}
}
